"""The command ``softcage``: its parser and its exit status.

``softcage info`` (:mod:`softcage.cli.info`), ``softcage score`` (:mod:`softcage.cli.score`),
``softcage calibrate`` (:mod:`softcage.cli.calibrate`), ``softcage describe``
(:mod:`softcage.cli.describe`), ``softcage dynamics`` (:mod:`softcage.cli.dynamics`), ``softcage
report`` (:mod:`softcage.cli.report`), ``softcage view`` (:mod:`softcage.cli.view`), ``softcage
propensity`` (:mod:`softcage.cli.propensity`), ``softcage rank`` (:mod:`softcage.cli.rank`),
``softcage transfer`` (:mod:`softcage.cli.transfer`) and ``softcage predict``
(:mod:`softcage.cli.predict`) are for files that were made outside a study.
They report on the error stream; ``info`` prints on the standard output. A command ends either with
status 0 and complete files, or with another status, one line with the reason, and no file.

The module of a command contains its options and its function. Libraries that take seconds to import
(NumPy, Numba, pandas) are imported inside functions, so that wrong options are refused at once.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys

from softcage.cli.calibrate import add_calibrate
from softcage.cli.describe import add_describe
from softcage.cli.dynamics import add_dynamics
from softcage.cli.info import add_info
from softcage.cli.options import EXAMPLES
from softcage.cli.predict import add_predict
from softcage.cli.propensity import add_propensity
from softcage.cli.rank import add_rank
from softcage.cli.report import add_report
from softcage.cli.score import add_score
from softcage.cli.terminal import flush_output, messages, say
from softcage.cli.transfer import add_transfer
from softcage.cli.version import ShowVersion
from softcage.cli.view import add_view
from softcage.compiled.caches import NO_CACHE, drop_stale_kernels, no_compiler, use_writable_cache


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    top = argparse.ArgumentParser(
        prog="softcage",
        description="Local softness of the mean-field cage in supercooled liquids.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action=ShowVersion)
    commands = top.add_subparsers(
        dest="command",
        required=True,
        metavar="{info,score,calibrate,describe,dynamics,report,view,propensity,rank,transfer,predict}",
    )
    add_info(commands)
    add_score(commands)
    add_calibrate(commands)
    add_describe(commands)
    add_dynamics(commands)
    add_report(commands)
    add_view(commands)
    add_propensity(commands)
    add_rank(commands)
    add_transfer(commands)
    add_predict(commands)
    return top


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status: 0, 1 for an error, 2 for wrong options."""
    if sys.stderr is None:  # closed by who started this: what is said is lost, not the work
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    top = parser()
    _complete(top)
    try:
        options = top.parse_args(arguments)
    finally:  # --help ends here
        flush_output()
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:  # as nohup leaves it
            signal.signal(number, lambda number, frame: sys.exit(128 + number))
    try:
        with messages(options.quiet):
            _prepare_kernels()
            options.run(options)
    except (ValueError, OSError) as error:
        return _failed(options, " ".join(str(error).split()) + _advice(options, error))
    except ModuleNotFoundError as error:
        missing = str(error.name).partition(".")[0]
        how = f"pip install 'softcage[{options.command}]'"
        return _failed(options, f"{missing} is not installed: {how}")
    except RuntimeError as error:
        if "cannot cache function" not in str(error):
            raise
        return _failed(options, NO_CACHE)
    except MemoryError as error:
        return _failed(options, f"the memory does not suffice: {error}")
    except KeyboardInterrupt:
        say(f"softcage {options.command}: interrupted; no incomplete file was left")
        return 130
    return 0


def _complete(top: argparse.ArgumentParser) -> None:
    """Answer a shell that asks what may follow, if it does (argcomplete); this does not return."""
    if "_ARGCOMPLETE" in os.environ:
        import argcomplete

        argcomplete.autocomplete(top)


def _prepare_kernels() -> None:
    """Check, before Numba is imported, that kernels can be compiled and cached; drop stale ones."""
    if refusal := no_compiler():
        raise OSError(refusal)
    use_writable_cache()
    drop_stale_kernels()


def _advice(options: argparse.Namespace, error: Exception) -> str:
    """Return what to do about a trajectory that cannot be used, as the end of the message."""
    from softcage.io.readers.frame import NoFileError, TrajectoryError

    if options.command == "info" or not isinstance(error, TrajectoryError):
        return ""
    if isinstance(error, NoFileError):
        return ""
    join = " " if str(error).rstrip().endswith(("?", ".")) else "; "
    return f"{join}softcage info FILE says what the file holds"


def _failed(options: argparse.Namespace, reason: str) -> int:
    """Print why the command fails; return its exit status."""
    say(f"softcage {options.command}: error: {reason}")
    return 1


if __name__ == "__main__":
    sys.exit(main())

"""The command ``softcage``: its options, and how it ends.

``softcage score`` (:mod:`softcage.cli.score`), ``softcage calibrate``
(:mod:`softcage.cli.calibrate`), ``softcage view`` (:mod:`softcage.cli.view`) and ``softcage
propensity`` (:mod:`softcage.cli.propensity`) are for files that the study did not make; each says
what it does on the error stream, ends with status 0 and a whole file, or with another status, one
line that says why, and no file.
"""

from __future__ import annotations

import argparse
import math
import os
import re
import signal
import sys
import textwrap

from softcage import __version__
from softcage.defaults import BLOCKS, DELTA, HOP_WINDOW, Q_MAX, STRUCTURE_FRAMES

_EPILOG = """\
All numbers are in reduced Lennard-Jones units: lengths sigma_AA, energies epsilon_AA, k_B = 1.

examples:
  softcage score run.lammpstrj --species A=1,B=2 --temperature 0.47 --interval 0.5 \\
           --calibration results/paper --out softness.parquet
  softcage score run.dcd --top start.pdb --temperature 0.47 --interval 0.5 --out softness.csv
  softcage calibrate 0.47=cold.gsd 0.58=warm.gsd 0.80=hot.gsd --out my_calibration
  softcage view run.gsd --temperature 0.47 --calibration results/paper --frame 100
  softcage propensity isoconfig_*.npz --temperature 0.44 --out beyond
"""

_NO_CACHE = (
    "there is no folder for what Numba compiles: neither beside the library nor in ~/.cache nor in "
    "that for temporary files can anything be written. Name one that can:  "
    "export NUMBA_CACHE_DIR=FOLDER"
)


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        hint = f": write {text.replace(',', '.')}" if re.fullmatch(r"\d+,\d+", text) else ""
        raise argparse.ArgumentTypeError(f"'{text}' is not a number{hint}") from None
    if not (value > 0 and math.isfinite(value)):
        raise argparse.ArgumentTypeError(f"{text} must be greater than 0")
    return value


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' must be a whole number, at least 1")
    return int(text)


def _index(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"'{text}' must be a whole number, from 0 on")
    return int(text)


def _widths(text: str) -> list[float]:
    """Read 0.02,0.04; each width once."""
    return list(dict.fromkeys(_positive(width) for width in text.split(",")))


def _species(text: str) -> dict[str, list[str]]:
    """Read A=1,B=2; a species named twice has several labels."""
    found: dict[str, list[str]] = {}
    for pair in text.split(","):
        name, equals, label = pair.partition("=")
        if not (name and equals and label):
            raise argparse.ArgumentTypeError(f"'{text}' is not of the form A=1,B=2")
        found.setdefault(name.strip(), []).append(label.strip())
    return found


def _run_of_temperature(text: str) -> tuple[float, str]:
    temperature, _, path = text.partition("=")
    try:
        return _positive(temperature if path else ""), path
    except argparse.ArgumentTypeError:
        raise argparse.ArgumentTypeError(
            f"'{text}' is not of the form TEMPERATURE=PATH, such as 0.47=run.gsd"
        ) from None


def _file_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("what the files hold")
    group.add_argument(
        "--top",
        metavar="FILE",
        help="what the particles are, for formats that do not say (DCD, XTC, NetCDF): a structure "
        "file that mdtraj reads, a LAMMPS dump, a GSD file, or a .txt with one name a line",
    )
    group.add_argument(
        "--species",
        type=_species,
        metavar="A=1,B=2",
        help="which type or name in the files is which species of the mixture (default: they have "
        "the mixture's own names)",
    )
    group.add_argument(
        "--potential",
        metavar="FILE",
        help="YAML with the group 'mixture' of a study's configuration (default: Kob-Andersen)",
    )
    group.add_argument(
        "--length-unit",
        type=_positive,
        metavar="X",
        help="how many of the file's units of length make one sigma_AA (default: 1; mdtraj writes "
        "10 times its numbers into DCD, NetCDF and LAMMPS files: then 10)",
    )
    group.add_argument(
        "--box", type=_positive, metavar="L", help="edge of the cube, for formats without a box"
    )
    group.add_argument(
        "--whole-frames",
        action="store_true",
        help="leave out the last frame of a dump or text file that ends in the middle of it (a run "
        "that was killed)",
    )


def _line_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--q-max",
        type=_positive,
        default=Q_MAX,
        metavar="Q",
        help=f"upper limit of the wave-number integrals behind 1/S (default: {Q_MAX:g})",
    )
    parser.add_argument("--quiet", action="store_true", help="say nothing but errors")


def _scoring_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--calibration",
        metavar="PATH",
        help="the line, and r0 and r_min if it knows this temperature: folder of a study "
        "(results/paper) or of 'softcage calibrate' (default: r0 and r_min from the trajectory's "
        "own g(r), no softness)",
    )
    parser.add_argument(
        "--delta",
        type=_widths,
        default=[DELTA],
        metavar="D[,D...]",
        help="width of the Gaussian that smears a neighbour, sigma_AA; with several, as in "
        "0.02,0.04,0.09, depth and softness have a column for each, depth_0.02 and so on, for "
        f"less than the time of two (default: {DELTA:g})",
    )
    times = parser.add_mutually_exclusive_group()
    times.add_argument(
        "--interval",
        type=_positive,
        metavar="DT",
        help="time between frames, for a file without times; one that says otherwise is "
        "taken with a note (default: the times of the file)",
    )
    times.add_argument(
        "--timestep",
        type=_positive,
        metavar="DT",
        help="time of one of the file's steps, for a file without times; frames may then be "
        "unevenly spaced with --no-hops",
    )
    parser.add_argument(
        "--unwrapped",
        action=argparse.BooleanOptionalAction,
        help="positions are unwrapped, take them as they are; or they are not, whatever the file "
        "says (default: what a LAMMPS dump or GSD file says; minimum image for all others)",
    )
    parser.add_argument(
        "--hop-window",
        type=_positive,
        default=HOP_WINDOW,
        metavar="DT",
        help=f"window of p_hop, two halves of whole frames (default: {HOP_WINDOW:g})",
    )
    parser.add_argument(
        "--p-c",
        type=_positive,
        metavar="P",
        help="p_hop above which a particle rearranges (default: the mean squared displacement at "
        "the maximum of alpha_2, from the trajectory)",
    )
    parser.add_argument(
        "--no-hops",
        action="store_true",
        help="depth and softness only: frames need not be close in time",
    )
    _line_options(parser)
    _file_options(parser)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    top = argparse.ArgumentParser(
        prog="softcage",
        description="Local softness of the mean-field cage in supercooled liquids.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"softcage {__version__}")
    commands = top.add_subparsers(
        dest="command", required=True, metavar="{score,calibrate,view,propensity}"
    )
    _add_score(commands)
    _add_calibrate(commands)
    _add_view(commands)
    _add_propensity(commands)
    return top


def _add_score(commands: argparse._SubParsersAction) -> None:
    score = commands.add_parser(
        "score",
        help="depth, softness and p_hop of every particle of a trajectory, as a table",
        description=textwrap.fill(
            "Write a table with a row a frame and particle of the first species: frame, time, "
            "particle, depth (-beta Phi of its cage), softness, p_hop, rearranging. The softness "
            "needs a line 1/S = c0 + c1 beta Phi fitted over several temperatures: give "
            "--calibration, otherwise the column is empty.",
            width=90,
        ),
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    score.add_argument(
        "trajectory",
        nargs="+",
        metavar="trajectory",
        help="LAMMPS dump (plain or .gz), GSD, DCD, XTC, TRR, HDF5, NetCDF, or any other format of "
        "mdtraj; wrapped or unwrapped; several files are one run, in the order of their times or "
        "steps",
    )
    score.add_argument(
        "--temperature", type=_positive, required=True, metavar="T", help="of the run, reduced"
    )
    score.add_argument(
        "--out",
        required=True,
        metavar="FILE",
        help="table to write, .parquet or .csv, or frames with a column for each score, for OVITO "
        "and VMD: .extxyz, .gsd or .lammpstrj; appears only when complete",
    )
    score.add_argument(
        "--every", type=_count, default=1, metavar="N", help="rows of every N-th frame (default: 1)"
    )
    _scoring_options(score)
    score.set_defaults(refuse=score.error)


def _add_calibrate(commands: argparse._SubParsersAction) -> None:
    calibrate = commands.add_parser(
        "calibrate",
        help="fit the line from depth to softness to trajectories of several temperatures",
        description=textwrap.fill(
            "Fit 1/S = c0 + c1 beta Phi (Eq. 7) to the average cages of at least two "
            "temperatures and write a folder for 'softcage score --calibration'.",
            width=90,
        ),
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    calibrate.add_argument(
        "runs",
        nargs="+",
        type=_run_of_temperature,
        metavar="T=PATH",
        help="a temperature and a trajectory of it; a temperature may come several times; files "
        "that fit a pattern, as in '0.47=dump.*.gz', are one run",
    )
    calibrate.add_argument("--out", required=True, metavar="FOLDER", help="folder to write")
    calibrate.add_argument(
        "--frames",
        type=_count,
        default=STRUCTURE_FRAMES,
        metavar="N",
        help=f"frames of each trajectory used, evenly spaced (default: {STRUCTURE_FRAMES})",
    )
    calibrate.add_argument(
        "--blocks",
        type=_count,
        default=BLOCKS,
        metavar="N",
        help=f"time blocks of each trajectory, for errors (default: {BLOCKS})",
    )
    _line_options(calibrate)
    _file_options(calibrate)
    calibrate.set_defaults(refuse=calibrate.error)


def _add_view(commands: argparse._SubParsersAction) -> None:
    view = commands.add_parser(
        "view",
        help="frames and their softness as one page that turns in a browser",
        description=textwrap.fill(
            "Write one HTML file, for any browser, offline: particles coloured by their softness, "
            "lines to where those go that rearrange in the time after the frame, a slider for "
            "frames. A trajectory that 'softcage score --out scored.gsd' wrote is shown as it is; "
            "with --temperature any other is scored first, as softcage score does.",
            width=90,
        ),
    )
    view.add_argument(
        "trajectory",
        nargs="+",
        help="GSD file that softcage score wrote, or, with --temperature, whatever it reads",
    )
    view.add_argument(
        "--temperature", type=_positive, metavar="T", help="of the run: score it, then show it"
    )
    view.add_argument(
        "--frame", type=_index, default=0, metavar="K", help="the first one shown (default: 0)"
    )
    view.add_argument(
        "--frames",
        type=_count,
        default=20,
        metavar="N",
        help="so many on the slider (default: 20)",
    )
    view.add_argument(
        "--every", type=_count, default=1, metavar="N", help="every N-th frame (default: 1)"
    )
    view.add_argument(
        "--ahead",
        type=_positive,
        default=HOP_WINDOW,
        metavar="DT",
        help=f"time after a frame in which hops are shown (default: {HOP_WINDOW:g})",
    )
    view.add_argument(
        "--color",
        metavar="COLUMN",
        help="softness, depth, p_hop, or softness_0.02, ... (default: softness, or else depth)",
    )
    view.add_argument(
        "--out", metavar="FILE", help="page to write (default: the name of the file with .html)"
    )
    _scoring_options(view)
    view.set_defaults(refuse=view.error)


def _add_propensity(commands: argparse._SubParsersAction) -> None:
    propensity = commands.add_parser(
        "propensity",
        help="which structure predicts the propensity, on isoconfigurational files",
        description=textwrap.fill(
            "Write a folder with scores.csv, the correlation of every structural descriptor and "
            "learned predictor with the propensity (mean |dr| over runs from one configuration), "
            "scores.png, and coefficients.csv, what the linear ones are made of.",
            width=90,
        ),
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    propensity.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="npz file of one configuration: types, initial_positions and positions (runs, N, 3), "
        "as BOTAN and GlassBench have them, or types, positions, times and propensity (times, N)",
    )
    propensity.add_argument(
        "--temperature", type=_positive, required=True, metavar="T", help="of the runs, reduced"
    )
    propensity.add_argument("--out", required=True, metavar="FOLDER", help="folder to write")
    propensity.add_argument(
        "--unseen",
        nargs="+",
        metavar="FILE",
        help="configurations to predict by what was learned from all of the others",
    )
    propensity.add_argument(
        "--density",
        type=_positive,
        default=1.2,
        metavar="RHO",
        help="of all particles, which gives the box where a file has none (default: 1.2)",
    )
    propensity.add_argument(
        "--lengths",
        type=_widths,
        metavar="L[,L...]",
        help="lengths of the averages with exp(-r/L), sigma_AA (default: 1.5)",
    )
    propensity.add_argument(
        "--folds",
        type=_count,
        metavar="N",
        help="groups of configurations for the learned predictors (default: 5)",
    )
    propensity.add_argument("--no-learned", action="store_true", help="descriptors only")
    propensity.add_argument(
        "--calibration",
        metavar="PATH",
        help="line of a study or of 'softcage calibrate', for the softness (default: depth only)",
    )
    propensity.add_argument(
        "--potential",
        metavar="FILE",
        help="YAML with the group 'mixture' of a study's configuration (default: Kob-Andersen)",
    )
    propensity.add_argument("--quiet", action="store_true", help="say nothing but errors")
    propensity.set_defaults(refuse=propensity.error)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status: 0, 1 for an error, 2 for wrong options."""
    if sys.stderr is None:  # closed by who started this: what is said is lost, not the work
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    options = parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    try:
        _carry_out(options)
    except (ValueError, OSError) as error:
        words = " ".join(str(error).split())
        print(f"softcage {options.command}: error: {words}", file=sys.stderr)
        return 1
    except ModuleNotFoundError as error:
        missing = str(error.name).partition(".")[0]
        how = f"{missing} is not installed: pip install 'softcage[{options.command}]'"
        print(f"softcage {options.command}: error: {how}", file=sys.stderr)
        return 1
    except RuntimeError as error:
        if "cannot cache function" not in str(error):
            raise
        print(f"softcage {options.command}: error: {_NO_CACHE}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"softcage {options.command}: interrupted, nothing was written", file=sys.stderr)
        return 130
    return 0


def _carry_out(options: argparse.Namespace) -> None:
    # after the options were read: these imports take seconds
    if options.command == "score":
        from softcage.cli.score import run
    elif options.command == "calibrate":
        from softcage.cli.calibrate import run
    elif options.command == "view":
        from softcage.cli.view import run
    else:
        from softcage.cli.propensity import run
    run(options)


if __name__ == "__main__":
    sys.exit(main())

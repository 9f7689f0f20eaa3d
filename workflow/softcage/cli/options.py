"""Options that several commands share, and functions that read their values.

Only the standard library is imported here: options are read before NumPy and Numba are.
"""

from __future__ import annotations

import argparse
import math
import re
import textwrap
from collections.abc import Callable

from softcage.defaults import DELTA, HOP_WINDOW, Q_MAX

EXAMPLES = """\
All numbers are in reduced Lennard-Jones units: lengths sigma_AA, energies epsilon_AA, k_B = 1.

examples:
  softcage score run.lammpstrj --species A=1,B=2 --temperature 0.47 --interval 0.5 \\
           --calibration results/paper --out softness.parquet
  softcage score run.dcd --top start.pdb --temperature 0.47 --interval 0.5 --out softness.csv
  softcage calibrate 0.47=cold.gsd 0.58=warm.gsd 0.80=hot.gsd --out my_calibration
  softcage view run.gsd --temperature 0.47 --calibration results/paper --frame 100
  softcage propensity isoconfig_*.npz --temperature 0.44 --out beyond
"""


def add_command(
    commands: argparse._SubParsersAction,
    name: str,
    run: Callable[[argparse.Namespace], None],
    summary: str,
    description: str,
) -> argparse.ArgumentParser:
    """Add a command to those of the command line, and return its parser.

    Parameters
    ----------
    commands : argparse's list of commands
    name : str
    run : callable
        Is called with the options.
    summary : str
        One line of ``softcage --help``.
    description : str
        What the command does, for its own ``--help``.
    """
    parser = commands.add_parser(
        name,
        help=summary,
        description=textwrap.fill(description, width=90),
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run, refuse=parser.error)
    return parser


def positive_number(text: str) -> float:
    """Read a number greater than 0."""
    try:
        value = float(text)
    except ValueError:
        hint = f": write {text.replace(',', '.')}" if re.fullmatch(r"\d+,\d+", text) else ""
        raise argparse.ArgumentTypeError(f"'{text}' is not a number{hint}") from None
    if not (value > 0 and math.isfinite(value)):
        raise argparse.ArgumentTypeError(f"{text} must be greater than 0")
    return value


def positive_integer(text: str) -> int:
    """Read a whole number, at least 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' must be a whole number, at least 1")
    return int(text)


def lengths(text: str) -> list[float]:
    """Read lengths such as 0.02,0.04; each is taken once."""
    return list(dict.fromkeys(positive_number(length) for length in text.split(",")))


def _species(text: str) -> dict[str, list[str]]:
    """Read A=1,B=2; a species that is named twice has several labels."""
    found: dict[str, list[str]] = {}
    for pair in text.split(","):
        name, equals, label = pair.partition("=")
        if not (name and equals and label):
            raise argparse.ArgumentTypeError(f"'{text}' is not of the form A=1,B=2")
        found.setdefault(name.strip(), []).append(label.strip())
    return found


def add_potential_option(parser: argparse._ActionsContainer) -> None:
    """Add the mixture."""
    parser.add_argument(
        "--potential",
        metavar="FILE",
        help="YAML with the group 'mixture' of a study's configuration (default: Kob-Andersen)",
    )


def add_quiet_option(parser: argparse.ArgumentParser) -> None:
    """Add the choice of what is said on the error stream."""
    parser.add_argument("--quiet", action="store_true", help="print nothing but errors")


def add_file_options(parser: argparse.ArgumentParser) -> None:
    """Add what the files of a trajectory hold."""
    group = parser.add_argument_group("what the files hold")
    group.add_argument(
        "--top",
        metavar="FILE",
        help="what the particles are, for formats that do not say (DCD, XTC, NetCDF): a structure "
        "file that mdtraj reads, a LAMMPS dump, a GSD file, or a .txt with one name per line",
    )
    group.add_argument(
        "--species",
        type=_species,
        metavar="A=1,B=2",
        help="which type or name in the files is which species of the mixture (default: they have "
        "the mixture's own names)",
    )
    add_potential_option(group)
    group.add_argument(
        "--length-unit",
        type=positive_number,
        metavar="X",
        help="how many of the file's units of length make one sigma_AA (default: 1; mdtraj writes "
        "10 times its numbers into DCD, NetCDF and LAMMPS files: then 10)",
    )
    group.add_argument(
        "--box",
        type=positive_number,
        metavar="L",
        help="edge of the cube, for formats without a box",
    )
    group.add_argument(
        "--whole-frames",
        action="store_true",
        help="leave out the last frame of a text file, XTC, TRR or DCD that ends in the middle of "
        "it (a run that was killed)",
    )


def add_q_max_option(parser: argparse.ArgumentParser) -> None:
    """Add the upper limit of the integrals that a line was fitted with."""
    parser.add_argument(
        "--q-max",
        type=positive_number,
        default=Q_MAX,
        metavar="Q",
        help=f"upper limit of the wave-number integrals behind 1/S (default: {Q_MAX:g})",
    )


def add_scoring_options(parser: argparse.ArgumentParser) -> None:
    """Add how the frames of a trajectory are scored."""
    parser.add_argument(
        "--calibration",
        metavar="PATH",
        help="the line, and r0 and r_min if it knows this temperature: folder of a study "
        "(results/paper) or of 'softcage calibrate' (default: r0 and r_min from the trajectory's "
        "own g(r), no softness)",
    )
    parser.add_argument(
        "--delta",
        type=lengths,
        default=[DELTA],
        metavar="D[,D...]",
        help="width of the Gaussian that smears a neighbour, sigma_AA; with several, as in "
        "0.02,0.04,0.09, depth and softness have a column for each, depth_0.02 and so on, for "
        f"less than the time of two (default: {DELTA:g})",
    )
    times = parser.add_mutually_exclusive_group()
    times.add_argument(
        "--interval",
        type=positive_number,
        metavar="DT",
        help="time between frames, for a file without times; one that says otherwise is "
        "taken with a note (default: the times of the file)",
    )
    times.add_argument(
        "--timestep",
        type=positive_number,
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
        type=positive_number,
        default=HOP_WINDOW,
        metavar="DT",
        help=f"window of p_hop, two halves of whole frames (default: {HOP_WINDOW:g})",
    )
    parser.add_argument(
        "--p-c",
        type=positive_number,
        metavar="P",
        help="p_hop above which a particle rearranges (default: the mean squared displacement at "
        "the maximum of alpha_2, from the trajectory)",
    )
    parser.add_argument(
        "--no-hops",
        action="store_true",
        help="depth and softness only: frames need not be close in time",
    )
    add_q_max_option(parser)
    add_quiet_option(parser)
    add_file_options(parser)

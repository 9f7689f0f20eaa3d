"""Options that several commands share, and functions that parse their values.

Apart from the defaults, only the standard library is imported here, so that options are parsed
before NumPy and Numba are imported.
"""

from __future__ import annotations

import argparse
import math
import re
import textwrap
from collections.abc import Callable

from softcage.defaults import (
    AVERAGE_WINDOW,
    BLOCKS,
    CLOSURE,
    DELTA,
    HOP_WINDOW,
    OVERLAP_RADIUS,
    PSEUDO_SPECIES,
    Q_MAX,
    STRUCTURE_FRAMES,
)

EXAMPLES = """\
All numbers are in reduced Lennard-Jones units: lengths sigma_AA, energies epsilon_AA, k_B = 1.

examples:
  softcage info run.lammpstrj
  softcage score run.lammpstrj --species A=1,B=2 --temperature 0.47 --interval 0.5 \\
           --calibration results/paper --out softness.parquet
  softcage score run.dcd --top start.pdb --temperature 0.47 --interval 0.5 --out softness.csv
  softcage calibrate 0.47=cold.gsd 0.58=warm.gsd 0.80=hot.gsd --out my_calibration
  softcage describe run.gsd --descriptors depth_pair,voronoi,s2 --average 1.5 --out table.parquet
  softcage dynamics run.gsd --interval 0.5 --out dynamics
  softcage report 0.47=cold.gsd 0.58=warm.gsd 0.80=hot.gsd --out page.html
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
    """Add a command to the command line, and return its parser.

    Parameters
    ----------
    commands : argparse's list of commands
    name : str
    run : callable
        Function that is called with the options.
    summary : str
        Its line in ``softcage --help``.
    description : str
        What the command does, for the ``--help`` of the command.
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


def add_trajectory_argument(parser: argparse.ArgumentParser) -> None:
    """Add the argument for the files of a trajectory."""
    parser.add_argument(
        "trajectory",
        nargs="+",
        metavar="trajectory",
        help="file with frames: LAMMPS dump (plain or .gz), GSD, DCD, XTC, TRR, HDF5, NetCDF, or "
        "any other format of mdtraj, wrapped or unwrapped; several files are one run and are "
        "sorted by their times or steps",
    )


def positive_number(text: str) -> float:
    """Parse a number greater than 0."""
    try:
        value = float(text)
    except ValueError:
        hint = f": write {text.replace(',', '.')}" if re.fullmatch(r"\d+,\d+", text) else ""
        raise argparse.ArgumentTypeError(f"'{text}' is not a number{hint}") from None
    if not (value > 0 and math.isfinite(value)):
        raise argparse.ArgumentTypeError(f"{text} must be greater than 0")
    return value


def positive_integer(text: str) -> int:
    """Parse a whole number, at least 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' must be a whole number, at least 1")
    return int(text)


def lengths(text: str) -> list[float]:
    """Parse lengths such as 0.02,0.04; repeated ones are dropped."""
    return list(dict.fromkeys(positive_number(length) for length in text.split(",")))


def edges(text: str) -> float | list[float]:
    """Parse the edge of a cube, or two, three or six numbers of another box."""
    numbers = [positive_number(number) for number in text.split(",")]
    if len(numbers) not in (1, 2, 3, 6):
        raise argparse.ArgumentTypeError(
            f"'{text}' has {len(numbers)} numbers: give one edge, two, three, or three edges and "
            "three angles"
        )
    return numbers[0] if len(numbers) == 1 else numbers


def _species(text: str) -> dict[str, list[str]]:
    """Parse A=1,B=2; a species that is named twice has several labels."""
    labels: dict[str, list[str]] = {}
    for pair in text.split(","):
        name, equals, label = pair.partition("=")
        if not (name and equals and label):
            raise argparse.ArgumentTypeError(f"'{text}' is not of the form A=1,B=2")
        if not re.fullmatch(r"[!-~]+", name.strip()):
            raise argparse.ArgumentTypeError(
                f"the name '{name.strip()}' has a space or a letter that is not ASCII, which not "
                "all formats can hold: give another name"
            )
        labels.setdefault(name.strip(), []).append(label.strip())
    return labels


def run_of_temperature(text: str) -> tuple[float, str]:
    """Read a temperature and a path, such as 0.47=run.gsd."""
    temperature, _, path = text.partition("=")
    try:
        return positive_number(temperature if path else ""), path
    except argparse.ArgumentTypeError:
        raise argparse.ArgumentTypeError(
            f"'{text}' is not of the form TEMPERATURE=PATH, such as 0.47=run.gsd"
        ) from None


def has_temperature(text: str) -> bool:
    """Whether a word begins like a temperature and a path, such as 0.47=run.gsd."""
    return re.match(r"[\d.,eE+-]+=", text) is not None


def names(text: str) -> list[str]:
    """Parse names such as A,B; repeated ones are dropped."""
    found = list(dict.fromkeys(name.strip() for name in text.split(",")))
    if "" in found:
        raise argparse.ArgumentTypeError(f"'{text}' is not of the form A,B")
    return found


def add_overlap_option(parser: argparse._ActionsContainer) -> None:
    """Add the option for the overlap."""
    parser.add_argument(
        "--overlap-radius",
        type=positive_number,
        default=OVERLAP_RADIUS,
        metavar="A",
        help="a particle displaced by at most this distance overlaps with its earlier position, "
        f"sigma_AA (default: {OVERLAP_RADIUS:g})",
    )


def add_density_option(parser: argparse._ActionsContainer) -> None:
    """Add the option for the density of configurations with their propensity."""
    parser.add_argument(
        "--density",
        type=positive_number,
        default=1.2,
        metavar="RHO",
        help="number density of all particles, which sets the box if a file has none (default: "
        "1.2)",
    )


def add_displacement_time_option(parser: argparse._ActionsContainer) -> None:
    """Add the option for the time of the displacements in isoconfigurational files."""
    parser.add_argument(
        "--time",
        type=positive_number,
        metavar="TIME",
        help="time of the displacements in files that do not say it",
    )


def add_potential_option(parser: argparse._ActionsContainer) -> None:
    """Add the option for the mixture."""
    parser.add_argument(
        "--potential",
        metavar="FILE",
        help="YAML file with the group 'mixture', as in the configuration of a study and with "
        "other potentials than Lennard-Jones too (docs/score.md), or kob-andersen (default: "
        "Kob-Andersen; no potential where none is needed, as with --closure pair)",
    )


def add_closure_option(parser: argparse._ActionsContainer) -> None:
    """Add the option for the closure."""
    parser.add_argument(
        "--closure",
        choices=("hnc", "pair"),
        default=CLOSURE,
        help="how the depth follows from g(r): hnc, C = g - 1 - beta U - ln g with the weights "
        "sqrt(x_u x_v), as in the paper, or pair, C = g - 1 with the weights x_u x_v, which needs "
        "no potential (default: hnc)",
    )


def add_quiet_option(parser: argparse.ArgumentParser) -> None:
    """Add the option that silences all messages except errors."""
    parser.add_argument("--quiet", action="store_true", help="print errors only")


def add_file_options(parser: argparse.ArgumentParser, potential: bool = True) -> None:
    """Add the options that describe the files of a trajectory, with that of the potential or not.

    Without it the potential of the options is None: the liquid is what the files say.
    """
    group = parser.add_argument_group("contents of the files")
    group.add_argument(
        "--top",
        metavar="FILE",
        help="file with the types of the particles, for formats without them (DCD, XTC, NetCDF): a "
        "structure file that mdtraj reads, a LAMMPS dump, a GSD file, or a .txt file with one name "
        "per line",
    )
    group.add_argument(
        "--species",
        type=_species,
        metavar="A=1,B=2",
        help="for each species of the mixture its type or name in the files (default: the names "
        "of the mixture; without a potential each type is a species of its own name)",
    )
    if potential:
        add_potential_option(group)
    else:
        parser.set_defaults(potential=None)
    group.add_argument(
        "--length-unit",
        type=positive_number,
        metavar="X",
        help="one sigma_AA in the file's units of length (default: 1; use 10 for DCD, NetCDF and "
        "LAMMPS files that mdtraj wrote, because it multiplies lengths by 10)",
    )
    group.add_argument(
        "--box",
        type=edges,
        metavar="L[,L,L]",
        help="edge of the cubic box, two edges (in two dimensions), three edges, or three edges "
        "and the angles between them in degrees, for formats without a box",
    )
    group.add_argument(
        "--dimension",
        type=int,
        choices=(2, 3),
        help="number of dimensions (default: 2 if the box of the file has two, otherwise 3)",
    )
    group.add_argument(
        "--diameters",
        metavar="COLUMN|FILE",
        help="for a polydisperse liquid: the column of the file with the diameters of particles, "
        "or a text file with one diameter a line; the species are then pseudo-species of equal "
        "numbers of particles, 1 for the smallest, 2, ... (needs --closure pair)",
    )
    group.add_argument(
        "--bins",
        type=positive_integer,
        default=PSEUDO_SPECIES,
        metavar="M",
        help=f"number of pseudo-species (default: {PSEUDO_SPECIES})",
    )
    group.add_argument(
        "--whole-frames",
        action="store_true",
        help="leave out an incomplete last frame of a text file, XTC, TRR or DCD, as a killed run "
        "leaves it",
    )


def add_q_max_option(parser: argparse.ArgumentParser) -> None:
    """Add the option for the upper limit of the wave-number integrals."""
    parser.add_argument(
        "--q-max",
        type=positive_number,
        default=Q_MAX,
        metavar="Q",
        help=f"upper limit of the wave-number integrals behind 1/S (default: {Q_MAX:g})",
    )


def add_time_options(parser: argparse.ArgumentParser, uneven: str = "") -> None:
    """Add the options for times and for unwrapping; ``uneven`` is a hint on uneven frames."""
    times = parser.add_mutually_exclusive_group()
    times.add_argument(
        "--interval",
        type=positive_number,
        metavar="DT",
        help="time between frames, for a file without times; if it differs from the times in the "
        "file, it is used, with a note (default: the times in the file)",
    )
    times.add_argument(
        "--timestep",
        type=positive_number,
        metavar="DT",
        help=f"duration of a step, for a file with steps but without times{uneven}",
    )
    parser.add_argument(
        "--unwrapped",
        action=argparse.BooleanOptionalAction,
        help="positions are unwrapped, or they are not, whatever the file says (default: as a "
        "LAMMPS dump or GSD file says; other files are unwrapped by minimum image)",
    )


def add_frame_options(parser: argparse.ArgumentParser) -> None:
    """Add the options for what is computed from the positions in the frames of a trajectory."""
    parser.add_argument(
        "--of",
        type=names,
        metavar="A[,B...]",
        help="species whose particles are wanted; the others are neighbours only (default: all)",
    )
    parser.add_argument(
        "--positions",
        choices=("thermal", "averaged", "inherent"),
        default="thermal",
        help="positions that the structure is computed from: those of the file, their averages "
        "over --average-window up to the frame, or those at the nearest minimum of the potential "
        "energy, if the potential is known (default: thermal)",
    )
    parser.add_argument(
        "--average-window",
        type=positive_number,
        default=AVERAGE_WINDOW,
        metavar="DT",
        help="time over which positions are averaged; frames that have no whole window before them "
        f"are left out (default: {AVERAGE_WINDOW:g})",
    )
    parser.add_argument(
        "--average",
        type=lengths,
        default=[],
        metavar="L[,L...]",
        help="add averages over the particles of the same species with the weight exp(-r/L), as "
        "columns depth_L1.5 and so on, sigma_AA; the time grows with the square of the number of "
        "particles",
    )
    parser.add_argument(
        "--calibration",
        metavar="PATH",
        help="folder of a study (results/paper) or of 'softcage calibrate' with the line and, if "
        "it includes this temperature, r0 and r_min, of one species (default: r0 and r_min from "
        "the g(r) of the trajectory, no softness)",
    )
    parser.add_argument(
        "--delta",
        type=lengths,
        default=[DELTA],
        metavar="D[,D...]",
        help="width of the Gaussian that replaces a neighbour, sigma_AA; several widths, as in "
        "0.02,0.04,0.09, give columns depth_0.02, softness_0.02 and so on, and take less time than "
        f"two separate runs (default: {DELTA:g})",
    )
    add_time_options(parser, "; with --no-hops, frames may then be unevenly spaced")
    add_q_max_option(parser)
    add_quiet_option(parser)
    add_file_options(parser)


def add_hop_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say what a rearrangement is."""
    parser.add_argument(
        "--hop-window",
        type=positive_number,
        default=HOP_WINDOW,
        metavar="DT",
        help="window of p_hop, twice a whole number of intervals between frames (default: "
        f"{HOP_WINDOW:g})",
    )
    parser.add_argument(
        "--p-c",
        type=positive_number,
        metavar="P",
        help="threshold of p_hop above which a particle rearranges (default: the mean squared "
        "displacement at the maximum of alpha_2, measured in the trajectory)",
    )
    parser.add_argument(
        "--no-hops",
        action="store_true",
        help="compute depth and softness only; frames need not be close in time",
    )


def add_temperature_option(parser: argparse.ArgumentParser) -> None:
    """Add the temperature of a run that is scored."""
    parser.add_argument(
        "--temperature",
        type=positive_number,
        metavar="T",
        help="temperature of a single run, in reduced units; needed unless with --closure pair and "
        "without --calibration",
    )


def add_structure_frames_option(parser: argparse.ArgumentParser) -> None:
    """Add the number of frames that g(r) and S(q) are averages of."""
    parser.add_argument(
        "--frames",
        type=positive_integer,
        default=STRUCTURE_FRAMES,
        metavar="N",
        help="frames of each trajectory used for g(r) and S(q), evenly spaced (default: "
        f"{STRUCTURE_FRAMES})",
    )


def add_blocks_option(parser: argparse.ArgumentParser) -> None:
    """Add the number of blocks that errors come from."""
    parser.add_argument(
        "--blocks",
        type=positive_integer,
        default=BLOCKS,
        metavar="N",
        help=f"largest number of time blocks of each trajectory, for errors (default: {BLOCKS})",
    )


def add_scoring_options(parser: argparse.ArgumentParser) -> None:
    """Add the options for scoring the frames of a trajectory."""
    add_closure_option(parser)
    add_hop_options(parser)
    add_frame_options(parser)

"""The command ``softcage``: score a trajectory, calibrate the line from depth to softness.

``softcage score`` and ``softcage calibrate`` are for trajectories that the study did not make; each
says what it does on the error stream, ends with status 0 and a whole file, or with another status,
one line that says why, and no file.
"""

from __future__ import annotations

import argparse
import math
import re
import signal
import sys
import tempfile
import textwrap
import time
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from softcage import __version__
from softcage.model import Mixture, kob_andersen

_EPILOG = """\
All numbers are in reduced Lennard-Jones units: lengths sigma_AA, energies epsilon_AA, k_B = 1.

examples:
  softcage score run.lammpstrj --species A=1,B=2 --temperature 0.47 --interval 0.5 \\
           --calibration results/paper --out softness.parquet
  softcage score run.dcd --top start.pdb --temperature 0.47 --interval 0.5 --out softness.csv
  softcage calibrate 0.47=cold.gsd 0.58=warm.gsd 0.80=hot.gsd --out my_calibration
"""


class _UsageError(ValueError):
    """Options that make no sense together."""


# ---------------------------------------------------------------- options
def _positive(text: str) -> float:
    value = float(text)
    if not (value > 0 and math.isfinite(value)):
        raise argparse.ArgumentTypeError(f"{text} must be greater than 0")
    return value


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} must be at least 1")
    return value


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
    match = re.fullmatch(r"([^=]+)=(.+)", text)
    try:
        return _positive(match[1]), match[2]
    except (TypeError, ValueError, argparse.ArgumentTypeError):
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


def _line_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--q-max",
        type=_positive,
        default=20.0,
        metavar="Q",
        help="upper limit of the wave-number integrals behind 1/S (default: 20)",
    )
    parser.add_argument("--quiet", action="store_true", help="say nothing but errors")


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    top = argparse.ArgumentParser(
        prog="softcage",
        description="Local softness of the mean-field cage in supercooled liquids.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"softcage {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="{score,calibrate}")
    _add_score(commands)
    _add_calibrate(commands)
    return top


def _add_score(commands) -> None:
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
        help="LAMMPS dump (plain or .gz), GSD, DCD, XTC, TRR, HDF5, NetCDF, or any other format of "
        "mdtraj; wrapped or unwrapped",
    )
    score.add_argument(
        "--temperature", type=_positive, required=True, metavar="T", help="of the run, reduced"
    )
    score.add_argument(
        "--out",
        required=True,
        metavar="FILE",
        help="table to write: .parquet or .csv; appears only when complete",
    )
    score.add_argument(
        "--calibration",
        metavar="PATH",
        help="the line, and r0 and r_min if it knows this temperature: folder of a study "
        "(results/paper) or of 'softcage calibrate' (default: r0 and r_min from the trajectory's "
        "own g(r), no softness)",
    )
    score.add_argument(
        "--delta",
        type=_positive,
        default=0.09,
        metavar="D",
        help="width of the Gaussian that smears a neighbour, sigma_AA (default: 0.09)",
    )
    score.add_argument(
        "--interval",
        type=_positive,
        metavar="DT",
        help="time between frames (default: that of the file, if it has times)",
    )
    score.add_argument(
        "--unwrapped",
        action=argparse.BooleanOptionalAction,
        help="positions are unwrapped, take them as they are; or they are not, whatever the file "
        "says (default: what a LAMMPS dump or GSD file says; minimum image for all others)",
    )
    score.add_argument(
        "--hop-window",
        type=_positive,
        default=15.0,
        metavar="DT",
        help="window of p_hop, two halves of whole frames (default: 15)",
    )
    score.add_argument(
        "--p-c",
        type=_positive,
        metavar="P",
        help="p_hop above which a particle rearranges (default: the mean squared displacement at "
        "the maximum of alpha_2, from the trajectory)",
    )
    score.add_argument(
        "--no-hops",
        action="store_true",
        help="depth and softness only: frames need not be close in time",
    )
    score.add_argument(
        "--every", type=_count, default=1, metavar="N", help="rows of every N-th frame (default: 1)"
    )
    _line_options(score)
    _file_options(score)
    score.set_defaults(run=run_score)


def _add_calibrate(commands) -> None:
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
        help="a temperature and a trajectory of it; a temperature may come several times",
    )
    calibrate.add_argument("--out", required=True, metavar="FOLDER", help="folder to write")
    calibrate.add_argument(
        "--frames",
        type=_count,
        default=200,
        metavar="N",
        help="frames of each trajectory used, evenly spaced (default: 200)",
    )
    calibrate.add_argument(
        "--blocks",
        type=_count,
        default=8,
        metavar="N",
        help="time blocks of each trajectory, for errors (default: 8)",
    )
    _line_options(calibrate)
    _file_options(calibrate)
    calibrate.set_defaults(run=run_calibrate)


# ---------------------------------------------------------------- words on the way
class Say:
    """Lines on the error stream; at a terminal, a line that counts frames."""

    def __init__(self, quiet: bool) -> None:
        self.quiet = quiet
        self.live = not quiet and sys.stderr.isatty()
        self.last = 0.0

    def __call__(self, line: str) -> None:
        """Say a line."""
        if not self.quiet:
            end = "\033[K" if self.live else ""
            print(f"{line}{end}", file=sys.stderr, flush=True)

    def count(self, what: str, total: int | None = None):
        """Return a function that shows the number of the frame, a few times a second."""

        def show(frame: int) -> None:
            now = time.monotonic()
            if self.live and now - self.last > 0.2:
                self.last = now
                of = f" of {total}" if total else ""
                print(f"{what} {frame + 1}{of}\033[K\r", end="", file=sys.stderr, flush=True)

        return show


def read_mixture(path: str | None) -> Mixture:
    """Return the mixture of a YAML file with the group ``mixture``; Kob-Andersen by default.

    Raises
    ------
    ValueError
        If the file is missing or has no such group, or the group makes no sense.
    """
    if path is None:
        return kob_andersen()
    try:
        content = yaml.safe_load(Path(path).read_text())
        return Mixture.from_dict(content["mixture"])
    except OSError as error:
        raise ValueError(f"{path}: cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError, ValueError) as error:
        what = " ".join(str(error).split())
        raise ValueError(
            f"{path}: needs the group mixture with species, fractions, masses, sigma, epsilon and "
            f"cutoff, as in the configuration of a study ({what})"
        ) from error


def _same_mixture(line, mixture: Mixture) -> None:
    """Refuse the line of another mixture, if its study says which it is of."""
    if line.config is None:
        return
    theirs = read_mixture(str(line.config))
    same = theirs.species == mixture.species and all(
        np.allclose(getattr(theirs, name), getattr(mixture, name))
        for name in ("fractions", "sigma", "epsilon", "cutoff")
    )
    if not same:
        raise ValueError(
            f"{line.path}: is the calibration of another mixture than the one scored; for its own: "
            f"--potential {line.config}"
        )


# ---------------------------------------------------------------- score
def run_score(options: argparse.Namespace) -> None:
    """Carry out ``softcage score``."""
    # after the options were read: these imports take seconds
    from softcage.cage.calibration import read_line
    from softcage.cage.mean_field import measured_ranges
    from softcage.io.external import import_trajectory
    from softcage.scoring import FORMATS, Recipe, measured_threshold, score

    say, out = Say(options.quiet), Path(options.out)
    if out.suffix not in FORMATS:
        raise _UsageError(f"--out {out}: give a name that ends in {' or '.join(FORMATS)}")
    mixture = read_mixture(options.potential)
    line = read_line(options.calibration, options.q_max) if options.calibration else None
    if line is not None:
        _same_mixture(line, mixture)
    external = _open(options, options.trajectory, mixture, unwrapped=options.unwrapped)
    with _scratch(out) as folder:
        run = import_trajectory(
            external,
            folder,
            mixture,
            interval=options.interval,
            hops=not options.no_hops,
            progress=say.count("reading frame"),
        )
        interval = float(run.times[1]) if run.n_frames > 1 else math.nan
        say(
            f"{external.path}: {run.n_frames} frames of {run.n_particles} particles, "
            f"box {run.box:.5g}, density {run.n_particles / run.box**3:.4g}"
            + ("" if math.isnan(interval) else f", {interval:g} between frames")
        )
        names = [f"{mixture.species[0]}{v}" for v in mixture.species]
        ranges = line.ranges(options.temperature, names) if line else None
        r0, r_min = ranges if ranges is not None else measured_ranges(run)
        source = "calibration" if ranges is not None else "g(r) of the trajectory"
        radii = ", ".join(
            f"{n} {a:.3f} to {b:.3f}" for n, a, b in zip(names, r0, r_min, strict=True)
        )
        say(f"first shell: {radii} (from the {source})")
        if ranges is None and run.n_frames < 20:
            say(f"note: g(r) of {run.n_frames} frame(s) is noisy, and r0 and r_min with it")
        half, p_c = _hops(options, run, interval, say, measured_threshold)
        _say_line(options, line, say)
        recipe = Recipe(
            mixture=mixture,
            temperature=options.temperature,
            delta=options.delta,
            r0=r0,
            r_min=r_min,
            c0=line and line.c0,
            c1=line and line.c1,
            half_window=half,
            p_c=p_c,
            every=options.every,
        )
        about = score(
            run,
            recipe,
            out,
            external.order[external.species == 0],
            {
                "source": str(external.path),
                "calibration": line and line.path,
                "q_max": line and line.q_max,
                "route": line and line.route,
                "range_source": source,
                "interval": None if math.isnan(interval) else interval,
                "hop_window": None if half is None else 2 * half * interval,
                "length_unit": external.length_unit,
            },
            say.count("scoring frame", run.n_frames),
        )
    if about["n_invalid"]:
        say(
            f"note: {about['n_invalid']} of {about['n_rows']} cages are shallower than the line "
            "reaches (1/S <= 0): they have no softness"
        )
    say(f"{out}: {about['n_rows']} rows")


def _hops(options, run, interval, say, measure) -> tuple[int | None, float | None]:
    """Return half the hop window in frames and p_c, None where there can be none, and say why."""
    if options.no_hops:
        return None, None
    if run.n_frames == 1:
        say("note: one frame: p_hop and rearranging stay empty")
        return None, None
    half = round(0.5 * options.hop_window / interval)
    if half < 1 or abs(2 * half * interval / options.hop_window - 1) > 1e-4:
        raise ValueError(
            f"--hop-window {options.hop_window:g} is no multiple of two frames ({interval:g} "
            "apart): give another one, check --interval, or leave p_hop out with --no-hops"
        )
    if run.n_frames <= 2 * half:
        say(
            f"note: {run.n_frames} frames are shorter than the hop window ({options.hop_window:g}, "
            f"{2 * half + 1} frames): p_hop and rearranging stay empty"
        )
        return None, None
    if options.p_c is not None:
        return half, options.p_c
    found = measure(run)
    if found is None:
        say(
            "note: the trajectory does not show the maximum of alpha_2, so p_c cannot be measured: "
            "rearranging stays empty; give --p-c"
        )
        return half, None
    say(f"p_c = {found[1]:.4g}, the mean squared displacement at t = {found[0]:.4g}")
    return half, found[1]


def _say_line(options, line, say) -> None:
    if line is None:
        say(
            "note: no softness without --calibration: the line from depth to softness needs "
            "several temperatures (softcage calibrate)"
        )
        return
    say(f"1/S = {line.c0:.5g} {line.c1:+.5g} beta Phi, from {line.path}")
    low, high = line.cages["T"].min(), line.cages["T"].max()
    if not low - 1e-9 <= options.temperature <= high + 1e-9:
        say(f"note: T = {options.temperature:g} is beyond the calibration, {low:g} to {high:g}")


def _scratch(out: Path) -> tempfile.TemporaryDirectory:
    """Return a folder beside the output, on the same disk, that is removed in the end."""
    out.parent.mkdir(parents=True, exist_ok=True)
    return tempfile.TemporaryDirectory(prefix=f".{out.stem}.", dir=out.parent)


# ---------------------------------------------------------------- calibrate
def run_calibrate(options: argparse.Namespace) -> None:
    """Carry out ``softcage calibrate``."""
    from softcage.cage.calibration import calibration_table
    from softcage.cage.mean_field import cage_of_structure
    from softcage.io.atomic_file import replacing

    say, out = Say(options.quiet), Path(options.out)
    mixture = read_mixture(options.potential)
    runs: dict[float, list[str]] = {}
    for temperature, path in options.runs:
        runs.setdefault(temperature, []).append(path)
    if len(runs) < 2:
        raise _UsageError("a line needs at least two temperatures: give more T=PATH")
    cages, densities = [], {}
    for temperature, paths in sorted(runs.items()):
        parts = [_structure(options, path, mixture, out, say) for path in paths]
        for path, part in zip(paths, parts, strict=True):
            densities[path] = part["density"]
            if part["g"].shape[1:] != parts[0]["g"].shape[1:]:
                raise ValueError(
                    f"{path}: has another box than {paths[0]}, of the same temperature"
                )
        first = parts[0]
        table, *_ = cage_of_structure(
            first["r"],
            np.concatenate([part["g"] for part in parts]),
            first["q"],
            np.concatenate([part["s"] for part in parts]),
            np.concatenate([part["frames"] for part in parts]),
            first["density"],
            first["fractions"],
            mixture=mixture,
            temperature=temperature,
            q_max=options.q_max,
        )
        row = table.iloc[0]
        say(
            f"T = {temperature:g}: depth {row['depth_r']:.4g} +- {row['depth_r_error']:.2g}, "
            f"1/S {row['inverse_softness']:.5g} +- {row['inverse_softness_error']:.2g}"
        )
        cages.append(table)
    low, high = min(densities.values()), max(densities.values())
    if high > 1.001 * low:
        raise ValueError(
            f"the runs have different densities, {low:.5g} to {high:.5g}: a line is one of "
            "temperatures at one density"
        )
    cage = pd.concat(cages).sort_values(["q_max", "route", "T"])
    lines = calibration_table(cage)
    for row in lines[lines["relation"] == "c"].itertuples():
        say(
            f"{row.route}: 1/S = ({row.intercept:.5g} +- {row.intercept_error:.2g}) + "
            f"({row.slope:.5g} +- {row.slope_error:.2g}) beta Phi, R^2 = {row.r_squared:.4f}"
        )
        if row.slope >= 0:
            say("note: the slope should be negative: use more frames or a wider range of T")
    group = {
        "species": list(mixture.species),
        "fractions": mixture.fractions.tolist(),
        "masses": mixture.masses.tolist(),
        "sigma": mixture.sigma.tolist(),
        "epsilon": mixture.epsilon.tolist(),
        "cutoff": (mixture.cutoff / mixture.sigma).tolist(),
    }
    about = {"mixture": group, "system": {"density": float(first["density"])}}
    with replacing(out / "config.yaml") as path:
        path.write_text(yaml.safe_dump(about, sort_keys=False))
    with replacing(out / "cage.csv") as path:
        cage.to_csv(path, index=False, float_format="%.8g")
    with replacing(out / "calibration.csv") as path:
        lines.to_csv(path, index=False, float_format="%.8g")
    say(f"{out}: for softcage score --calibration {out}")


def _open(options, path: str, mixture: Mixture, **more):
    """Open one trajectory as the options that both commands share say."""
    from softcage.io.external import open_external

    return open_external(
        path,
        mixture,
        species=options.species,
        topology=options.top,
        length_unit=options.length_unit,
        box=options.box,
        **more,
    )


def _structure(options, path: str, mixture: Mixture, out: Path, say: Say) -> dict:
    """Return g(r) and S(q) of one trajectory, in time blocks."""
    from softcage.io.external import import_trajectory
    from softcage.sampling import evenly_spaced
    from softcage.statistics import block_slices
    from softcage.structure.structure_factor import lattice_vectors, structure_of_blocks

    external = _open(options, path, mixture)
    with _scratch(out) as folder:
        run = import_trajectory(
            external, folder, mixture, hops=False, progress=say.count("reading frame")
        )
        chosen = evenly_spaced(run.n_frames, options.frames)
        blocks = [
            chosen[part] for part in block_slices(len(chosen), min(options.blocks, len(chosen)))
        ]
        vectors, shell, q = lattice_vectors(run.box, options.q_max, 0.1, 60)
        say(
            f"{path}: {len(chosen)} of {run.n_frames} frames of {run.n_particles} particles, box "
            f"{run.box:.5g}"
        )
        r, g, s = structure_of_blocks(run, blocks, 0.005, vectors, shell)
        density = run.n_particles / run.box**3
        fractions = np.bincount(run.species) / run.n_particles
    return {
        "r": r,
        "g": g,
        "q": q,
        "s": s,
        "frames": [len(block) for block in blocks],
        "density": density,
        "fractions": fractions,
    }


# ---------------------------------------------------------------- main
def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status: 0, 1 for an error, 2 for wrong options."""
    options = parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    try:
        options.run(options)
    except (ValueError, OSError) as error:
        words = " ".join(str(error).split())
        print(f"softcage {options.command}: error: {words}", file=sys.stderr)
        return 2 if isinstance(error, _UsageError) else 1
    except KeyboardInterrupt:
        print(f"softcage {options.command}: interrupted, nothing was written", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())

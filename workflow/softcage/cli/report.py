"""``softcage report``: the paper's figures and numbers for any trajectory, on one page."""

from __future__ import annotations

import argparse
import logging
import math
import shlex
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from softcage.cli.options import (
    add_blocks_option,
    add_closure_option,
    add_command,
    add_file_options,
    add_hop_options,
    add_overlap_option,
    add_q_max_option,
    add_quiet_option,
    add_structure_frames_option,
    add_temperature_option,
    add_time_options,
    has_temperature,
    positive_number,
    run_of_temperature,
)
from softcage.defaults import DELTA

if TYPE_CHECKING:
    from softcage.io.external import External
    from softcage.io.trajectory import Trajectory
    from softcage.model import Composition
    from softcage.report.findings import StatePoint

log = logging.getLogger(__name__)


def add_report(commands: argparse._SubParsersAction) -> None:
    """Add the command and its options."""
    parser = add_command(
        commands,
        "report",
        report_command,
        "the paper's figures and numbers for trajectories of one or several temperatures, as a "
        "page",
        "Write one HTML page, which opens offline, with g(r), S(q), mean squared displacement, "
        "alpha_2, overlap, the distributions of depth and softness, which particles rearrange, "
        "P_R(S) and the AUC with errors; with several temperatures also the line from depth to "
        "softness and the barriers. With one temperature and no --calibration the depth takes the "
        "place of the softness. What a run is too short to show is left out, and the page says so.",
    )
    parser.add_argument(
        "trajectory",
        nargs="+",
        metavar="FILE|T=FILE",
        help="files of one run, as for softcage score; or one trajectory for each of several "
        "temperatures, as in 0.47=cold.gsd 0.58=warm.gsd, where files that match a pattern, as in "
        "'0.47=dump.*.gz', are one run",
    )
    parser.add_argument("--out", required=True, metavar="FILE", help="page to write (.html)")
    add_temperature_option(parser)
    parser.add_argument("--title", metavar="WORDS", help="title of the page")
    parser.add_argument(
        "--of", metavar="A", help="species whose particles are scored (default: the first)"
    )
    parser.add_argument(
        "--calibration",
        metavar="PATH",
        help="folder of a study (results/paper) or of 'softcage calibrate' with the line from "
        "depth to softness (default: that of these files, if they have several temperatures)",
    )
    parser.add_argument(
        "--delta",
        type=positive_number,
        default=DELTA,
        metavar="D",
        help=f"width of the Gaussian that replaces a neighbour, sigma_AA (default: {DELTA:g})",
    )
    add_hop_options(parser)
    add_overlap_option(parser)
    add_structure_frames_option(parser)
    add_blocks_option(parser)
    add_closure_option(parser)
    add_time_options(parser, "; with --no-hops, frames may then be unevenly spaced")
    add_q_max_option(parser)
    add_quiet_option(parser)
    add_file_options(parser)


def report_command(options: argparse.Namespace) -> None:
    """Read the trajectories, find what they show, and write the page."""
    from softcage.cage.calibration import read_line
    from softcage.cli.common import inputs, known_liquid
    from softcage.cli.terminal import warnings_kept
    from softcage.io.atomic_file import replacing, scratch_folder
    from softcage.io.overwriting import check_output, is_report
    from softcage.io.readers import files_of_run
    from softcage.plotting.trajectory_figures import draw_all  # missing libraries show here
    from softcage.report.findings import Choices, findings_of_runs
    from softcage.report.trajectory_page import trajectory_page

    out, runs = Path(options.out), _runs(options)
    if out.suffix != ".html":
        options.refuse(f"--out {out}: give a name that ends in .html")
    check_output(
        out, inputs(options, [path for paths in runs.values() for path in paths]), is_report
    )
    choices = Choices(
        closure=options.closure,
        delta=options.delta,
        q_max=options.q_max,
        hop_window=options.hop_window,
        p_c=options.p_c,
        hops=not options.no_hops,
        frames=options.frames,
        blocks=options.blocks,
        overlap_radius=options.overlap_radius,
        line=read_line(options.calibration, options.q_max) if options.calibration else None,
    )
    liquid = known_liquid(options, options.closure == "hnc")
    with warnings_kept() as warnings, ExitStack() as stack:
        folder = stack.enter_context(scratch_folder(out))
        points: list[StatePoint] = []
        for place, (temperature, paths) in enumerate(sorted(runs.items())):
            files = [file for path in paths for file in files_of_run(path)]
            here = folder / f"run_{place}"
            point = _read(options, stack, here, temperature, files, liquid)
            liquid = point.liquid  # without a potential the first file says what the species are
            points.append(point)
        found = findings_of_runs(points, choices, folder)
        figures = draw_all(found)
        title = options.title or f"Cages and rearrangements in {', '.join(_names(runs))}"
        page = trajectory_page(found, figures, warnings, _command_line(), title)
    with replacing(out) as temporary:
        temporary.write_text(page, encoding="utf-8")
    log.info(
        "%s: %d figures, %.1f MB; open the file in a browser",
        out, len(figures), out.stat().st_size / 1e6,
    )  # fmt: skip


def _runs(options: argparse.Namespace) -> dict[float, list[str]]:
    """Return the files of each temperature; NaN is a temperature that is not known."""
    named = [has_temperature(word) for word in options.trajectory]
    if not any(named):
        if options.temperature is None and (options.closure == "hnc" or options.calibration):
            options.refuse("the following arguments are required: --temperature")
        T = math.nan if options.temperature is None else options.temperature
        return {T: options.trajectory}
    if not all(named):
        options.refuse("give either files of one run, or T=FILE for each of them")
    if options.temperature is not None:
        options.refuse("--temperature is for one run: leave it out beside T=FILE")
    runs: dict[float, list[str]] = {}
    for word in options.trajectory:
        try:
            T, path = run_of_temperature(word)
        except argparse.ArgumentTypeError as error:
            options.refuse(str(error))
        if T in runs:
            options.refuse(
                f"there are two runs of T = {T:g}: give one of each temperature; files of one run "
                "can be given as a pattern, as in '0.47=dump.*.gz'"
            )
        runs[T] = [path]
    return runs


def _names(runs: dict[float, list[str]]) -> list[str]:
    """Return names of files for the title."""
    names = list(dict.fromkeys(Path(path).name for paths in runs.values() for path in paths))
    return [*names[:3], "..."] if len(names) > 4 else names


def _command_line() -> str:
    return shlex.join(["softcage", *sys.argv[1:]])


def _read(
    options: argparse.Namespace,
    stack: ExitStack,
    folder: Path,
    temperature: float,
    files: Sequence[str],
    liquid: Composition | None,
) -> StatePoint:
    """Return the frames of a temperature, whose copy stays as long as the stack is open."""
    from softcage.cage.scorer import scored_species
    from softcage.cli.common import imported
    from softcage.cli.score import log_trajectory
    from softcage.io.frame_times import time_between_frames
    from softcage.report.findings import StatePoint

    own = argparse.Namespace(**vars(options) | {"out": str(folder)})
    how = {
        "interval": options.interval,
        "file_timestep": options.timestep,
        "hops": not options.no_hops,
    }
    external, run = stack.enter_context(
        imported(own, files, liquid, unwrapped=options.unwrapped, **how)
    )
    interval = time_between_frames(run.times)
    log_trajectory(external, run, interval)
    name = options.of or external.liquid.species[0]
    (tagged,) = scored_species(external.liquid, run.species, [name])
    if not external.unwrapped and not options.no_hops and run.n_frames > 1:
        log.warning(
            "%s: positions are unwrapped by the nearest image, which goes wrong if a particle "
            "moves by more than half the box from a frame to the next", external.name,
        )  # fmt: skip
    about = _in_words(options, external, run, interval)
    order = None if external.reordered else external.order
    return StatePoint(external.name, temperature, run, external.liquid, tagged, about, order)


def _in_words(
    options: argparse.Namespace, external: External, run: Trajectory, interval: float
) -> dict[str, str]:
    """Return what was read, in words."""
    import numpy as np

    from softcage.box import Box
    from softcage.io.readers import format_of
    from softcage.model import Mixture

    box = Box.of(run.box)
    counts = np.bincount(run.species, minlength=len(external.liquid.species))
    shares = [
        f"{count} {name} ({100 * count / run.n_particles:.4g} %)"
        for name, count in zip(external.liquid.species, counts, strict=True)
    ]
    times = f"from {run.times[0]:.6g} to {run.times[-1]:.6g}"
    times += "" if math.isnan(interval) else f", {interval:g} apart"
    potential = "none"
    if isinstance(external.liquid, Mixture):
        potential = options.potential or "Kob-Andersen, by default"
    return {
        "files": ", ".join(str(path) for path in external.paths),
        "format": format_of(external.path),
        "frames": f"{run.n_frames}",
        "particles": f"{run.n_particles}: {', '.join(shares)}",
        "box": f"{box.in_words(5)}{'' if run.boxes is None else ', changing with time'}",
        "dimension": f"{run.dimension}",
        "density": f"{run.density:.5g}",
        "times": "not known" if np.isnan(run.times).any() else times,
        "positions": "unwrapped" if external.unwrapped else "unwrapped by the nearest image",
        "pair potential": potential,
    }

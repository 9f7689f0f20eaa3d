"""Does a configuration make sense: does the box hold the potential, are times whole steps, etc.

A check yields a sentence for each thing that is wrong. What a key alone must be is in
:mod:`study.config`; only a configuration whose keys are all right is checked here.
"""

from __future__ import annotations

import math
import os
import tempfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

import numpy as np
from pydantic import ValidationError

from softcage.defaults import FEWEST_PARTICLES, REGRESSIONS
from softcage.io.readers import files_of_run
from study.code_inputs import WORKFLOW
from study.config import StatePoint, Study, Trajectory
from study.runs import label
from study.sentences import cut, sentence, written

THINNEST_SKIN = 0.1  # of a neighbour list, beyond the cut-off
# What no study needs, and no machine finishes or holds in memory.
LIMITS = {"steps": 1e10, "frames": 1e7, "bins": 1e5, "wave vectors": 1e8}
PUBLISHED = [WORKFLOW.parent / "results" / name for name in ("paper", "public")]


def problems(config: Mapping) -> list[str]:
    """Return everything wrong with a configuration, one plain sentence each; [] if nothing."""
    try:
        study = Study.model_validate(config)
    except ValidationError as refused:
        return [sentence(error) for error in refused.errors(include_url=False)]
    checks = (
        _mixture,
        _box,
        _steps,
        _frames,
        _state_points,
        _softness,
        _structure,
        _bins,
        _propensity,
        _descriptors,
        _blocks,
        _public,
        _folder,
    )
    return [message for check in checks for message in check(study)]


def refused_beyond(config: Mapping) -> str | None:
    """Say why the target ``beyond`` cannot be made of a configuration; None if it can be.

    The target ``all`` takes a mixture of any number of species.
    """
    species = config["mixture"]["species"]
    if len(species) == 2:
        return None
    return (
        f"mixture.species is {written(species)}; the target beyond is for mixtures of two species: "
        "its predictors are made of the pairs of the first species with either of them"
    )


# ---------------------------------------------------------------- the liquid
def _mixture(study: Study) -> Iterator[str]:
    mixture, particles = study.mixture, study.system.particles
    n, fractions = len(mixture.species), mixture.fractions
    for key in ("fractions", "masses"):
        if len(entries := getattr(mixture, key)) != n:
            yield f"mixture.{key} has {len(entries)} entries for {n} species"
    for key in ("sigma", "epsilon", "cutoff"):
        matrix = getattr(mixture, key)
        if not isinstance(matrix, list):
            continue  # a cut-off for all pairs
        if len(matrix) != n or any(len(row) != n for row in matrix):
            yield f"mixture.{key} is {written(matrix)}; it must have {n} rows of {n} numbers"
        elif not np.array_equal(matrix, np.transpose(matrix)):
            yield f"mixture.{key} is {written(matrix)}; it must be symmetric"
    total, counts = sum(fractions), [fraction * particles for fraction in fractions]
    said = f"system.particles is {particles}; with mixture.fractions = {written(fractions)}"
    if abs(total - 1) > 1e-9:
        yield f"mixture.fractions is {written(fractions)}; the sum must be 1, it is {total:g}"
    elif len(fractions) == n and any(abs(count - round(count)) > 1e-6 for count in counts):
        few = cut(", ".join(f"{count:g}" for count in counts))
        yield f"{said} that is {few} particles of the species; each must be a whole number"
    elif len(fractions) == n and min(counts) < FEWEST_PARTICLES - 0.5:
        fewest = f"{min(counts):.0f}"
        needed = f"each needs {FEWEST_PARTICLES} for its g(r)"
        yield f"{said} a species has only {fewest} particles: {needed}"


def _edge(study: Study) -> float:
    return (study.system.particles / study.system.density) ** (1 / 3)


def _largest_diameter(study: Study) -> float:
    return max(map(max, study.mixture.sigma))


def _box(study: Study) -> Iterator[str]:
    box, density = _edge(study), study.system.density
    particles = f"system.particles is {study.system.particles};"
    try:
        cutoff = float(np.max(np.multiply(study.mixture.cutoff, study.mixture.sigma)))
    except ValueError:
        return  # matrices of different sizes: already said
    reach = 2 * (cutoff + THINNEST_SKIN)
    if box < reach:
        yield (
            f"{particles} the box edge {box:.3f} is smaller than twice the cut-off and a little, "
            f"2 x ({cutoff:g} + {THINNEST_SKIN:g}) = {reach:g}: "
            f"take at least {math.ceil(density * reach**3)} particles"
        )
    # g(r) is kept up to half of the box; its first minimum lies before 1.6 times its peak
    needed = 1.9 * _largest_diameter(study)
    if box / 2 < needed:
        yield (
            f"{particles} half of the box edge, {box / 2:.3g}, does not hold the first shell, "
            f"{needed:.3g}: take at least {math.ceil(density * (2 * needed) ** 3)} particles"
        )


# ---------------------------------------------------------------- times and temperatures
def _multiple(value: float, unit: float) -> bool:
    """Return whether ``value`` is a whole number of ``unit`` up to rounding; of 0, only 0 is."""
    ratio = value / unit
    if not math.isfinite(ratio) or (value > 0 and round(ratio) == 0):
        return False
    return abs(ratio - round(ratio)) < 1e-6 * max(1.0, ratio)


def _too_many(key: str, value: float, count: float, what: str) -> Iterator[str]:
    if count > LIMITS[what]:
        yield f"{key} is {value:g}; that makes {count:.3g} {what}, more than {LIMITS[what]:.3g}"


def _repeated(key: str, values: list[float], *others: float) -> Iterator[str]:
    names = [label(value) for value in (*others, *values)]
    for i, value in enumerate(values):
        if label(value) in names[: len(others) + i]:
            yield f"{key}[{i}] is {value:g}, which is there already"


def _steps(study: Study) -> Iterator[str]:
    md, points = study.md, study.state_points
    names = ("frame_interval", "thermo_interval", "log_block_time", "melt_time", "cooling_time")
    times = {f"md.{name}": getattr(md, name) for name in names}
    times |= {f"state_points[{i}].equilibration": p.equilibration for i, p in enumerate(points)}
    for i, point in enumerate(points):
        if point.trajectory and point.trajectory.interval:
            times[f"state_points[{i}].trajectory.interval"] = point.trajectory.interval
    for key, time in times.items():
        if not _multiple(time, md.timestep):
            yield (
                f"{key} is {time:g}; it must be a whole number of time steps "
                f"(md.timestep = {md.timestep:g})"
            )
        yield from _too_many(key, time, time / md.timestep, "steps")
    if md.thermostat_time < 10 * md.timestep:
        yield (
            f"md.thermostat_time is {md.thermostat_time:g}; a thermostat faster than 10 time "
            f"steps (md.timestep = {md.timestep:g}) is not integrated well"
        )


def _frames(study: Study) -> Iterator[str]:
    dynamics, frame = study.dynamics, study.md.frame_interval
    others = dynamics.hop_window_alternatives
    yield from _repeated("dynamics.hop_window_alternatives", others, dynamics.hop_window)
    yield from _repeated("interpretations.average_windows", study.interpretations.average_windows)
    if not _multiple(frame, study.md.timestep):
        return  # already said; what is counted in frames makes no sense then
    windows = {f"dynamics.hop_window_alternatives[{i}]": time for i, time in enumerate(others)}
    for key, window in {"dynamics.hop_window": dynamics.hop_window, **windows}.items():
        if window < 2 * frame:
            yield (
                f"{key} is {window:g}; it must hold at least two frames "
                f"(md.frame_interval = {frame:g}, so at least {2 * frame:g})"
            )
        elif not _multiple(window, 2 * frame):
            yield (
                f"{key} is {window:g}; each half must be a whole number of frames "
                f"(a multiple of {2 * frame:g}, twice md.frame_interval)"
            )
    times = {
        "softness.average_window": study.softness.average_window,
        "descriptors.average_window": study.descriptors.average_window,
    }
    times |= {
        f"state_points[{i}].production": p.production for i, p in enumerate(study.state_points)
    }
    averages = enumerate(study.interpretations.average_windows)
    times |= {f"interpretations.average_windows[{i}]": window for i, window in averages}
    for key, time in times.items():
        if not _multiple(time, frame):
            zero = "0 or " if key == "softness.average_window" else ""
            yield (
                f"{key} is {time:g}; it must be {zero}a whole number of frames "
                f"(md.frame_interval = {frame:g})"
            )


def _state_points(study: Study) -> Iterator[str]:
    md, points, window = study.md, study.state_points, study.dynamics.hop_window
    hottest = max(point.T for point in points)
    if md.melt_temperature < hottest:
        yield (
            f"md.melt_temperature is {md.melt_temperature:g}; the melt must not be colder than "
            f"the hottest state point, T = {hottest:g}"
        )
    if len(points) < 2:
        yield "state_points has 1 entry; the calibration (Eq. 7) needs at least two temperatures"
    names = [label(point.T) for point in points]
    thresholds = [label(T) for T in study.dynamics.p_c_paper]
    shortest = min(md.frame_interval, md.thermo_interval, md.log_block_time)
    for i, (point, T) in enumerate(zip(points, names, strict=True)):
        here, production = f"state_points[{i}]", point.production
        if (first := names.index(T)) < i:
            yield f"{here}.T is {point.T:g}; state_points[{first}] has that temperature too"
        yield from _too_many(f"{here}.production", production, production / shortest, "frames")
        yield from _too_many(f"{here}.production", production, production / md.timestep, "steps")
        if production < window:
            yield (
                f"{here}.production is {production:g}; it is shorter than the hop window "
                f"(dynamics.hop_window = {window:g})"
            )
        if study.dynamics.p_c == "paper" and T not in thresholds:
            yield f"dynamics.p_c_paper has no value for T = {T}, and dynamics.p_c is paper"
        if point.trajectory:
            yield from _trajectory(study, here, point, point.trajectory)
        if point.start and Path(point.start).is_file():
            yield from _file(f"{here}.start", point.start)


def _trajectory(study: Study, here: str, point: StatePoint, source: Trajectory) -> Iterator[str]:
    """Check what can be checked of a trajectory made elsewhere without reading it."""
    species, replicas = study.mixture.species, study.replicas
    if point.start:
        yield f"{here} has start and trajectory; a trajectory is not simulated"
    if (n := len(source.path)) != replicas:
        yield f"{here}.trajectory has {n} paths; replicas is {replicas}, a path each is needed"
    paths = [file for path in source.path for file in files_of_run(path)]
    for path in [*paths, *filter(None, [source.topology])]:
        yield from _file(f"{here}.trajectory", path)
    for name in [name for name in source.species or {} if name not in species]:
        yield f"{here}.trajectory.species has {name}; mixture.species is {', '.join(species)}"


# ---------------------------------------------------------------- the analysis
def _softness(study: Study) -> Iterator[str]:
    softness, values, box = study.softness, study.softness.delta_values, _edge(study)
    if softness.delta not in values:
        all_of_them = f"softness.delta_values = {written(values)}"
        yield f"softness.delta is {softness.delta:g}; it must be one of {all_of_them}"
    yield from _repeated("softness.delta_values", values)
    # the first shell ends at about 1.5 diameters
    if 1.5 * _largest_diameter(study) + 5 * max(values) > box / 2:
        yield (
            f"softness.delta_values is {written(values)}; smeared by {max(values):g}, the first "
            f"shell reaches beyond half of the box edge {box:.3g}: take smaller widths or more "
            "particles"
        )
    window, shortest = softness.average_window, _shortest_run(study)
    if window > shortest:
        yield (
            f"softness.average_window is {window:g}; it is longer than a run "
            f"(state_points[].production, {shortest:g} the shortest)"
        )


def _shortest_run(study: Study) -> float:
    return min(point.production for point in study.state_points)


def _structure(study: Study) -> Iterator[str]:
    structure, box = study.structure, _edge(study)
    q_max, q_match = structure.q_max, structure.q_match
    q_bin, r_bin = structure.q_bin, structure.r_bin
    match = f"structure.q_match is {written(q_match)};"
    if q_match[0] >= q_match[1]:
        yield f"{match} the first must be the smaller one"
    if q_match[1] > q_max:
        yield f"{match} it must end at or below structure.q_max = {q_max:g}"
    if q_bin > q_match[0]:
        yield (
            f"structure.q_bin is {q_bin:g}; a shell must be narrower than the wave "
            f"numbers below structure.q_match = {written(q_match)}"
        )
    shells = max([q_max, *structure.q_max_alternatives]) / q_bin
    yield from _too_many("structure.q_bin", q_bin, shells, "bins")
    yield from _too_many("structure.r_bin", r_bin, box / 2 / r_bin, "bins")
    vectors = 0.5 * (q_max * box / math.pi) ** 3
    yield from _too_many("structure.q_max", q_max, vectors, "wave vectors")
    if q_max < (smallest := 2 * math.pi / box):
        yield (
            f"structure.q_max is {q_max:g}; the shortest wave vector of the box is {smallest:.3g}"
        )
    for key, used in (("q_max", q_max), ("harmonic_range", structure.harmonic_range)):
        others = getattr(structure, f"{key}_alternatives")
        yield from _repeated(f"structure.{key}_alternatives", others, used)


def _bins(study: Study) -> Iterator[str]:
    for name in ("softness_bins", "depth_bins"):
        key, bins = f"prediction.{name}", getattr(study.prediction, name)
        if bins.stop - bins.start < 2 * bins.width:
            yield (
                f"{key} runs from {bins.start:g} to {bins.stop:g}; "
                f"that must hold at least two bins of width {bins.width:g}"
            )
        count = (bins.stop - bins.start) / bins.width
        yield from _too_many(f"{key}.width", bins.width, count, "bins")


def _propensity(study: Study) -> Iterator[str]:
    temperatures = [point.T for point in study.propensity.temperatures]
    yield from _repeated("propensity.temperatures", temperatures)
    step = study.md.timestep
    for i, point in enumerate(study.propensity.temperatures):
        here = f"propensity.temperatures[{i}]"
        files = [file for path in point.files or [] for file in files_of_run(path)]
        if not files and point.configurations is None:
            yield f"{here} has neither configurations, a number of them, nor files"
        elif files and not point.times:
            yield f"{here} has files, but no times: give those at which displacements are recorded"
        elif files and (point.configurations or 0) > len(files):
            yield f"{here} has {len(files)} of the {point.configurations} files that are asked for"
        if files and point.copies:
            yield (
                f"{here} has files and copies: copies need the study's own runs, which measure "
                "tau_alpha; leave copies out"
            )
        elif (point.copies or 0) > (point.configurations or 0):
            yield f"{here} has {point.copies} copies of {point.configurations} configurations"
        for file in files:
            yield from _file(here, file)
        steps = [round(time / step) for time in point.times or []]
        if steps and (min(steps) < 1 or len(set(steps)) < len(steps)):
            yield (
                f"propensity.temperatures: times at T = {point.T:g} are {written(point.times)}; "
                f"each must be another number of steps of md.timestep, {step:g}"
            )


def _descriptors(study: Study) -> Iterator[str]:
    lengths, half = study.descriptors.lengths, _edge(study) / 2
    yield from _repeated("descriptors.lengths", lengths)
    if max(lengths) > half:
        yield (
            f"descriptors.lengths is {written(lengths)}; an average over exp(-r/L) does not fit "
            f"into half of the box edge, {half:.3g}: take smaller L or more particles"
        )


def _blocks(study: Study) -> Iterator[str]:
    """Say whether every run has as many frames and lines as it is to be cut into blocks."""
    blocks, shortest = study.statistics.blocks, _shortest_run(study)
    frames, stride = study.structure.frames, study.softness.stride
    frame, thermo = study.md.frame_interval, study.md.thermo_interval
    for key, value, count in (
        ("structure.frames", frames, frames),
        ("md.frame_interval", frame, shortest / frame),
        ("md.thermo_interval", thermo, shortest / thermo),
        ("softness.stride", stride, shortest / frame / stride),
    ):
        if count < blocks * (1 - 1e-9):
            yield (
                f"statistics.blocks is {blocks}; with {key} = {value:g} the shortest "
                f"run has only {count:.3g} to be cut into blocks"
            )
            return


def _public(study: Study) -> Iterator[str]:
    """Check what can be checked of files made elsewhere without reading them."""
    names = [entry.name for entry in study.public]
    for i, entry in enumerate(study.public):
        here = f"public[{i}]"
        if entry.name in names[:i]:
            yield f"{here}.name is {entry.name!r}, which is there already"
        if entry.name == study.study:
            yield f"{here}.name is {entry.name!r}; the study is published under that name"
        if entry.name.partition("/")[0] == "transfer":
            yield f"{here}.name is {entry.name!r}, the folder of the fits at other temperatures"
        if unknown := [name for name in entry.predictors or [] if name not in REGRESSIONS]:
            yield f"{here}.predictors has {unknown[0]!r}; there are {', '.join(REGRESSIONS)}"
        if entry.predictors and (entry.unseen or entry.calibration):
            yield f"{here} has predictors; unseen and calibration belong to all descriptors"
        further = filter(None, [entry.calibration, entry.published])
        named = [*entry.files, *entry.unseen, *further]
        for file in [file for path in named for file in files_of_run(path)]:
            yield from _file(here, file)
    tested = [entry.temperature for entry in study.public if entry.transfer]
    if len(tested) == 1:
        yield f"public: transfer at T = {tested[0]:g} only; a fit is carried to another temperature"
    for T in {T for T in tested if tested.count(T) > 1}:
        yield f"public: transfer is true for several sets at T = {T:g}; leave it to one of them"


def _file(here: str, path: str | Path) -> Iterator[str]:
    """Check a file made elsewhere; Snakemake deletes results that are older than what they need."""
    if not Path(path).is_file():
        yield f"{here}: there is no file {path}"
    elif (ahead := Path(path).stat().st_mtime - datetime.now().timestamp()) > 0:
        yield (
            f"{here}: the time of {path} is {math.ceil(ahead)} s ahead of this machine's clock, so "
            "that results made from it would be older than it is; set its time to now: "
            f"touch {path}"
        )


# ---------------------------------------------------------------- the results
def _folder(study: Study) -> Iterator[str]:
    """Say whether the results folder is one that no run may write, or that cannot be."""
    folder = Path(study.results, study.study)
    try:
        real = Path(os.path.realpath(folder))
        existing = _existing(folder)
    except (OSError, ValueError) as error:  # a name that no file can have
        yield _cannot_be_written(study.results, folder, error)
        return
    if any(real.is_relative_to(os.path.realpath(published)) for published in PUBLISHED):
        snapshot = f"{folder} is a published snapshot, which no run writes"
        yield f"study is {study.study!r}; {snapshot}: take another name"
    elif not existing.is_dir():
        yield _cannot_be_written(study.results, folder, f"{existing} is no folder")


def unwritable(config: Mapping) -> str:
    """Say why the results of a configuration cannot be written; return '' if they can be.

    Nothing is left behind. This is asked before a run: who only looks at results needs to write
    none.
    """
    folder = Path(config["results"], config["study"])
    try:
        with tempfile.TemporaryFile(dir=_existing(folder)):
            return ""
    except OSError as error:
        return _cannot_be_written(config["results"], folder, error)


def _existing(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that is there."""
    return next(path for path in (folder, *folder.absolute().parents) if path.exists())


def _cannot_be_written(results: str, folder: Path, error: Exception | str) -> str:
    why = getattr(error, "strerror", None) or error
    return f"results is {results!r}; {folder} cannot be written: {why}"

"""All that a page about trajectories shows, found in their frames by the functions of the study.

The steps are those of the rules of a study: structure and average cage, the line, relaxation,
depth and softness of each particle, p_hop, counts, and what follows from them. What a run is too
short to show is missing, and a warning of the log says so in one sentence.
"""

from __future__ import annotations

import errno
import logging
import math
import os
import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd

from softcage.cage.average import cage_of_structure
from softcage.cage.calibration import SAME_DENSITY, Line, calibrate, line_of_tables
from softcage.cage.mean_field import measured_ranges
from softcage.cage.runs import score_run
from softcage.cage.scorer import Ranges, Scorer, scorers_of
from softcage.defaults import (
    BLOCK_RELAXATION_TIMES,
    BLOCKS,
    CAGE_DISPLACEMENT,
    CLOSURE,
    DELTA,
    HOP_WINDOW,
    MINIMUM_HOPS,
    OVERLAP_RADIUS,
    Q_MAX,
    RESAMPLES,
    ROUTE,
    SOFTNESS_GROUPS,
    STRUCTURE_FRAMES,
)
from softcage.dynamics.equilibration import words_on_errors
from softcage.dynamics.hops import track_of_example, write_p_hop
from softcage.dynamics.propagator import LAGS_PER_DECADE, SoftnessSeries, memory_tables
from softcage.dynamics.time_correlations import correlations_of_run
from softcage.io.hdf5 import open_hdf5
from softcage.io.progress import Progress
from softcage.io.trajectory import Trajectory
from softcage.model import Composition
from softcage.prediction.arrhenius import fit_counts, lines_table, points_table, summary_of_lines
from softcage.prediction.correlation import correlate_widths
from softcage.prediction.counts import (
    QUANTITIES,
    bin_edges,
    coarse,
    count_run,
    edges_of_sample,
    fine_edges,
)
from softcage.prediction.distributions import curve_table, distribution_table, summary_table
from softcage.sampling import evenly_spaced, log_spaced
from softcage.structure.blocks import Structure, pool_structure, structure_of_run
from softcage.structure.tagged_rdf import rearranging_rdf

log = logging.getLogger(__name__)

_BYTES_OF_SCORES = 16  # depth, softness, p_hop and what HDF5 needs around them, of one particle

#: With fewer frames an average over time says little.
FEW_FRAMES = 20
_SAMPLE_FRAMES = 50  # of each run, whose values set the bins
_CORRELATED_FRAMES = 200  # of each run, for rank correlations and g(r) around particles
_LEAST_FOR_MEMORY = 8  # frames
_PROPAGATORS = 3  # times of G(S, S0, t)
_SHELLS = 2.0  # g(r) around rearranging particles reaches to this many r_min
_RDF_BIN = 0.02
_SEED = 0


@dataclass(frozen=True)
class Choices:
    """What is measured, and how; the defaults are those of a study."""

    closure: str = CLOSURE
    delta: float = DELTA
    q_max: float = Q_MAX
    hop_window: float = HOP_WINDOW
    p_c: float | None = None
    hops: bool = True
    frames: int = STRUCTURE_FRAMES
    blocks: int = BLOCKS
    overlap_radius: float = OVERLAP_RADIUS
    line: Line | None = None


@dataclass(eq=False)
class StatePoint:
    """The frames of one temperature, and what has been found in them.

    Attributes
    ----------
    name : str
        Of the files, for messages.
    temperature : float
        NaN if it is not known.
    run : Trajectory
    liquid : Composition
    tagged : int
        Species whose particles are scored.
    about : dict
        What was read, in words.
    order : (N,) int64 array, optional
        Place of each particle in the files.
    curves : dict
        r, g, q, s and their errors, (n_species, n_species, n).
    cage : DataFrame
        The average cage (:func:`softcage.cage.average.cage_of_structure`), empty if there is none.
    relaxation : DataFrame
        From :func:`softcage.dynamics.time_correlations.correlations_of_run`, as is the beginning of
        ``numbers``; empty for one frame.
    scorer : Scorer or None
    hops : bool
        Whether it is known which particles rearrange.
    tables : dict
        Of distributions, curves, summary, correlation, propagator, mean_softness and overlap.
    """

    name: str
    temperature: float
    run: Trajectory
    liquid: Composition
    tagged: int
    about: dict[str, str] = field(default_factory=dict)
    order: np.ndarray | None = None
    curves: dict[str, np.ndarray] = field(default_factory=dict)
    cage: pd.DataFrame = field(default_factory=pd.DataFrame)
    relaxation: pd.DataFrame = field(default_factory=pd.DataFrame)
    numbers: dict[str, Any] = field(default_factory=dict)
    scorer: Scorer | None = None
    hops: bool = False
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def blocks(self) -> int:
        """Time blocks for errors; one for each frame, if there are only a few."""
        return int(self.numbers.get("blocks", min(BLOCKS, self.run.n_frames)))

    @property
    def in_words(self) -> str:
        """Name for messages."""
        return self.name if math.isnan(self.temperature) else f"T = {self.temperature:g}"


@dataclass(eq=False)
class Findings:
    """What has been found in the trajectories of one or several temperatures, cold first.

    Attributes
    ----------
    points : list of StatePoint
    choices : Choices
    cage, lines : DataFrame or None
        Average cages and lines of all temperatures (:func:`softcage.cage.calibration.calibrate`).
    line : Line or None
        The line from depth to softness that was used.
    quantity : str
        ``softness``, or ``depth`` where no line gives a softness.
    tables : dict
        arrhenius, arrhenius_points and crossing of several temperatures; example and
        rearranging_rdf of the lowest one with rearrangements.
    """

    points: list[StatePoint]
    choices: Choices
    cage: pd.DataFrame | None = None
    lines: pd.DataFrame | None = None
    line: Line | None = None
    quantity: str = "depth"
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def species(self) -> str:
        """Name of the species that is scored."""
        point = self.points[0]
        return point.liquid.species[point.tagged]

    @property
    def particles(self) -> str:
        """Its particles, in words; a species may have a number for a name."""
        name = self.species
        return f"particles of species {name}" if name.isdecimal() else f"{name} particles"

    @property
    def pairs(self) -> list[str]:
        """Names of its pairs with each species."""
        return self.points[0].liquid.pairs_of(self.points[0].tagged)

    @property
    def scored(self) -> list[StatePoint]:
        """The temperatures at which particles have a depth."""
        return [point for point in self.points if point.tables]


def findings_of_runs(
    points: Sequence[StatePoint], choices: Choices, folder: str | Path
) -> Findings:
    """Find all that the frames of one or several temperatures show.

    Parameters
    ----------
    points : sequence of StatePoint
        One for each temperature, of the same species.
    choices : Choices
    folder : path
        For the scores of each particle, which are read back a part at a time.

    Raises
    ------
    ValueError
        If the line of ``choices`` belongs to another liquid, density or closure.
    """
    found = Findings(sorted(points, key=lambda point: point.temperature), choices)
    for point in found.points:
        _measure_structure(point, choices)
    _fit_line(found)
    found.quantity = "depth" if found.line is None else "softness"
    for point in found.points:
        _measure_relaxation(point, choices)
    _check_room(found.points, Path(folder))
    with ExitStack() as stack:
        stores = {}
        for place, point in enumerate(found.points):
            _choose_scorer(point, found)
            if point.scorer is not None:
                path = Path(folder) / f"scores_{place}.h5"
                stores[place] = stack.enter_context(open_hdf5(path, "w"))
                _score(point, point.scorer, choices, stores[place])
        if stores:
            _count(found, stores)
    return found


def _check_room(points: Sequence[StatePoint], folder: Path) -> None:
    """Refuse a disk without room for the scores: HDF5 ends the process if it gets full."""
    scores = sum(p.run.n_frames * np.count_nonzero(p.run.species == p.tagged) for p in points)
    if shutil.disk_usage(folder).free < _BYTES_OF_SCORES * scores:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


# ---------------------------------------------------------------- structure, cage and line
def _measure_structure(point: StatePoint, choices: Choices) -> None:
    """Find g(r), S(q) and the average cage."""
    run, T = point.run, point.temperature
    if run.n_frames < FEW_FRAMES:
        words = "%s: g(r), S(q), r0 and r_min come from %d frame(s) only and are noisy"
        log.warning(words, point.in_words, run.n_frames)
    structure = structure_of_run(
        run, frames=choices.frames, blocks=choices.blocks, q_max=choices.q_max
    )
    structure = pool_structure([structure], [point.name], choices.blocks)
    point.curves = _averages(structure)
    try:
        point.cage, point.curves = cage_of_structure(
            structure,
            point.liquid,
            T,
            q_max=choices.q_max,
            tagged=point.tagged,
            closure=choices.closure,
        )
    except ValueError as error:
        log.warning("%s: there is no average cage: %s", point.in_words, _one_line(error))
    if len(structure.block_frames) < 2:
        words = "%s: errors of g(r), S(q) and the average cage are not known from one block"
        log.warning(words, point.in_words)


def _averages(structure: Structure) -> dict[str, np.ndarray]:
    """Return g(r) and S(q) of the wave vectors of the box, averaged over frames."""
    frames = structure.block_frames.astype(float)
    g, s = (np.average(blocks, axis=0, weights=frames) for blocks in (structure.g, structure.s))
    unknown = {"g_error": np.full_like(g, np.nan), "s_error": np.full_like(s, np.nan)}
    return {"r": structure.r, "g": g, "q": structure.q, "s": s} | unknown


def _fit_line(found: Findings) -> None:
    """Fit the line over the temperatures, unless one is given."""
    choices, points = found.choices, found.points
    found.line = choices.line
    cages = [point.cage for point in points if not point.cage.empty]
    if len(points) > 1 and len(cages) < 2 and choices.line is None:
        log.warning("there is no line from depth to softness without two average cages")
    if len(points) > 1 and len(cages) > 1:
        found.cage, found.lines = calibrate(cages)
        if found.line is None:
            found.line = _usable_line(found.cage, found.lines, found)
    if found.line is None:
        why = "" if len(points) > 1 else (
            ": a line from depth to softness needs several temperatures, or --calibration"
        )  # fmt: skip
        log.warning("the depth takes the place of the softness%s", why)
    elif len(cages) == 2 and choices.line is None:
        log.warning(
            "the line from depth to softness goes through two temperatures only, so that its "
            "linearity is not tested"
        )


def _usable_line(cage: pd.DataFrame, lines: pd.DataFrame, found: Findings) -> Line | None:
    """Return the line of these files, or None after a warning that says why it is not used."""
    densities = [point.run.density for point in found.points if not point.cage.empty]
    low, high = min(densities), max(densities)
    if high > (1 + SAME_DENSITY) * low:
        words = "the runs have different densities, %.5g to %.5g, and a line holds at one density"
        log.warning(words, low, high)
        return None
    line = line_of_tables("these files", cage, lines, found.choices.q_max, ROUTE)
    if line.c1 >= 0:
        words = "the line 1/S = %.5g %+.5g beta Phi rises, so that deeper cages would be softer"
        log.warning(f"{words}: are the temperatures right?", line.c0, line.c1)
        return None
    if cage["inverse_softness_error"].isna().any():
        log.warning("errors of the line are not known: some average cages have no error")
    return line


# ---------------------------------------------------------------- relaxation
def _measure_relaxation(point: StatePoint, choices: Choices) -> None:
    """Find the averages over time, tau_alpha and p_c."""
    run = point.run
    if not choices.hops:
        return
    if run.n_frames < 2:
        log.warning("%s: one frame shows no motion: there are no averages over time, and nothing "
                    "says which particles rearrange", point.in_words)  # fmt: skip
        return
    point.relaxation, point.numbers = correlations_of_run(
        run,
        point.tagged,
        overlap_radius=choices.overlap_radius,
        blocks=choices.blocks,
    )
    if math.isnan(point.numbers["tau_alpha"]):
        reached = (point.relaxation["overlap"] < math.exp(-1)).any()
        words = "%s: tau_alpha is not reached in the run, whose length is %g"
        if reached:
            words = "%s: tau_alpha is shorter than the time between frames, %g, and not known"
        length = run.times[1 if reached else -1] - run.times[0]
        log.warning(words, point.in_words, length)
    if words := words_on_errors(point.numbers, BLOCK_RELAXATION_TIMES):
        log.warning("%s: the errors are %s", point.in_words, words)


# ---------------------------------------------------------------- scores and hops
def _choose_scorer(point: StatePoint, found: Findings) -> None:
    """Choose the first shell, and the line if there is one."""
    choices, T = found.choices, point.temperature

    def measured(tagged: list[int]) -> Ranges:
        if not point.cage.empty:
            return point.curves["r0"], point.curves["r_min"]
        return measured_ranges(point.run, tagged)

    try:
        ranges = measured([point.tagged])
    except ValueError as error:
        log.warning("%s: particles have no depth: %s", point.in_words, _one_line(error))
        return
    (point.scorer,) = scorers_of(
        found.line,
        point.liquid,
        None if math.isnan(T) else T,
        point.run.species,
        point.run.box,
        [found.species],
        deltas=[choices.delta],
        measured=lambda tagged: ranges,
        closure=choices.closure,
    )


def _score(point: StatePoint, scorer: Scorer, choices: Choices, store: h5py.File) -> None:
    """Write depth, softness and p_hop of each particle in each frame."""
    n_invalid, n_values = score_run(store.create_group("scores"), scorer, point.run)
    point.numbers |= {"n_values": n_values, "n_invalid": 0 if scorer.c0 is None else n_invalid}
    if n_invalid and scorer.c0 is not None:
        words = "%s: %d of %d depths have no softness: they are so shallow that the line gives "
        log.warning(f"{words}1/S <= 0; they count as softer than all others", point.in_words,
                    n_invalid, n_values)  # fmt: skip
    p_c = point.numbers.get("p_c", math.nan) if choices.p_c is None else choices.p_c
    group = store.create_group("hops")
    if not _window_fits(point, choices):
        _write_unknown_hops(group, point, choices.hop_window)
        return
    if math.isnan(p_c):
        log.warning(
            "%s: alpha_2 has no maximum within the run, so that p_c is not known, nor which "
            "particles rearrange; give --p-c, or a longer run", point.in_words,
        )  # fmt: skip
    events = write_p_hop(group, point.run, [choices.hop_window], p_c, point.tagged)
    point.numbers["p_c_used"] = p_c
    point.hops = not math.isnan(p_c)
    if point.hops:
        example = track_of_example(group[f"dt{choices.hop_window:g}"], events)
        if point.order is not None:
            places = point.order[point.run.species == point.tagged]
            example["particle"] = places[example["particle"].to_numpy(int)]
        point.tables["example"] = example.assign(T=point.temperature)


def _window_fits(point: StatePoint, choices: Choices) -> bool:
    """Return whether the run has p_hop; if it has not, a warning says why."""
    run, window = point.run, choices.hop_window
    if not choices.hops or run.n_frames < 2:
        return False
    interval = run.times[1] - run.times[0]
    half = round(0.5 * window / interval)
    if half < 1:
        words = "%s: the hop window %g is shorter than twice the time between frames, %g, so that "
        words += "p_hop is not known: give --hop-window"
        log.warning(words, point.in_words, window, interval)
    elif run.n_frames <= 2 * half:
        words = "%s: %d frames are shorter than the hop window %g, so that p_hop is not known"
        log.warning(words, point.in_words, run.n_frames, window)
    elif abs(2 * half * interval / window - 1) > 1e-4:
        words = "%s: the hop window is %g, the multiple of twice the time between frames nearest %g"
        log.warning(words, point.in_words, 2 * half * interval, window)
    return half >= 1 and run.n_frames > 2 * half


def _write_unknown_hops(group: h5py.Group, point: StatePoint, window: float) -> None:
    """Write that p_hop is not known in any frame, with frames half a window apart."""
    frames = np.arange(point.run.n_frames)
    n = int(np.count_nonzero(point.run.species == point.tagged))
    part = group.create_group(f"dt{window:g}")
    part.attrs.update(p_c=np.nan, window=float(window))
    part["frame"], part["time"] = frames, 0.5 * window * frames
    part.create_dataset("p_hop", (len(frames), n), np.float32, fillvalue=np.nan)


# ---------------------------------------------------------------- counts and what follows
def _count(found: Findings, stores: dict[int, h5py.File]) -> None:
    """Count particles in bins that all temperatures share, and fill the tables."""
    edges = _common_edges(found, stores)
    fine = {quantity: fine_edges(some) for quantity, some in edges.items()}
    known = QUANTITIES if found.quantity == "softness" else ("depth",)
    window, counted = found.choices.hop_window, {}
    progress = Progress(len(stores), "temperatures")
    for done, (place, store) in enumerate(stores.items()):
        progress.update(done, "counting")
        point = found.points[place]
        counts, _ = count_run(store["scores"], store["hops"], [window], fine, point.blocks)
        kept = {key: blocks for key, blocks in counts.items() if key[2] in known}
        used = {quantity: fine[quantity] for quantity in known}
        counted[place] = kept[window, "0", found.quantity]
        point.tables |= {
            "summary": summary_table(kept, fine, RESAMPLES, _SEED),
            "distributions": distribution_table(kept, edges, RESAMPLES, _SEED),
            "curves": curve_table(kept, used, window, RESAMPLES, _SEED),
        }
        if point.hops:
            _correlate(point, store, window, found.quantity)
        _follow(point, store, edges[found.quantity], found)
    _fit_barriers(found, counted, edges[found.quantity])
    _look_around(found, stores)


def _common_edges(found: Findings, stores: dict[int, h5py.File]) -> dict[str, np.ndarray]:
    """Return the edges of bins for all temperatures."""
    edges = {}
    for quantity in QUANTITIES:
        sample = []
        for store in stores.values():
            values = store[f"scores/uniform/{quantity}"]
            sample.append(values[evenly_spaced(len(values), _SAMPLE_FRAMES)].ravel())
        finite = np.concatenate(sample)
        finite = finite[np.isfinite(finite)]
        edges[quantity] = edges_of_sample(finite) if len(finite) else bin_edges(0.0, 1.0, 0.5)
    return edges


def _correlate(point: StatePoint, store: h5py.File, window: float, quantity: str) -> None:
    """Find the rank correlation of softness, or depth, with p_hop in the same frames."""
    group = store[f"hops/dt{window:g}"]
    rows = evenly_spaced(len(group["frame"]), _CORRELATED_FRAMES)
    frames = group["frame"][:][rows]
    values = store[f"scores/uniform/{quantity}"][frames].astype(float)
    row, _ = correlate_widths([values], [group["p_hop"][rows].astype(float)], point.blocks)
    point.numbers |= {name: row[name] for name in ("spearman", "spearman_error")}


def _follow(point: StatePoint, store: h5py.File, edges: np.ndarray, found: Findings) -> None:
    """Find how long particles keep their softness, or depth."""
    run, quantity = point.run, found.quantity
    if not found.choices.hops or run.n_frames < _LEAST_FOR_MEMORY:
        return
    values = store[f"scores/uniform/{quantity}"]
    sample = values[evenly_spaced(len(values), _SAMPLE_FRAMES)]
    if np.isnan(sample).all():
        return
    interval = run.times[1] - run.times[0]
    lags = log_spaced(run.n_frames // 2, LAGS_PER_DECADE)
    lags = lags[evenly_spaced(len(lags), _PROPAGATORS)]
    hardest = 0.1 if quantity == "softness" else 0.9
    series = SoftnessSeries(store["scores/uniform/frame"][:], values)
    point.tables |= memory_tables(
        [(run, None, series, None)],
        n_blocks=point.blocks,
        edges=edges,
        hard=float(np.nanquantile(sample, hardest)),
        times=(lags * interval).tolist(),
        groups=SOFTNESS_GROUPS,
        cage_displacement=CAGE_DISPLACEMENT,
        overlap_radius=found.choices.overlap_radius,
        resamples=RESAMPLES,
        seed=_SEED,
        tagged=point.tagged,
    )


def _fit_barriers(found: Findings, counted: dict[int, np.ndarray], edges: np.ndarray) -> None:
    """Fit the Arrhenius lines of the temperatures with rearrangements."""
    usable = [place for place in counted if found.points[place].hops]
    if len(found.points) < 2:
        return
    if len(usable) < 2:
        log.warning("no barriers: rearrangements are known at fewer than two temperatures")
        return
    if len(usable) == 2:
        log.warning("barriers are those of lines through two temperatures, whose form is not "
                    "tested")  # fmt: skip
    fit = fit_counts(
        [found.points[place].temperature for place in usable],
        [coarse(counted[place]) for place in usable],
        minimum_hops=MINIMUM_HOPS,
        minimum_temperatures=min(3, len(usable)),
        resamples=RESAMPLES,
        seed=_SEED,
    )
    centers, window = 0.5 * (edges[1:] + edges[:-1]), found.choices.hop_window
    row = summary_of_lines(fit, centers, found.quantity, window)
    made = {"arrhenius": lines_table(fit, centers), "arrhenius_points": points_table(fit, centers)}
    for name, table in made.items():
        found.tables[name] = table.assign(quantity=found.quantity, window=window)
    found.tables["crossing"] = pd.DataFrame([row])
    if found.tables["arrhenius"].empty:
        log.warning("no barriers: no bin has %d rearrangements at %d temperatures", MINIMUM_HOPS,
                    min(3, len(usable)))  # fmt: skip


def _look_around(found: Findings, stores: dict[int, h5py.File]) -> None:
    """Find g(r) around the rearranging particles, at the lowest temperature that has any."""
    window = found.choices.hop_window
    for place, store in stores.items():
        point = found.points[place]
        if not point.hops or point.scorer is None:
            continue
        group, tagged = store[f"hops/dt{window:g}"], point.tagged
        rows = evenly_spaced(len(group["frame"]), _CORRELATED_FRAMES)
        moving = group["p_hop"][rows] > group.attrs["p_c"]
        others = [k for k in range(len(found.pairs)) if k != tagged]
        order = [tagged, *others]  # the scored species is the first one there
        run = replace(point.run, species=np.argsort(order)[point.run.species])
        table, _ = rearranging_rdf(
            [(run, group["frame"][:][rows], moving)],
            [found.pairs[k] for k in order],
            point.blocks,
            r_max=_SHELLS * float(np.max(point.scorer.r_min)),
            r_bin=_RDF_BIN,
            resamples=RESAMPLES,
            seed=_SEED,
        )
        found.tables |= {"example": point.tables["example"], "rearranging_rdf": table}
        return


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())

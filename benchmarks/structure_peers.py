"""g(r) and S(q) beside freud and dynasor: the same frame, bins, wave vectors and threads.

Kob-Andersen, N = 4000. g(r): all three pairs of species up to half the box, one pass of ours, one
RDF of freud each; the same in a tilted box, and of as many particles in a square. S(q): all
particles on every lattice vector of the positive octant up to q = 12, which is what freud's
StaticStructureFactorDirect takes. freud needs memory for each bin, particle and thread, hence bins
of 0.02. dynasor takes part where it is installed (``make .venv/.hosts``). The median of the turns
counts; ``ratio`` is our speed over theirs.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import statistics
import time
from collections import defaultdict

import numba
import numpy as np

from benchmarks.report import OURS
from benchmarks.states import equilibrated
from softcage.box import Box
from softcage.structure.rdf import pair_counts, wrap
from softcage.structure.structure_factor import lattice_vectors, partial_structure_factors

TEMPERATURE = 0.5
R_BIN, Q_MAX, Q_BIN = 0.02, 12.0, 0.1


def run(quick: bool) -> list[dict]:
    import freud

    state = equilibrated(1000 if quick else 4000, TEMPERATURE, quick)
    turns = 1 if quick else 5
    works: dict[str, list] = {
        **{
            f"g(r) of three pairs{name}": [rdf_ours(*frame), rdf_freud(*frame, freud)]
            for name, frame in frames_of(state).items()
        },
        "S(q) of octant vectors": [s_ours(state), s_freud(state, freud)],
    }
    versions = [OURS, ("freud", freud.__version__)]
    if importlib.util.find_spec("dynasor"):
        versions.append(("dynasor", importlib.metadata.version("dynasor")))
        works["S(q) of octant vectors"].append(s_dynasor(state))
    rows = []
    for threads in [n for n in (1, 2) if n <= numba.config.NUMBA_NUM_THREADS]:
        numba.set_num_threads(threads)
        freud.parallel.set_num_threads(threads)
        for work, codes in works.items():
            seconds = defaultdict(list)
            for turn in range(turns + 1):
                for name, code in zip(versions, codes, strict=False):
                    begin = time.perf_counter()
                    code()
                    if turn:  # the first compiles
                        seconds[name].append(time.perf_counter() - begin)
            ours = statistics.median(seconds[OURS])
            rows += [
                {
                    "benchmark": "structure_peers", "code": f"{name}: {work}", "version": version,
                    "threads": threads, "n": len(state.species),
                    "value": 1 / statistics.median(values), "unit": "frames/s",
                    "ratio": statistics.median(values) / ours,
                }
                for (name, version), values in seconds.items()
            ]  # fmt: skip
    return rows


def frames_of(state):
    """Return positions, species and box of a cube, and of other boxes of the same density."""
    n, edge = len(state.species), state.box
    tilted = Box.of(edge * np.array([[1, 0, 0], [0.3, 1, 0], [-0.2, 0.25, 1]]))
    square = Box.of(2 * [edge**1.5])
    places = np.random.default_rng(0).random((n, 3)) * [1, 1, 0]
    return {
        "": (wrap(state.positions, edge), state.species, Box.of(edge)),
        ", tilted box": (state.positions / edge @ tilted.vectors, state.species, tilted),
        ", two dimensions": (places @ square.vectors, state.species, square),
    }


def rdf_ours(positions, species, box):
    """Return a function that counts the pairs of all species."""
    return lambda: pair_counts(positions, species, box, box.half, R_BIN)


def rdf_freud(positions, species, box, freud):
    """Return a function that has freud do the same, one pair of species after the other."""
    cell = freud.box.Box(*box.edges_and_tilts)
    centred = cell.wrap(positions)
    bins = int(box.half / R_BIN)
    # its largest radius must stay below half the box
    r_max = R_BIN * (bins - 1)

    def compute():
        for u, v in ((0, 0), (0, 1), (1, 1)):
            query = {"mode": "ball", "r_max": r_max, "exclude_ii": u == v}
            freud.density.RDF(bins=bins - 1, r_max=r_max).compute(
                (cell, centred[species == v]),
                query_points=centred[species == u],
                neighbors=query,
            )

    return compute


def s_ours(state):
    """Return a function that sums S(q) over all vectors of the octant."""
    vectors, shell, _ = lattice_vectors(state.box, Q_MAX, Q_BIN, max_vectors=10**9)
    octant = (vectors >= 0).all(axis=1)
    vectors, shell = vectors[octant], np.unique(shell[octant], return_inverse=True)[1]
    species = np.zeros(len(state.species), dtype=np.int64)
    return lambda: partial_structure_factors(state.positions, species, state.box, vectors, shell)


def s_freud(state, freud):
    """Return a function that has freud do the same."""
    centred = wrap(state.positions, state.box) - state.box / 2
    system = (freud.box.Box.cube(state.box), centred)

    def compute():
        freud.diffraction.StaticStructureFactorDirect(
            bins=round(Q_MAX / Q_BIN), k_max=Q_MAX
        ).compute(system)

    return compute


def s_dynasor(state):
    """Return a function that has dynasor compute the density at the same wave vectors."""
    from dynasor.core.reciprocal import calc_rho_q

    vectors, _, _ = lattice_vectors(state.box, Q_MAX, Q_BIN, max_vectors=10**9)
    octant = 2 * np.pi / state.box * vectors[(vectors >= 0).all(axis=1)]
    return lambda: np.abs(calc_rho_q(state.positions, octant)) ** 2 / len(state.positions)

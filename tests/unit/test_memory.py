"""Every stage streams: its memory does not grow with the number of frames.

The stages run one after another on two invented runs, one four times as long as the other. Python's
own accounting of memory (which NumPy reports to) gives the peak of each. Once more they run where
the system refuses memory beyond less than the trajectory's size.
"""

import gc
import os
import resource
import subprocess
import sys
import tracemalloc
from operator import call
from pathlib import Path

import h5py
import numpy as np
import pytest

from softcage.cage.runs import score_run
from softcage.cage.scorer import Scorer
from softcage.dynamics.hops import write_p_hop
from softcage.dynamics.labels import labels
from softcage.dynamics.propagator import (
    SoftnessSeries,
    group_centres,
    pairs_of_runs,
    softness_sample,
    sum_pairs,
    tenths,
)
from softcage.dynamics.relaxation import displacement_sums
from softcage.io.trajectory import open_trajectory, write_stream, write_topology
from softcage.model import kob_andersen
from softcage.prediction.counts import LAGS, block_counts, count_run, fine_index
from softcage.scoring import Recipe, score_trajectory
from softcage.statistics import block_slices
from softcage.structure.blocks import structure_of_run

WORKFLOW = Path(__file__).resolve().parents[2] / "workflow"
N, N_A, FRAMES = 800, 640, 600  # blocks are longer than the slabs that are in memory
BOX = (N / 1.2) ** (1 / 3)
# A byte for each A particle and frame, the smallest array that would not stream.
GROWTH = N_A
MIXTURE = kob_andersen()


def write_stream_of_cages(path, frames, seed):
    """Particles that vibrate about fixed sites: a cage, but no rearrangement."""
    rng = np.random.default_rng(seed)
    m = int(np.ceil(N ** (1 / 3)))
    cells = np.stack(np.meshgrid(*[np.arange(m)] * 3), -1).reshape(-1, 3)
    sites = (cells[np.random.default_rng(0).permutation(m**3)[:N]] + 0.5) * BOX / m
    species = np.repeat([0, 1], [N_A, N - N_A])
    steps = 200 * np.arange(frames)
    parts = (sites + rng.normal(0, 0.05, (min(32, frames - k), N, 3)) for k in range(0, frames, 32))
    write_stream(path, parts, BOX, steps, steps * 0.0025, lag=steps)
    write_topology(path.with_name("topology.pdb"), species, ("A", "B"), sites, BOX)


def stages(folder):
    """Return name -> a stage of a study, in an order in which they can run."""
    uniform, log = folder / "uniform.nc", folder / "log.nc"
    radii = {"r0": np.array([0.88, 0.72]), "r_min": np.array([1.42, 1.25])}
    x = [N_A / N, 1 - N_A / N]
    scorer = Scorer(MIXTURE, 0.5, 1.2, np.array(x), **radii, c0=212.0, c1=-19.6)
    waves = {"q_max": 4.0, "q_match": (2.0, 4.0), "q_bin": 0.5, "q_vectors": 5}

    def structure():
        structure_of_run(open_trajectory(uniform), frames=10**9, blocks=4, r_bin=0.02, **waves)

    def softness():
        with h5py.File(folder / "softness.h5", "w") as store:
            score_run(store, scorer, open_trajectory(uniform), open_trajectory(log))

    def relaxation():
        displacement_sums(open_trajectory(uniform), open_trajectory(log), n_blocks=8)

    def hops():
        with h5py.File(folder / "hops.h5", "w") as store:
            write_p_hop(store, open_trajectory(uniform), [15.0, 30.0], 0.1)

    def scored_frames():
        score_trajectory(open_trajectory(uniform), Recipe([scorer]), folder / "scored.gsd")

    return {
        "structure": structure,
        "softness": softness,
        "scored frames": scored_frames,
        "relaxation": relaxation,
        "hops": hops,
        "prediction": lambda: prediction(folder),
        "propagator": lambda: propagator(folder),
    }


def prediction(folder):
    """Count all and rearranging particles of the run."""
    edges = {"softness": np.linspace(0, 0.01, 1001), "depth": np.linspace(-40, 140, 901)}
    with h5py.File(folder / "softness.h5") as scores, h5py.File(folder / "hops.h5") as hops:
        count_run(scores, hops, [15.0, 30.0], edges, 4)


def propagator(folder):
    """Sum what the memory of softness is made of over all pairs of frames."""
    streams = [open_trajectory(folder / f"{name}.nc") for name in ("uniform", "log")]
    with h5py.File(folder / "softness.h5") as store:
        groups = store["uniform"], store["log"]
        series = [SoftnessSeries(group["frame"][:], group["softness"]) for group in groups]
        sample = softness_sample(series[0], most=50)  # as many of either run
        centres, half_width = group_centres(sample, 3)
        sum_pairs(
            pairs_of_runs([(*streams, *series)], 4, cage_displacement=0.5),
            n_blocks=4, centres=centres, half_width=half_width, tenths=tenths(sample),
            hard=(0.00095, 0.00105), edges=np.linspace(0, 0.01, 101), overlap_radius=0.3,
        )  # fmt: skip


def peak(stage):
    """Return the peak of a stage's memory in bytes, with all garbage: when it goes is chance."""
    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        stage()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        gc.enable()


def peaks(folder, frames, measure=peak):
    """Return stage -> what ``measure`` makes of it over a run with so many frames."""
    folder.mkdir()
    write_stream_of_cages(folder / "uniform.nc", frames, 1)
    write_stream_of_cages(folder / "log.nc", 24, 2)
    return {name: measure(stage) for name, stage in stages(folder).items()}


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Peaks of the short and of the long run, and the folder of the short one."""
    folder = tmp_path_factory.mktemp("runs")
    peaks(folder / "first", 64, measure=call)  # what is loaded and compiled once does not count
    return peaks(folder / "short", FRAMES), peaks(folder / "long", 4 * FRAMES), folder


@pytest.mark.slow
@pytest.mark.parametrize("name", [
    "structure", "softness", "scored frames", "relaxation", "hops", "prediction", "propagator",
])  # fmt: skip
def test_memory_does_not_grow_with_the_frames(runs, name):
    short, long, _ = runs
    assert (long[name] - short[name]) / (3 * FRAMES) < GROWTH


@pytest.mark.slow
def test_a_trajectory_may_be_larger_than_the_memory(runs):
    _, long, folder = runs
    size = (folder / "long" / "uniform.nc").stat().st_size
    assert size > 4 * FRAMES * N * 12
    assert max(long.values()) < size


def run_within(folder, allowed):
    """Run the stages once, then on a long run with so many bytes beyond what is in use then."""
    peaks(folder / "first", 64, measure=call)
    status = Path("/proc/self/status").read_text()
    used = 1024 * int(status.partition("VmData:")[2].split()[0])
    resource.setrlimit(resource.RLIMIT_DATA, (used + allowed, used + allowed))
    peaks(folder / "long", 4 * FRAMES, measure=call)


@pytest.mark.slow
@pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="needs Linux's account of memory"
)
@pytest.mark.parametrize("share", [0.75, 0.05])
def test_a_trajectory_may_be_larger_than_the_memory_allowed(tmp_path, share):
    """The system gives no more; a twentieth is not enough, so the limit is one."""
    size = 4 * FRAMES * N * 12
    code = "import sys, test_memory as t; t.run_within(t.Path(sys.argv[1]), int(sys.argv[2]))"
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path, str(int(share * size))],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), str(WORKFLOW)]),
            "OMP_NUM_THREADS": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if share < 0.1:
        assert done.returncode != 0
    else:
        assert done.returncode == 0, done.stderr[-2000:]
        assert (tmp_path / "long" / "uniform.nc").stat().st_size >= size


@pytest.mark.slow
@pytest.mark.parametrize("slab", [5, 64])
def test_counts_do_not_depend_on_the_slabs(tmp_path, slab):
    """Frames counted a slab at a time, and all of them at once with the library."""
    rng, frames, half, n = np.random.default_rng(0), 150, 6, 40
    p_c, edges = 0.8, {"softness": np.linspace(0, 1, 101), "depth": np.linspace(0, 1, 51)}
    with h5py.File(tmp_path / "all.h5", "w") as store:
        group = store.create_group("dt6")
        group["frame"] = np.arange(half, frames - half)
        group["time"] = 0.5 * group["frame"][:]
        group["p_hop"] = rng.random((frames - 2 * half, n)).astype(np.float32)
        group.attrs["p_c"] = p_c
        scores = store.create_group("uniform")
        scores["frame"] = np.arange(0, frames, 2)
        for name in edges:
            scores[name] = rng.random((frames // 2, n)).astype(np.float32)
        counts, invalid = count_run(store, store, [6.0], edges, 3, slab)
        moving, numbers = group["p_hop"][:] > p_c, group["frame"][:]
        blocks = block_slices(len(numbers), 3)
        for (_, lag, name), counted in counts.items():
            expected = block_counts(
                fine_index(scores[name][:], edges[name]), scores["frame"][:], numbers,
                labels(moving, lag, half), blocks, len(edges[name]) - 1,
            )  # fmt: skip
            np.testing.assert_array_equal(counted, expected)
        assert {lag for _, lag, _ in counts} == set(LAGS) and invalid == 0

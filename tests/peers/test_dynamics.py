"""How particles move here and in LAMMPS, from the same eight equilibrated states.

A supercooled liquid, N = 1000 at T = 0.58: the states are 200 units of time apart in one run, some
six relaxation times. LAMMPS goes on for 1200 from each of them, this code, which is faster, for
twice as long. `make test-peers` runs this for about an hour of one core; it goes on where it was
stopped, from what it left in `build/peers`. Runs of this code are made again when the engine has
changed.
"""

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from mdtraj.formats import DCDTrajectoryFile

from benchmarks import peers
from benchmarks.states import equilibrated
from softcage import md
from softcage.dynamics.relaxation import (
    displacement_sums,
    msd,
    non_gaussian_parameter,
    overlap,
    relaxation_time,
)
from softcage.io.atomic_file import replacing
from softcage.io.trajectory import Trajectory
from softcage.md.checkpoint import load_state, save_state
from softcage.md.integrator import Thermostat, advance, start
from softcage.model import kob_andersen

N, TEMPERATURE, STATES = 1000, 0.58, 8
APART, STEPS, STRIDE = 80_000, 480_000, 40
LEGS = {"LAMMPS": 1, "mixed": 2, "double": 2}  # of so many steps, one after the other
CODES = tuple(LEGS)
FOLDER = Path(__file__).resolve().parents[2] / "build" / "peers"


class Frames(Trajectory):
    """Evenly spaced frames in memory."""

    @classmethod
    def of(cls, positions, state):
        steps, none = STRIDE * np.arange(len(positions)), np.zeros(len(positions), dtype=int)
        frames = cls(None, state.box, state.species, steps, steps * peers.TIMESTEP, none, none)
        object.__setattr__(frames, "positions", positions)
        return frames

    def chunks(self, size=64, start=0, stop=None, stride=1):
        frames = np.arange(start, self.n_frames if stop is None else stop, stride)
        for part in np.array_split(frames, range(size, len(frames), size)):
            yield part, self.positions[part].astype(np.float64)


def state(k):
    """The k-th of the states that all codes start from."""
    path = FOLDER / f"state{k}.npz"
    if not path.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        before = state(k - 1) if k else equilibrated(N, TEMPERATURE, quick=False)
        engine = start(kob_andersen(), before)
        advance(engine, APART if k else 2 * APART, peers.TIMESTEP, Thermostat(TEMPERATURE))
        with replacing(path) as temporary:
            save_state(temporary, engine.state)
    return load_state(path)[0]


def run_in_lammps(state, folder):
    """Yield the frames of its one leg."""
    commands = f"""
fix nvt all nvt temp {TEMPERATURE} {TEMPERATURE} {peers.THERMOSTAT_TIME}
thermo {STEPS}
dump frames all dcd {STRIDE} frames.dcd
dump_modify frames unwrap yes sort id
run {STEPS}
"""
    peers.run_lammps(state, commands, folder, 1, "-sf", "opt")
    with DCDTrajectoryFile(str(folder / "frames.dcd")) as handle:
        yield handle.read()[0]


def run_here(state, precision):
    """Yield the frames of each leg."""
    engine = start(kob_andersen(), state, precision)
    for _ in range(LEGS[precision]):
        frames = [engine.state.positions.astype(np.float32)]
        for _ in range(STEPS // STRIDE):
            advance(engine, STRIDE, peers.TIMESTEP, Thermostat(TEMPERATURE))
            frames.append(engine.state.positions.astype(np.float32))
        yield np.array(frames)


def sums_of(code, k, folder):
    """Lags, and sums of displacement moments of the A particles, (lags, 4), after one state."""
    engine = b"".join(path.read_bytes() for path in sorted(Path(md.__file__).parent.glob("*.py")))
    made_by = "LAMMPS" if code == "LAMMPS" else f"{code}-{hashlib.sha256(engine).hexdigest()[:12]}"
    path = FOLDER / f"{made_by}-{LEGS[code] * STEPS}-{k}.npz"
    if not path.exists():
        begin, total = state(k), 0.0
        legs = run_in_lammps(begin, folder) if code == "LAMMPS" else run_here(begin, code)
        for frames in legs:
            assert len(frames) == STEPS // STRIDE + 1
            times, sums = displacement_sums(Frames.of(frames, begin), n_blocks=1)
            total += sums[0]
        with replacing(path) as temporary:
            np.savez(temporary, times=times, sums=total)
    with np.load(path) as store:
        return store["times"], store["sums"]


@pytest.fixture(scope="module")
def sums(tmp_path_factory):
    """Lags, and code to (states, lags, 4)."""
    try:
        peers.lammps_programs()
    except FileNotFoundError as error:
        pytest.skip(str(error))
    found = {code: [] for code in CODES}
    for k in range(STATES):  # codes take turns: a run that is stopped leaves pairs
        for code in CODES:
            times, sums = sums_of(code, k, tmp_path_factory.mktemp("run"))
            found[code].append(sums)
    return times, {code: np.array(runs) for code, runs in found.items()}


def jackknife(statistic, *runs):
    """A statistic of sums over states and its error, from leaving out each state in turn."""
    n = len(runs[0])
    without = np.array([statistic(*(run.sum(axis=0) - run[k] for run in runs)) for k in range(n)])
    error = np.sqrt((n - 1) * without.var(axis=0))
    return statistic(*(run.sum(axis=0) for run in runs)), error


def test_relaxation_times(sums, capsys):
    times, runs = sums

    def tau(total):
        return relaxation_time(times, overlap(total))

    table = pd.DataFrame({code: jackknife(tau, runs[code]) for code in CODES}, ["tau", "error"])
    with capsys.disabled():
        print("\n", table.round(3).to_string())
    assert (table.loc["error"] < 0.04 * table.loc["tau"]).all()
    for code in ("mixed", "double"):
        ratio, error = jackknife(lambda a, b: tau(a) / tau(b), runs[code], runs["LAMMPS"])
        with capsys.disabled():
            print(f" {code} / LAMMPS: {ratio:.3f} +- {error:.3f}")
        assert abs(ratio - 1) < 3 * error < 0.12


@pytest.mark.parametrize("code", ["mixed", "double"])
@pytest.mark.parametrize("function", [msd, non_gaussian_parameter, overlap])
def test_curves(sums, code, function, capsys):
    """Each lag up to a third of the runs, within the errors of the difference."""
    times, runs = sums
    difference, error = jackknife(
        lambda ours, theirs: function(ours) - function(theirs), runs[code], runs["LAMMPS"]
    )
    scale = np.abs(function(runs["LAMMPS"].sum(axis=0))).max()
    seen = (times <= STEPS * peers.TIMESTEP / 3) & (error > 1e-9 * scale)
    distance = np.abs(difference[seen]) / error[seen]
    with capsys.disabled():
        print(f"\n {function.__name__}, {code}: {distance.mean():.2f} errors, {distance.max():.2f}")
    assert seen.sum() > 20
    # eight states: Student's t of seven degrees of freedom, over lags that belong together
    assert distance.max() < 5.5 and distance.mean() < 2, distance

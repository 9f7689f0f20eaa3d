"""The engine beside LAMMPS: the same configuration, and averages of independent runs."""

import re

import numpy as np
import pytest

from benchmarks import peers
from softcage.md.forces import build_clusters, pair_forces, pair_table, potential_energy_and_virial
from softcage.md.integrator import Thermostat, advance, initial_state, observables, start
from softcage.model import kob_andersen
from softcage.structure.rdf import pair_counts

N = 1000


@pytest.fixture(scope="module", autouse=True)
def lammps():
    try:
        peers.lammps_programs()
    except FileNotFoundError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def liquid():
    """A liquid at T = 1."""
    engine = start(kob_andersen(), initial_state(kob_andersen(), N, 1.2, 2.0, 3, 5))
    advance(engine, 3000, 0.0025, Thermostat(2.0))
    advance(engine, 4000, 0.0025, Thermostat(1.0))
    return engine.state


def read_dump(path):
    """Return the columns after id of every frame, sorted by id, (F, N, columns)."""
    blocks = path.read_text().split("ITEM: ATOMS")[1:]
    frames = []
    for block in blocks:
        rows = [line.split() for line in block.splitlines()[1 : N + 1]]
        table = np.array(rows, dtype=float)
        frames.append(table[np.argsort(table[:, 0]), 1:])
    return np.array(frames)


def test_forces_energy_and_virial_of_one_configuration(liquid, tmp_path):
    commands = """
compute virial all pressure NULL virial
thermo_style custom step pe c_virial
thermo_modify norm no format float %.16g
dump forces all custom 1 forces.dump id fx fy fz
dump_modify forces format float %.17g
run 0
"""
    text = peers.run_lammps(liquid, commands, tmp_path)
    numbers = re.search(r"c_virial\s*\n\s*0\s+(\S+)\s+(\S+)", text)
    energy, pressure = (float(number) for number in numbers.groups())
    forces = read_dump(tmp_path / "forces.dump")[0]
    pairs = pair_table(kob_andersen(), liquid.box, 0.3, 0.1, "double")
    clusters = build_clusters(liquid.positions, liquid.species, pairs)
    got_energy, got_virial = potential_energy_and_virial(clusters, pairs)
    assert got_energy == pytest.approx(energy, rel=1e-10)
    assert got_virial == pytest.approx(3 * liquid.box**3 * pressure, rel=1e-10)
    error = np.abs(pair_forces(clusters, pairs) - forces).max()
    assert error < 1e-10 * np.abs(forces).max()


STEPS, STRIDE, BLOCKS = 24_000, 100, 8


def run_in_lammps(state, folder):
    """Return rows of u and p, and frames of unwrapped positions."""
    commands = f"""
fix nvt all nvt temp 1.0 1.0 {peers.THERMOSTAT_TIME}
thermo {STRIDE}
thermo_style custom step pe press
dump frames all custom {STRIDE} frames.dump id xu yu zu
dump_modify frames format float %.10g
run {STEPS}
"""
    text = peers.run_lammps(state, commands, folder, 1, "-sf", "opt")
    rows = re.findall(r"^\s+(\d+)\s+(-\d\S+)\s+(\d\S+)\s*$", text, flags=re.MULTILINE)
    return np.array(rows, dtype=float)[1:, 1:], read_dump(folder / "frames.dump")[1:]


def run_here(state, precision):
    engine = start(kob_andersen(), state, precision)
    thermostat = Thermostat(1.0)
    rows, frames = [], []
    for _ in range(STEPS // STRIDE):
        advance(engine, STRIDE, peers.TIMESTEP, thermostat)
        row = observables(engine, thermostat)
        rows.append([row["potential_energy"], row["pressure"]])
        frames.append(engine.state.positions)
    return np.array(rows), np.array(frames)


def blocks_of(rows, frames, species, box):
    """Return name -> (BLOCKS,) averages over consecutive parts of a run."""
    values = {"u": rows[:, 0], "p": rows[:, 1]}
    means = {name: v.reshape(BLOCKS, -1).mean(axis=1) for name, v in values.items()}
    for lag in (4, 20):
        moved = ((frames[lag:] - frames[:-lag]) ** 2).sum(axis=2).mean(axis=1)
        parts = np.array_split(moved, BLOCKS)
        means[f"msd at {lag * STRIDE} steps"] = np.array([part.mean() for part in parts])
    for u, v in ((0, 0), (0, 1), (1, 1)):
        counts = [
            np.sum([pair_counts(x, species, box, 2.0, 0.05)[u, v] for x in part[::3]], axis=0)
            for part in np.split(frames, BLOCKS)
        ]
        for k in np.flatnonzero(np.mean(counts, axis=0) > 500):
            means[f"g_{'AB'[u]}{'AB'[v]} at {0.05 * k + 0.025:.3f}"] = np.array(counts)[:, k]
    return means


@pytest.fixture(scope="module")
def reference(liquid, tmp_path_factory):
    rows, frames = run_in_lammps(liquid, tmp_path_factory.mktemp("lammps"))
    assert len(rows) == len(frames) == STEPS // STRIDE
    return blocks_of(rows, frames, liquid.species, liquid.box)


@pytest.mark.parametrize("precision", ["mixed", "double"])
def test_averages_of_a_run(liquid, reference, precision):
    """u, p, g(r) and the mean squared displacement, each within the errors of both runs."""
    ours = blocks_of(*run_here(liquid, precision), liquid.species, liquid.box)
    distances = {}
    for name, theirs in reference.items():
        error = np.sqrt((theirs.var(ddof=1) + ours[name].var(ddof=1)) / BLOCKS)
        distances[name] = abs(ours[name].mean() - theirs.mean()) / error
    # Errors come from few blocks: a Student t of about 14 degrees of freedom, over many bins.
    assert max(distances[name] for name in ("u", "p")) < 4, distances
    assert max(distances.values()) < 5.5, distances
    assert np.mean(list(distances.values())) < 1.6, distances

"""What MDAnalysis and OVITO run as their own; files of gamdpy: `make test-hosts` installs all."""

import importlib
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import h5py
import numpy as np
import pytest

from softcage.cage.frames import score_frames
from softcage.io.external import import_trajectory, open_external
from softcage.md.minimise import minimise
from softcage.model import Mixture

ROOT = Path(__file__).resolve().parents[2]
PAPER = ROOT / "results" / "paper"
SIDE = 4
N = 4 * SIDE**3
L = (N / 1.2) ** (1 / 3)
KINDS = np.where(np.arange(N) % 5 == 1, 1, 0)
KINDS[-1] = 1  # the composition of the calibration
NAMES = np.array(["A", "B"])[KINDS]
EDGES = np.array([1.0, 1.01, 0.99]) * L


def liquid(seed):
    """Return positions in a cube, a jittered crystal."""
    corners = np.stack(np.meshgrid(*3 * [np.arange(SIDE)]), axis=-1).reshape(-1, 1, 3)
    basis = np.array([[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]])
    sites = (corners + basis).reshape(-1, 3) * L / SIDE
    return sites + np.random.default_rng(seed).normal(0, 0.07, (N, 3))


def run():
    """Return three frames in single precision, of which each has its own cube."""
    frames = [edge / L * liquid(seed) for seed, edge in enumerate(EDGES)]
    return np.stack(frames).astype(np.float32)


# ---------------------------------------------------------------- MDAnalysis
@pytest.fixture
def universe():
    mda = pytest.importorskip("MDAnalysis", reason="MDAnalysis is not installed")
    universe = mda.Universe.empty(N, trajectory=True)
    universe.add_TopologyAttr("type", NAMES)
    boxes = np.c_[np.repeat(EDGES[:, None], 3, axis=1), np.full((3, 3), 90.0)]
    universe.load_new(run(), dimensions=boxes)
    return universe


def test_an_analysis_has_the_scores_of_all_frames_in_their_boxes(universe):
    from softcage.mdanalysis import CageDepth

    cages = CageDepth(universe.atoms, closure="pair", of=["A"]).run()
    boxes = np.c_[np.repeat(EDGES[:, None], 3, axis=1), np.zeros((3, 3))]
    expected = score_frames(run(), NAMES, boxes, closure="pair", of=["A"])
    assert cages.results.depth.shape == cages.results.softness.shape == (3, N)
    np.testing.assert_allclose(cages.results.depth, expected.depth, rtol=1e-4)
    np.testing.assert_allclose(cages.results.r_min, expected.r_min, rtol=1e-5)
    assert np.isnan(cages.results.depth[:, KINDS == 1]).all()
    assert cages.frames.tolist() == [0, 1, 2]


def test_an_analysis_of_some_frames_with_a_calibration(universe):
    from softcage.mdanalysis import CageDepth

    cages = CageDepth(universe, 0.47, calibration=PAPER).run(frames=[0])
    expected = score_frames(run()[0], NAMES, L, 0.47, calibration=PAPER)
    np.testing.assert_allclose(cages.results.softness[0], expected.softness, rtol=1e-3)
    assert np.isfinite(cages.results.softness[0, KINDS == 0]).mean() > 0.9


def test_an_analysis_says_what_is_wrong_before_it_reads(universe):
    from softcage.mdanalysis import CageDepth

    with pytest.raises(TypeError, match="unexpected keyword argument 'closures'"):
        CageDepth(universe, closures="pair")
    with pytest.raises(ValueError, match="there are no frames"):
        CageDepth(universe, closure="pair").run(start=2, stop=2)
    universe.del_TopologyAttr("types")
    with pytest.raises(ValueError, match="the types of the particles are not known"):
        CageDepth(universe, closure="pair").run()
    given = CageDepth(universe, closure="pair", types=NAMES).run()
    assert np.isfinite(given.results.depth).all()


# ---------------------------------------------------------------- OVITO
@pytest.fixture
def pipeline():
    data = pytest.importorskip("ovito.data", reason="OVITO is not installed")
    from ovito.pipeline import Pipeline, StaticSource

    held = data.DataCollection()
    held.create_particles(count=N).create_property("Position", data=liquid(0))
    kinds = held.particles_.create_property("Particle Type", data=KINDS + 1)
    for number, name in enumerate("AB", start=1):
        kinds.types.append(data.ParticleType(id=number, name=name))
    held.create_cell(np.c_[L * np.eye(3), np.zeros(3)], (True, True, True))
    return Pipeline(source=StaticSource(data=held))


def test_a_modifier_writes_properties(pipeline):
    from softcage.ovito import CageDepthModifier

    pipeline.modifiers.append(CageDepthModifier())
    found = pipeline.compute().particles
    expected = score_frames(liquid(0), NAMES, L, closure="pair")
    np.testing.assert_allclose(found["Cage depth"], expected.depth, rtol=1e-6)
    assert "Softness" not in found
    pipeline.modifiers[0] = CageDepthModifier(
        closure="hnc", temperature=0.47, calibration=str(PAPER), species="A", delta=0.1
    )
    found = pipeline.compute().particles
    options = {"calibration": PAPER, "of": ["A"], "delta": 0.1}
    expected = score_frames(liquid(0), NAMES, L, 0.47, **options)
    np.testing.assert_allclose(found["Cage depth"], expected.depth, rtol=1e-6)
    np.testing.assert_allclose(found["Softness"], expected.softness, rtol=1e-6)


def test_parameters_that_are_changed_are_used(pipeline):
    from softcage.ovito import CageDepthModifier

    modifier = CageDepthModifier(species="A, B")
    pipeline.modifiers.append(modifier)
    whole = np.array(pipeline.compute().particles["Cage depth"])
    assert np.isfinite(whole).all()
    pipeline.modifiers[0].delegate.species = "A"
    some = np.array(pipeline.compute().particles["Cage depth"])
    assert np.isnan(some[KINDS == 1]).all() and np.isfinite(some[KINDS == 0]).all()


def test_a_modifier_that_lacks_something_says_so(pipeline):
    from softcage.ovito import CageDepthModifier

    pipeline.modifiers.append(CageDepthModifier(closure="hnc"))
    with pytest.raises(ValueError, match="the closure hnc needs the temperature"):
        pipeline.compute()


def test_ovito_finds_the_modifier():
    """By an entry point of this group, whose class is one of OVITO's."""
    pipeline = pytest.importorskip("ovito.pipeline", reason="OVITO is not installed")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (place,) = project["entry-points"]["OVITO.Modifier"].values()
    module, _, name = place.partition(":")
    found = getattr(importlib.import_module(module), name)
    assert issubclass(found, pipeline.ModifierInterface)


# ---------------------------------------------------------------- gamdpy
GAMDPY = """
from numba import cuda
cuda.event_elapsed_time = lambda start, end: 1.0  # the only thing that the simulator lacks
import gamdpy as gp

configuration = gp.Configuration(D=3)
configuration.make_lattice(gp.unit_cells.FCC, cells=[3, 3, 3], rho=1.0)
configuration["m"] = 1.0
configuration.ptype[::5] = 1
configuration.randomize_velocities(temperature=0.7)
sigma, epsilon, cutoff = ([[1.0, 0.9], [0.9, 0.8]], [[1.0, 1.2], [1.2, 0.5]], 2 * [[2.0, 2.0]])
potential = gp.apply_shifted_potential_cutoff(gp.LJ_12_6_sigma_epsilon)
pairs = gp.PairPotential(potential, params=[sigma, epsilon, cutoff], max_num_nbs=200)
gp.Simulation(
    configuration, [pairs], gp.integrators.NVE(dt=0.01),
    [gp.TrajectorySaver(), gp.ScalarSaver(16)], num_timeblocks=2, steps_per_timeblock=16,
    storage="run.h5", compute_plan={"pb": 12, "tp": 1, "skin": 0.2, "UtilizeNIII": False,
                                    "gridsync": False, "nblist": "N squared"},
).run()
"""


@pytest.mark.slow
def test_files_of_gamdpy_are_those_of_gamdpy(tmp_path, monkeypatch):
    """The energies that it has saved are those of the frames that are read.

    It needs a GPU; on the simulator of CUDA that Numba has, its kernels are plain Python.
    """
    pytest.importorskip("gamdpy", reason="gamdpy is not installed")
    monkeypatch.chdir(tmp_path)
    environment = os.environ | {"NUMBA_ENABLE_CUDASIM": "1", "NUMBA_DISABLE_JIT": "1"}
    Path("run.py").write_text(GAMDPY)  # gamdpy keeps the script in the file
    subprocess.run([sys.executable, "run.py"], env=environment, check=True)
    mixture = Mixture(
        species=("0", "1"),
        fractions=np.array([86, 22]) / 108,
        masses=np.ones(2),
        sigma=np.array([[1.0, 0.9], [0.9, 0.8]]),
        epsilon=np.array([[1.0, 1.2], [1.2, 0.5]]),
        cutoff=np.full((2, 2), 2.0),
    )
    external = open_external("run.h5", mixture)
    run = import_trajectory(external, tmp_path / "copy", mixture, hops=False)
    assert run.times.tolist() == pytest.approx(
        [0, *(0.01 * np.array([1, 2, 4, 8, 16, 17, 18, 20, 24, 32]))]
    )
    with h5py.File("run.h5") as store:
        energies = store["scalars/scalars"][
            :, 0, list(store["scalars"].attrs["scalar_columns"]).index("U")
        ]
    for time, expected in zip((0.0, 0.16), energies, strict=True):
        (positions,) = run.read([int(np.argmin(np.abs(run.times - time)))])
        _, energy, _ = minimise(positions, run.species, run.box, mixture, max_steps=0)
        assert energy[0] * 108 == pytest.approx(expected, rel=1e-4)

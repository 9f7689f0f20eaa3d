"""What MDAnalysis and OVITO run as their own: `make test-hosts` installs both."""

import importlib
import tomllib
from pathlib import Path

import numpy as np
import pytest

from softcage.cage.frames import score_frames

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

"""Frames of other programs as they are: positions, types, box, and which directions are periodic.

Those of MDAnalysis, OVITO, ASE and garnett need these programs: `make test-hosts` installs them.
"""

from pathlib import Path
from types import SimpleNamespace

import freud
import gsd.hoomd
import numpy as np
import pytest

from softcage.box import Box
from softcage.cage.frames import score_frames
from softcage.cage.local_depth import local_depth
from softcage.cage.mean_field import core_radius, first_minimum, ranges_of_frames
from softcage.defaults import R_BIN
from softcage.structure.rdf import pair_counts, rdf_from_counts
from softcage.systems import frame_of, frames_of

PAPER = Path(__file__).resolve().parents[2] / "results" / "paper"
SIDE = 4
N = 4 * SIDE**3
L = (N / 1.2) ** (1 / 3)
KINDS = np.where(np.arange(N) % 5 == 1, 1, 0)
NAMES = np.array(["A", "B"])[KINDS]
TILTED = Box.of([[L, 0, 0], [0.3 * L, L, 0], [0.2 * L, -0.1 * L, L]])


def liquid(seed=4):
    """Return positions around 0 in a cube, a jittered crystal."""
    corners = np.stack(np.meshgrid(*3 * [np.arange(SIDE)]), axis=-1).reshape(-1, 1, 3)
    basis = np.array([[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]])
    sites = (corners + basis).reshape(-1, 3) * L / SIDE
    points = sites + np.random.default_rng(seed).normal(0, 0.07, (N, 3))
    return points - L * np.floor(points / L + 0.5)


def scores(*system, **options):
    return score_frames(*system, closure="pair", **options)


@pytest.fixture(scope="module")
def expected():
    return scores(liquid(), NAMES, L)


def gsd_frame(points, box, dimensions=3):
    frame = gsd.hoomd.Frame()
    frame.configuration.box, frame.configuration.dimensions = box, dimensions
    frame.particles.N, frame.particles.typeid = len(points), KINDS[: len(points)]
    frame.particles.types = ["A", "B"]
    frame.particles.position = points
    return frame


def same(system, expected, **options):
    found = scores(system, **options)
    np.testing.assert_allclose(found.depth, expected.depth, rtol=2e-3)
    np.testing.assert_allclose(found.r_min, expected.r_min, atol=1e-4)


def flat(n=12):
    """Return the sites of a hexagonal lattice, with z = 0, and its edges."""
    i, j = (k.ravel() for k in np.mgrid[:n, :n])
    points = np.stack([i + 0.5 * j, np.sqrt(0.75) * j, 0.0 * i], axis=1)
    return points, np.array([n, n * np.sqrt(0.75)])


# ---------------------------------------------------------------- freud, GSD, HOOMD-blue
def test_a_pair_of_box_and_positions(expected):
    box, points = freud.box.Box.cube(L), liquid()
    for system in (
        (box, points),
        [box, points],
        (L, points),
        freud.locality.AABBQuery(box, points),
    ):
        same(system, expected, types=NAMES)
    view = freud.box.Box(L, L, L)
    view.periodic = [True, False, True]
    assert frame_of((view, points))[2].periodic == (True, False, True)
    assert frame_of((freud.box.Box.square(8.0), np.zeros((20, 3))))[2].dimension == 2
    with pytest.raises(ValueError, match="the types of the particles are not known: give types"):
        scores((box, points))


def test_two_frames_of_numbers_are_no_pair(expected):
    points = [liquid().tolist(), liquid(seed=5).tolist()]
    assert frames_of(points) is None
    assert scores(points, NAMES, L).depth.shape == (2, N)


def test_a_frame_of_gsd(expected, tmp_path):
    with gsd.hoomd.open(tmp_path / "run.gsd", "w") as handle:
        handle.extend(gsd_frame(liquid(seed), [L] * 3 + [0] * 3) for seed in (4, 5))
    with gsd.hoomd.open(tmp_path / "run.gsd") as handle:
        same(handle[0], expected)
        many = scores(handle[:])
        assert many.depth.shape == (2, N)
        again = scores(np.stack([liquid(4), liquid(5)]), NAMES, L)
        np.testing.assert_allclose(many.depth, again.depth, rtol=2e-3)
    tilted = frame_of(gsd_frame(liquid(), [L, L, L, 0.3, 0.2, -0.1]))[2]
    np.testing.assert_allclose(tilted.vectors, TILTED.vectors, rtol=1e-6)


def test_a_plane_of_gsd_has_a_box_with_a_thickness():
    points, (x, y) = flat()
    box = frame_of(gsd_frame(points, [x, y, 1, 0.5, 0, 0], dimensions=2))[2]
    assert box.dimension == 2 and box.volume == pytest.approx(x * y, rel=1e-6)


def test_snapshots_that_cannot_be_made_here():
    """HOOMD-blue 2 and garnett, as their documentation names what frames have."""
    edges = SimpleNamespace(Lx=9.0, Ly=8.0, Lz=1.0, xy=0.0, xz=0.0, yz=0.0, dimensions=2)
    points, typeid = np.zeros((3, 3)), np.array([0, 1, 0])
    particles = SimpleNamespace(position=points, typeid=typeid, types=["A", "B"])
    for frame in (SimpleNamespace(box=edges, particles=particles),
                  SimpleNamespace(box=edges, **vars(particles))):  # fmt: skip
        _, types, box = frame_of(frame)
        assert types.tolist() == ["A", "B", "A"]
        assert box.dimension == 2 and box.edges.tolist() == [9, 8]


def test_a_frame_of_garnett(expected, tmp_path):
    garnett = pytest.importorskip("garnett", reason="garnett is not installed")
    box = f'<box lx="{L}" ly="{L}" lz="{L}" xy="0" xz="0" yz="0"/>'
    points = "".join("{:.9g} {:.9g} {:.9g}\n".format(*point) for point in liquid())
    kinds = "".join(f"{name}\n" for name in NAMES)
    parts = f"{box}<position>\n{points}</position><type>\n{kinds}</type>"
    path = tmp_path / "run.xml"  # it cannot open the GSD files of today
    path.write_text(f'<hoomd_xml version="1.7"><configuration>{parts}</configuration></hoomd_xml>')
    with garnett.read(str(path)) as run:
        same(run[0], expected)


# ---------------------------------------------------------------- MDAnalysis
@pytest.fixture
def universe():
    mda = pytest.importorskip("MDAnalysis", reason="MDAnalysis is not installed")
    from MDAnalysis.coordinates.memory import MemoryReader

    run = mda.Universe.empty(N, trajectory=True)
    run.add_TopologyAttr("type", NAMES)
    edges = np.array([[L, L, L, 90, 90, 90], [1.02 * L] * 3 + [90] * 3])
    frames = np.stack([liquid(), 1.02 * liquid()])
    run.load_new(frames, format=MemoryReader, dimensions=edges)
    return run


def test_what_mdanalysis_holds(universe, expected):
    same(universe, expected)
    same(universe.atoms, expected)
    same(universe.trajectory.ts, expected, types=universe.atoms.types)
    universe.trajectory[1]
    assert frame_of(universe)[2].edge == pytest.approx(1.02 * L)
    with pytest.raises(ValueError, match="the same frame is there several times: MDAnalysis"):
        scores(list(universe.trajectory), NAMES)
    points, types, boxes = frames_of(universe.trajectory)
    np.testing.assert_allclose(points, [liquid(), 1.02 * liquid()], atol=1e-5)
    assert types is None
    assert [box.edge for box in boxes] == pytest.approx([L, 1.02 * L])
    universe.trajectory[1].dimensions = None
    with pytest.raises(ValueError, match="the box is not known: give box"):
        scores(universe)
    same(universe, scores(1.02 * liquid(), NAMES, 1.02 * L), box=1.02 * L)


# ---------------------------------------------------------------- OVITO
def collection(points, vectors, pbc=(True, True, True), names=("A", "B"), **cell):
    data = pytest.importorskip("ovito.data", reason="OVITO is not installed")
    held = data.DataCollection()
    held.create_particles(count=len(points)).create_property("Position", data=points)
    kinds = held.particles_.create_property("Particle Type")
    for number, name in enumerate(names, start=1):
        kinds.types.append(data.ParticleType(id=number, name=name))
    kinds[...] = KINDS[: len(points)] + 1
    held.create_cell(vectors, pbc, **cell)
    return held


def test_what_ovito_holds(expected):
    corner = np.full(3, -0.5 * L)
    same(collection(liquid(), np.c_[L * np.eye(3), corner]), expected)
    unnamed = collection(liquid(), np.c_[L * np.eye(3), corner], names=("", ""))
    assert frame_of(unnamed)[1].tolist() == [str(k + 1) for k in KINDS]
    view = collection(liquid(), np.c_[L * np.eye(3), corner], pbc=(True, False, True))
    box = frame_of(view)[2]
    assert box.periodic == (True, False, True) and box.origin == pytest.approx(corner)


def test_the_vectors_of_ovito_are_columns():
    data = collection(liquid(), np.c_[TILTED.vectors.T, np.zeros(3)])
    np.testing.assert_allclose(frame_of(data)[2].vectors, TILTED.vectors, rtol=1e-12)


def test_a_plane_of_ovito():
    points, (x, y) = flat()
    data = collection(points, np.c_[np.diag([x, y, 1.0]), np.zeros(3)])
    data.cell_.is2D = True
    box = frame_of(data)[2]
    assert box.dimension == 2 and box.volume == pytest.approx(x * y)


# ---------------------------------------------------------------- ASE
def test_what_ase_holds(expected):
    ase = pytest.importorskip("ase", reason="ASE is not installed")
    atoms = ase.Atoms("H" * N, positions=liquid(), cell=[L] * 3, pbc=True)
    atoms.symbols[KINDS == 1] = "He"
    same(atoms, expected, species={"A": "H", "B": "He"}, mixture=None)
    atoms.arrays["type"] = NAMES
    same(atoms, expected)
    same([atoms], expected_of_one_frame(expected))
    many = scores([atoms, atoms.copy()])
    np.testing.assert_array_equal(many.depth[0], many.depth[1])
    atoms.set_celldisp([-0.5 * L] * 3)
    atoms.pbc = [True, False, True]
    box = frame_of(atoms)[2]
    assert box.periodic == (True, False, True) and box.origin == pytest.approx([-0.5 * L] * 3)
    atoms.set_cell(TILTED.vectors[[0, 2, 1]] * [1, 1, -1])  # in other axes than a along x
    assert frame_of(atoms)[2].volume == pytest.approx(TILTED.volume)
    with pytest.raises(ValueError, match="the box is not known"):
        scores(ase.Atoms("H" * N, positions=liquid()))


def expected_of_one_frame(expected):
    return SimpleNamespace(depth=expected.depth[None], r_min=expected.r_min)


# ---------------------------------------------------------------- a box of each frame
def strained(seed, strain):
    """Return a liquid and its box after an affine deformation, rows times the matrix."""
    matrix = np.eye(3) + np.array(strain)
    return liquid(seed) @ matrix, L * matrix


SCALE = 0.02 * np.eye(3)
SHEAR = [[0.03, 0, 0], [0.1, -0.02, 0], [0, 0.05, 0.01]]


@pytest.mark.parametrize("strain", [SCALE, SHEAR], ids=["scale", "shear"])
def test_each_frame_has_its_own_box_and_density(strain):
    points, vectors = zip(strained(4, np.zeros((3, 3))), strained(4, strain), strict=True)
    many = scores(np.stack(points), NAMES, np.stack(vectors))
    for k, kind in ((0, 0), (1, 0), (0, 1), (1, 1)):
        depth = local_depth(
            points[k], KINDS, vectors[k], closure="pair", r0=many.r0[kind], r_min=many.r_min[kind],
            delta=0.09, tagged=kind,
        )  # fmt: skip
        np.testing.assert_array_equal(many.depth[k, KINDS == kind], depth)
    systems = [(Box.of(own), x) for own, x in zip(vectors, points, strict=True)]
    for given in (
        scores(np.stack(points), NAMES, [Box.of(own) for own in vectors]),
        scores(np.stack(points), NAMES, [np.c_[own.T, np.zeros(3)] for own in vectors]),
        scores(systems, NAMES),
    ):
        np.testing.assert_array_equal(given.depth, many.depth)


def test_the_same_radii_make_the_depth_of_each_frame_alone():
    """With r0 and r_min from a calibration, nothing but the boxes is shared."""
    points, vectors = zip(
        strained(4, 2e-4 * np.eye(3)),
        strained(5, [[0, 0, 0], [0.05, 0, 0], [0, 0, 0]]),
        strict=True,
    )
    options = {"temperature": 0.47, "calibration": PAPER, "of": ["A"]}
    many = score_frames(np.stack(points), KINDS, np.stack(vectors), **options)
    for k in range(2):
        alone = score_frames(points[k], KINDS, vectors[k], **options)
        np.testing.assert_array_equal(many.depth[k], alone.depth)
        np.testing.assert_array_equal(many.softness[k], alone.softness)


def test_the_radii_are_those_of_the_average_g():
    """Each frame is normalised with its own density."""
    points, edges = [liquid(4), 1.05 * liquid(5)], [L, 1.05 * L]
    boxes, r_max = [Box.of(edge) for edge in edges], 0.5 * L
    r0, r_min = ranges_of_frames(points, KINDS, boxes, tagged=[0])
    parts = [
        rdf_from_counts(
            pair_counts(x, KINDS, edge, r_max, R_BIN), 1, np.bincount(KINDS), edge, R_BIN
        )
        for x, edge in zip(points, edges, strict=True)
    ]
    r, g = parts[0][0], np.mean([part[1] for part in parts], axis=0)
    for v in range(2):
        assert r0[0, v] == core_radius(r, g[0, v])
        assert r_min[0, v] == pytest.approx(first_minimum(r, g[0, v]), abs=1e-9)
    twice = ranges_of_frames(points[:1] * 2, KINDS, boxes[:1] * 2)
    np.testing.assert_array_equal(twice, ranges_of_frames(points[:1], KINDS, L))


@pytest.mark.parametrize(
    ("box", "said"),
    [
        (np.full((3, 6), L), "there are 3 boxes for 2 frames"),
        ([Box.of(L)], "there are 1 boxes for 2 frames"),
        ([Box.of(L), Box.of([L, L])], "2 dimensions|the box has two dimensions"),
        (np.full((4, 3), L), r"the box has shape \(4, 3\)"),
    ],
)
def test_boxes_that_are_not_one_for_each_frame(box, said):
    with pytest.raises(ValueError, match=said):
        scores(np.stack([liquid(), liquid()]), NAMES, box)


def test_three_edges_for_three_frames_are_one_box():
    points = np.stack([liquid()] * 3)
    np.testing.assert_array_equal(
        scores(points, NAMES, [L, L, L]).depth, scores(points, NAMES, L).depth
    )


def test_frames_of_other_particles_are_refused():
    one, other = gsd_frame(liquid(), [L] * 3 + [0] * 3), gsd_frame(liquid(5), [L] * 3 + [0] * 3)
    other.particles.typeid = 1 - KINDS
    with pytest.raises(ValueError, match="frame 1 has other particles or types than frame 0"):
        scores([one, other])
    with pytest.raises(ValueError, match="dict is no frame of freud, HOOMD-blue"):
        frame_of({})

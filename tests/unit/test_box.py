"""Boxes from what programs hold, and what is done with positions in them."""

import freud
import numpy as np
import pytest

from softcage.box import Box, placed

L = 5.5
TILTED = np.array([[6.0, 0, 0], [1.2, 5.0, 0], [-0.8, 1.1, 7.0]])


def made(given):
    """Return a box of freud, which is made in the test, because it cannot outlive freud."""
    return given() if callable(given) else given


def rotation(seed=0):
    q, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))
    return q * np.sign(np.linalg.det(q))


@pytest.mark.parametrize(
    "given",
    [
        L,
        np.float64(L),
        np.array(L),
        [L] * 3,
        [L] * 3 + [90] * 3,
        np.float32([L] * 3 + [90] * 3),
        L * np.eye(3),
        lambda: freud.box.Box.cube(L),
        lambda: freud.box.Box.cube(L).to_matrix(),
        [L] * 3 + [0] * 3,  # HOOMD-blue and GSD: tilt factors
        [0] * 3 + [L] * 3,  # LAMMPS: lowest and highest
        [-0.5 * L, 0.5 * L] * 3,
        [[-1, L - 1]] * 3,
        np.c_[L * np.eye(3), [-1, 2, 3]],  # OVITO: the origin beside the vectors
        [L, L, L * (1 + 3e-6)],  # digits of a text file
        [[L, 0, 0], [L, L, 0], [-3 * L, 2 * L, L]],  # other cells of the same lattice
    ],
)
def test_cubes(given):
    box = Box.of(made(given))
    assert box.is_cube and box.edge == pytest.approx(L, rel=3e-6)
    assert box.volume == pytest.approx(L**3, rel=1e-5) and box.half == 0.5 * box.edge
    assert Box.of(box) is box and not box.bounded


def test_turned_cube_is_a_cube_but_not_along_the_axes():
    box = Box.of(L * rotation())
    assert box.is_cube
    with pytest.raises(ValueError, match="only a cube along x, y and z"):
        _ = box.edge


@pytest.mark.parametrize(
    "given",
    [
        TILTED,
        np.c_[TILTED.T, [1, 2, 3]],
        lambda: freud.box.Box(6.0, 5.0, 7.0, 1.2 / 5, -0.8 / 7, 1.1 / 7),
        [6.0, 5.0, 7.0, 1.2 / 5, -0.8 / 7, 1.1 / 7],
        TILTED + [[0] * 3, TILTED[0], TILTED[1] - TILTED[0]],  # another cell of this lattice
        TILTED @ rotation().T,
    ],
)
def test_triclinic_boxes(given):
    box = Box.of(made(given))
    np.testing.assert_allclose(box.vectors, TILTED, atol=2e-6)
    assert not box.is_cube and box.dimension == 3
    area = np.linalg.norm(np.cross(TILTED[0], TILTED[1]))
    assert box.volume == pytest.approx(210.0, rel=1e-6)
    assert box.heights[2] == pytest.approx(210.0 / area, rel=1e-6) == 7.0
    assert box.edges == pytest.approx(np.linalg.norm(TILTED, axis=1), rel=1e-6)
    with pytest.raises(ValueError, match="only a cube"):
        _ = box.edge


def test_angles():
    lengths = np.linalg.norm(TILTED, axis=1)
    pairs = ((1, 2), (0, 2), (0, 1))
    cosines = [TILTED[i] @ TILTED[j] / lengths[i] / lengths[j] for i, j in pairs]
    box = Box.of([*lengths, *np.degrees(np.arccos(cosines))])
    np.testing.assert_allclose(box.vectors, TILTED, atol=1e-12)
    with pytest.raises(ValueError, match="no cell has these three angles"):
        Box.of([1, 1, 1, 170, 20, 20])


@pytest.mark.parametrize(
    "given",
    [
        [6.0, 5.0],
        [6.0, 5.0, 0],
        [[0, 6], [-2, 3], [0, 0]],
        [6.0, 5.0, 0, 0, 0, 0],
        [6.0, 5.0, 0, 90, 90, 90],
        np.diag([6.0, 5.0, 0]),
        np.c_[np.diag([6.0, 5.0, 0]), [1, 2, 0]],
        lambda: freud.box.Box(6.0, 5.0),
    ],
)
def test_two_dimensions(given):
    box = Box.of(made(given))
    assert box.dimension == 2 and box.periodic == (True, True, False)
    assert box.volume == 30.0 and box.half == 2.5 and not box.bounded
    np.testing.assert_array_equal(box.vectors, np.diag([6.0, 5.0, 1.0]))


def test_the_caller_may_say_the_dimension():
    assert Box.of([6.0, 5.0, 1.0]).dimension == 3
    assert Box.of([6.0, 5.0, 1.0], dimension=2).volume == 30.0
    assert Box.of(5.0, dimension=2).volume == 25.0
    assert Box.of(Box.of(5.0), dimension=2).dimension == 2
    with pytest.raises(ValueError, match="flat, without volume"):
        Box.of([6.0, 5.0], dimension=3)
    with pytest.raises(ValueError, match="must lie in the xy plane"):
        Box.of(rotation(), dimension=2)
    with pytest.raises(ValueError, match="dimension 4"):
        Box.of(5.0, dimension=4)


def test_freud_says_what_is_periodic():
    box = freud.box.Box(6.0, 5.0, 7.0)
    box.periodic = [True, False, True]
    assert Box.of(box).periodic == (True, False, True) and Box.of(box).bounded
    np.testing.assert_array_equal(Box.of(box).origin, [-3.0, -2.5, -3.5])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([1, 1, np.inf], "NaN or infinity"),
        ([5, -5, 5], "left-handed"),
        (0.0, "flat"),
        (-5.0, "left-handed"),
        (np.diag([5, 5, 1e-9]), "flat"),
        (TILTED[[1, 0, 2]], "left-handed"),
        (TILTED.T, "give the box of freud itself"),
        ([1, 2, 3, 4], "has shape"),
        ([5, 5, 5, 7, 0, 0], "six numbers"),
    ],
)
def test_what_is_no_box(given, said):
    with pytest.raises(ValueError, match=said):
        Box.of(given)


# ---------------------------------------------------------------- positions
BOXES = {
    "cube": Box.of(L),
    "orthorhombic": Box.of([5, 6, 7]),
    "triclinic": Box.of(TILTED),
    "turned": Box.of(TILTED @ rotation(3).T),
    "turned cube": Box.of(L * rotation(3)),
    "plane": Box.of([[6, 0, 0], [2, 5, 0], [0, 0, 0]]),
}


@pytest.mark.parametrize("name", BOXES)
def test_positions_are_wrapped_and_differences_nearest(name):
    box, rng = BOXES[name], np.random.default_rng(0)
    d = box.dimension
    points = 30 * rng.normal(size=(200, d))
    lattice = (box.vectors @ box.rotation.T)[:d, :d]
    folded = box.wrap(points)
    places = folded @ np.linalg.inv(lattice)
    assert places.min() >= -1e-12 and places.max() <= 1 + 1e-12
    images = (points - folded) @ np.linalg.inv(lattice)
    np.testing.assert_allclose(images, np.rint(images), atol=1e-9)
    # the nearest of 5^d images, where it is nearer than half of the smallest height
    shifts = np.stack(np.meshgrid(*[np.arange(-2, 3)] * d), -1).reshape(-1, d) @ lattice
    difference = folded[:, None] - folded
    every = np.linalg.norm(difference[..., None, :] + shifts, axis=-1).min(axis=-1)
    nearest = np.linalg.norm(box.nearest(points[:, None] - points), axis=-1)
    near = every < box.half
    np.testing.assert_allclose(nearest[near], every[near], atol=1e-9)
    assert (nearest[~near] >= box.half - 1e-9).all() and near.mean() > 0.2
    np.testing.assert_allclose(
        np.linalg.norm(np.diff(placed(points, box)[0], axis=0), axis=1),
        np.linalg.norm(np.diff(points, axis=0), axis=1),
    )


def test_a_direction_that_is_not_periodic():
    box = Box.of([[-2, 4], [0, 5], [1, 8]], periodic=[True, False, True])
    points = np.array([[-1.9, 0.1, 2.0], [10.0, 4.4, 9.0], [0.0, 2.5, 3.0]])
    np.testing.assert_allclose(box.wrap(points)[:, 1], points[:, 1])
    assert box.inside(points, 0.5).tolist() == [False, True, True]
    assert box.inside(points, 1.0).tolist() == [False, False, True]
    with pytest.raises(ValueError, match="1.02 of the box along its vector b, which is not per"):
        placed(points + [0, 0.7, 0], box)


def test_coordinates_and_dimension():
    flat = np.random.default_rng(0).random((9, 2))
    points, box = placed(flat, 5.0)
    assert box.dimension == 2 and points.shape == (9, 3) and not points[:, 2].any()
    raised = np.c_[flat, np.full(9, 0.25)]
    np.testing.assert_array_equal(placed(raised, Box.of([5.0, 5.0]))[0], points)
    assert placed(raised, 5.0)[1].dimension == 3  # one layer is not silently two dimensions
    with pytest.raises(ValueError, match="z varies by 1, but the box has two dimensions"):
        placed(np.c_[flat, np.arange(9) % 2], [5.0, 5.0])
    with pytest.raises(ValueError, match=r"shape \(9, 2\), but the box has 3 dimensions"):
        placed(flat, Box.of(5.0))

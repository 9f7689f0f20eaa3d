"""Trajectories from files in boxes that are no cube, that change, or that have two dimensions.

The truth is a liquid made here: places in units of the vectors of a box that move from frame to
frame, and vectors that may change with time.
"""

import numpy as np
import pandas as pd
import pytest

from softcage.box import Box
from softcage.cage.scorer import Scorer
from softcage.cli.command import main
from softcage.io.external import import_trajectory, open_external
from softcage.io.particle_table import read_metadata
from softcage.io.readers import TrajectoryError, read_frames
from softcage.model import composition_of_labels

FRAMES, INTERVAL = 12, 0.5
TILTED = np.array([[9.6, 0, 0], [2.4, 9.1, 0], [-1.5, 1.1, 9.3]])
BRICK = np.diag([9.0, 10.0, 9.5])
PLANE = np.array([[24.0, 0, 0], [5.0, 22.0, 0], [0, 0, 1.0]])


def liquid(vectors, shears=0.0, grows=0.0, dimension=3, seed=0):
    """Return places (F, N, 3), vectors (F, 3, 3) and types of a jittered lattice that diffuses."""
    rng = np.random.default_rng(seed)
    n = 9 if dimension == 3 else 24
    axes = [np.arange(n)] * dimension + [[0.0]] * (3 - dimension)
    start = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3) / n
    steps = rng.normal(0, 0.02 / n, (FRAMES, *start.shape)).cumsum(axis=0)
    steps -= steps.mean(axis=1, keepdims=True)
    places = start + rng.normal(0, 0.06 / n, start.shape) + steps
    places[..., dimension:] = 0.0
    cells = np.repeat(np.array(vectors)[None], FRAMES, axis=0)
    time = np.arange(FRAMES) / (FRAMES - 1)
    cells[:, :dimension] *= (1 + grows * time)[:, None, None]
    cells[:, 1, 0] += shears * time * cells[0, 1, 1]
    return places, cells, np.where(rng.permutation(len(start)) < 0.8 * len(start), 1, 2)


def dump(path, places, cells, types, flat=False, low=(-1.0, 2.0, 0.5), images=None):
    """Write a LAMMPS dump, wrapped, with vectors of least tilt as LAMMPS keeps them.

    With ``images`` each particle has left the box as often along x, before the first frame.
    """
    with open(path, "w") as handle:
        for k, (s, cell) in enumerate(zip(places, cells, strict=True)):
            h = cell.copy()
            h[1] -= np.rint(h[1, 0] / h[0, 0]) * h[0]
            inside = (s @ cell @ np.linalg.inv(h)) % 1.0 @ h + low
            xy, xz, yz = h[1, 0], h[2, 0], h[2, 1]
            bounds = [
                (low[0] + min(0, xy, xz, xy + xz), low[0] + h[0, 0] + max(0, xy, xz, xy + xz), xy),
                (low[1] + min(0, yz), low[1] + h[1, 1] + max(0, yz), xz),
                (low[2], low[2] + h[2, 2], yz),
            ]
            handle.write(f"ITEM: TIMESTEP\n{100 * k}\nITEM: NUMBER OF ATOMS\n{len(s)}\n")
            handle.write("ITEM: BOX BOUNDS xy xz yz pp pp pp\n")
            handle.writelines(" ".join(f"{x:.12g}" for x in row) + "\n" for row in bounds)
            columns = "x y" if flat else "x y z" if images is None else "x y z ix iy iz"
            handle.write(f"ITEM: ATOMS id type {columns}\n")
            for number, (kind, row) in enumerate(zip(types, inside, strict=True), start=1):
                words = " ".join(f"{x:.9f}" for x in row[: 2 if flat else 3])
                out = "" if images is None else f" {images} 0 0"
                handle.write(f"{number} {kind} {words}{out}\n")
    return path


def imported(path, folder, **options):
    external = open_external(path, None, **options)
    return external, import_trajectory(
        external, folder / "ours", external.liquid, interval=INTERVAL
    )


CASES = {
    "a tilted box": (TILTED, 0.0, 0.0),
    "a brick": (BRICK, 0.0, 0.0),
    "a tilted box that grows": (TILTED, 0.0, 0.08),
    "a brick that shrinks": (BRICK, 0.0, -0.05),
    "a brick that is sheared, and flipped": (BRICK, 1.7, 0.0),
    "a tilted box that is sheared and grows": (TILTED, -1.2, 0.05),
}


@pytest.mark.parametrize("case", CASES)
def test_displacements_and_structures_are_those_that_were_written(tmp_path, case):
    vectors, shears, grows = CASES[case]
    places, cells, types = liquid(vectors, shears, grows)
    external, run = imported(dump(tmp_path / "run.dump", places, cells, types), tmp_path)
    places = places[:, external.order]
    # displacements without the mean deformation: those of the places, in the first box
    got = run.read(range(FRAMES))
    expected = (places - places[0]) @ cells[0]
    np.testing.assert_allclose(got - got[0], expected, atol=2e-5)
    for frame in (0, 5, FRAMES - 1):
        inside, box = run.own(frame, got[frame])
        truth, cell = places[frame] @ cells[frame], Box.of(cells[frame])
        apart = cell.nearest(inside[:, None] - inside[None])
        np.testing.assert_allclose(Box.of(box).volume, cell.volume, rtol=1e-9)
        wanted = cell.nearest(truth[:, None] - truth[None])
        np.testing.assert_allclose(
            np.linalg.norm(apart, axis=-1), np.linalg.norm(wanted, axis=-1), atol=5e-5
        )


@pytest.mark.parametrize("case", ["a tilted box", "a brick that is sheared, and flipped"])
def test_a_frozen_configuration_that_is_strained_does_not_move(tmp_path, case):
    vectors, _, _ = CASES[case]
    places, cells, types = liquid(vectors, 1.3, 0.1)
    places[:] = places[0]
    _, run = imported(dump(tmp_path / "run.dump", places, cells, types), tmp_path)
    got = run.read(range(FRAMES))
    np.testing.assert_allclose(got - got[0], 0.0, atol=5e-6)


def test_images_of_a_changing_box_are_no_displacements(tmp_path):
    """The naive scheme adds whole boxes of the last frame, which move a particle that rests.

    S. von Buelow, J. T. Bullerjahn, G. Hummer, J. Chem. Phys. 153, 021101 (2020).
    """
    places, cells, types = liquid(BRICK)
    places[:] = places[0]
    cells *= (1 + 0.02 * np.sin(np.arange(FRAMES)))[:, None, None]
    path = dump(tmp_path / "run.dump", places, cells, types, images=7)
    naive = np.array([frame.positions for frame in read_frames(path)])
    assert np.abs(naive - naive[0]).max() > 1.0
    _, run = imported(path, tmp_path)
    got = run.read(range(FRAMES))
    np.testing.assert_allclose(got - got[0], 0.0, atol=1e-5)


def test_the_depths_of_a_table_are_those_in_the_box_of_each_frame(tmp_path):
    places, cells, types = liquid(TILTED, 0.9, 0.04)
    path, out = dump(tmp_path / "run.dump", places, cells, types), tmp_path / "scores.csv"
    words = ["--closure", "pair", "--interval", INTERVAL, "--no-hops", "--quiet", "--out", out]
    assert not main(["score", str(path), *map(str, words)])
    table, radii = pd.read_csv(out, comment="#"), read_metadata(out)
    kinds = types - 1
    liquid_of_types = composition_of_labels(types.astype(str).tolist())
    for frame in (0, FRAMES - 1):
        box = Box.of(cells[frame])
        found = table[table["frame"] == frame].sort_values("particle")["depth"].to_numpy()
        for u in (0, 1):
            pairs = liquid_of_types.pairs_of(u)
            scorer = Scorer(
                liquid_of_types,
                None,
                len(kinds) / box.volume,
                liquid_of_types.fractions,
                *(
                    np.array([radii[f"{name}_{pair}"] for pair in pairs])
                    for name in ("r0", "r_min")
                ),
                tagged=u,
                closure="pair",
            )
            (expected,) = scorer.depth(places[frame] @ cells[frame], kinds, box)
            np.testing.assert_allclose(found[kinds == u], expected, rtol=2e-4)


# ---------------------------------------------------------------- two dimensions
def test_a_plane_is_read_as_one(tmp_path):
    places, cells, types = liquid(PLANE, 0.0, 0.0, dimension=2)
    path = dump(tmp_path / "run.dump", places, cells, types, flat=True)
    external, run = imported(path, tmp_path)
    assert run.dimension == 2 and external.box.volume == pytest.approx(24.0 * 22.0)
    got = run.read(range(FRAMES))
    np.testing.assert_allclose(
        got - got[0], (places - places[0])[:, external.order] @ cells[0], atol=2e-5
    )


def test_one_layer_in_space_is_two_dimensions_only_if_the_user_says_so(tmp_path):
    places, cells, types = liquid(PLANE, 0.0, 0.0, dimension=2)
    path = dump(tmp_path / "run.dump", places, cells, types)
    with pytest.raises(TrajectoryError, match="all particles are at z = 0.5: .* --dimension 2"):
        open_external(path, None)
    external = open_external(path, None, dimension=2)
    assert external.box.dimension == 2
    solid = dump(tmp_path / "solid.dump", *liquid(TILTED))
    with pytest.raises(TrajectoryError, match="frame 0: z varies by .*, but there are to be two"):
        open_external(solid, None, dimension=2)


@pytest.mark.parametrize("suffix", [".extxyz", ".gsd", ".lammpstrj"])
@pytest.mark.parametrize("case", ["a plane", "a tilted box", "a tilted box that grows"])
def test_scored_frames_are_read_again_as_they_were(tmp_path, suffix, case):
    flat = case == "a plane"
    vectors, shears, grows = (PLANE, 0.0, 0.0) if flat else CASES[case]
    places, cells, types = liquid(vectors, shears, grows, dimension=2 if flat else 3)
    path, out = dump(tmp_path / "run.dump", places, cells, types, flat), tmp_path / f"out{suffix}"
    words = ["--closure", "pair", "--interval", INTERVAL, "--hop-window", "2", "--out", out]
    assert not main(["score", str(path), *map(str, words)])
    dimension = {"dimension": 2} if flat else {}
    external, run = imported(out, tmp_path, **dimension)
    got = run.read(range(FRAMES))
    expected = (places - places[0])[:, external.order] @ cells[0]
    np.testing.assert_allclose(got - got[0], expected, atol=5e-5)


# ---------------------------------------------------------------- edges that are not periodic
def test_a_field_of_view_has_no_depths_at_its_edges(tmp_path, capsys):
    places, cells, types = liquid(BRICK)
    path, out = tmp_path / "run.extxyz", tmp_path / "scores.csv"
    lattice = " ".join(str(x) for x in BRICK.ravel())
    with open(path, "w") as handle:
        for k, s in enumerate(places):
            x = (0.02 + 0.96 * np.clip(s, 0, 1)) @ BRICK
            x[:, 2] = (s @ BRICK)[:, 2]
            handle.write(
                f'{len(x)}\nLattice="{lattice}" pbc="F F T" Properties=species:S:1:pos:R:3 '
                f"Time={INTERVAL * k}\n"
            )
            rows = zip(types, x, strict=True)
            handle.writelines(f"{t} {a:.9f} {b:.9f} {c:.9f}\n" for t, (a, b, c) in rows)
    words = ["--closure", "pair", "--hop-window", "2", "--out", out]
    assert not main(["score", str(path), *map(str, words)])
    table = pd.read_csv(out, comment="#")
    assert "not periodic along its vector a and b, as the file says" in capsys.readouterr().err
    share = table["depth"].notna().mean()
    assert 0.2 < share < 0.8 and table["p_hop"].notna().mean() > 0.5


def test_a_field_of_view_stays_the_same(tmp_path):
    places, cells, types = liquid(BRICK)
    inside = 0.01 + 0.98 * np.clip(places, 0, 1)
    cells *= np.linspace(1, 1.01, FRAMES)[:, None, None]
    path = dump(tmp_path / "run.dump", inside, cells, types)
    path.write_text(path.read_text().replace("pp pp pp", "ss pp pp"))
    with pytest.raises(TrajectoryError, match="frame 1: .* must stay the same"):
        imported(path, tmp_path)


def test_who_goes_through_an_edge_shows_that_it_is_periodic(tmp_path):
    places, cells, types = liquid(BRICK)
    path = dump(tmp_path / "run.dump", places % 1.0, cells, types)
    path.write_text(path.read_text().replace("pp pp pp", "pp pp ff"))
    words = "particles jump by more than half of the box along a direction that is not periodic"
    with pytest.raises(TrajectoryError, match=words):
        imported(path, tmp_path)

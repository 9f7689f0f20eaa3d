"""Readers give what is in the file: every digit, box, name and id, or say what is wrong."""

import numpy as np
import pytest

from softcage.io.external import import_trajectory, open_external
from softcage.io.readers import TrajectoryError, read_frames
from softcage.model import kob_andersen

KA = kob_andersen()
N, L = 20, (20 / 1.2) ** (1 / 3)
TYPES = np.where(np.arange(N) % 5 == 2, 2, 1)
NAMES = ["AB"[t - 1] for t in TYPES]
CUBE = f"ITEM: BOX BOUNDS pp pp pp\n{3 * f'0 {L:.17g}{chr(10)}'}"


@pytest.fixture(scope="module")
def walk():
    """Unwrapped positions (4, N, 3) of particles at rest on the whole."""
    rng = np.random.default_rng(5)
    positions = rng.uniform(0, L, (1, N, 3)) + np.cumsum(rng.normal(0, 0.05, (4, N, 3)), axis=0)
    return positions - (positions - positions[:1]).mean(axis=1, keepdims=True)


def table(columns):
    """Return lines of these columns, every digit in them."""
    return "".join(" ".join(f"{x:.17g}" if isinstance(x, float) else str(x) for x in row) + "\n"
                   for row in zip(*columns, strict=True))  # fmt: skip


def dump(path, positions, box=CUBE, names="id type x y z", **more):
    text = ""
    for k, frame in enumerate(positions):
        columns = {"id": range(1, N + 1), "type": TYPES, **{c: [v] * N for c, v in more.items()}}
        for d, letter in enumerate("xyz"):
            columns[letter] = columns[f"{letter}u"] = columns[f"{letter}s"] = frame[:, d].tolist()
        text += f"ITEM: TIMESTEP\n{10 * k}\nITEM: NUMBER OF ATOMS\n{N}\n{box}ITEM: ATOMS {names}\n"
        text += table([columns[c] for c in names.split()])
    path.write_text(text)
    return path


def xyz(path, positions, comment="", labels=NAMES, *more):
    text = ""
    for k, frame in enumerate(positions):
        text += f"{N}\n{comment.format(step=10 * k)}\n" + table([labels, *frame.T.tolist(), *more])
    path.write_text(text)
    return path


def refused(path, words, **options):
    with pytest.raises(TrajectoryError, match=words) as caught:
        external = open_external(path, KA, **options)
        import_trajectory(external, path.parent / "ours", KA, interval=0.5)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


# ---------------------------------------------------------------- digits
def test_every_digit_of_a_text_file_arrives(tmp_path, walk):
    """Also far from the origin, where single precision keeps four digits."""
    far = walk + 1e6 * L
    for path in (dump(tmp_path / "run.dump", far), xyz(tmp_path / "run.xyz", far)):
        got = np.array([frame.positions for frame in read_frames(path)])
        np.testing.assert_array_equal(got, far)
    for k in (2, 7):
        rows = [f"{1:5d}X    {NAMES[i]:>5s}{i + 1:5d}" for i in range(N)]
        width = k + 10
        rows = [
            row + "".join(f"{x:{width}.{k}f}" for x in walk[1, i]) for i, row in enumerate(rows)
        ]
        text = (
            "a title, t= 0.5 step= 7\n"
            + f"{N}\n"
            + "\n".join(rows)
            + f"\n {L:.9f} {L:.9f} {L:.9f}\n"
        )
        (tmp_path / "run.gro").write_text(text)
        (frame,) = read_frames(tmp_path / "run.gro")
        np.testing.assert_array_equal(frame.positions, np.round(walk[1], k))
        assert (frame.time, frame.step, list(frame.labels)) == (0.5, 7, NAMES)


def test_the_three_decimals_of_a_pdb_arrive(tmp_path, walk):
    row = "ATOM  {:5d}  {:<3s} X   A   1    {:8.3f}{:8.3f}{:8.3f}  1.00  0.00\n"
    far = np.round(walk[0] + 1000, 3)
    rows = [row.format(i + 1, NAMES[i], *far[i]) for i in range(N)]
    (tmp_path / "run.pdb").write_text("".join(rows) + "END\n")
    (frame,) = read_frames(tmp_path / "run.pdb")
    np.testing.assert_array_equal(frame.positions, far)


def test_large_images_cost_no_digits_of_the_imported_run(tmp_path, walk):
    """Displacements in our files are those of the trajectory, a million boxes from the origin."""
    frames = walk.copy()
    frames[:, ::2] += 2**20 * L
    path = dump(tmp_path / "run.dump", frames, names="id type xu yu zu")
    external = open_external(path, KA, species={"A": 1, "B": 2})
    run = import_trajectory(external, tmp_path / "ours", KA, interval=0.5)
    got = run.read(range(4))
    expected = (walk - walk[0])[:, external.order]
    np.testing.assert_allclose(got - got[0], expected, atol=2e-6)


# ---------------------------------------------------------------- the box
def general(a, b, c, origin=(0.0, 0.0, 0.0)):
    rows = zip((a, b, c), origin, strict=True)
    return "ITEM: BOX BOUNDS abc origin pp pp pp\n" + "".join(
        " ".join(f"{x:.17g}" for x in (*vector, o)) + "\n" for vector, o in rows
    )


def test_general_boxes_of_lammps(tmp_path, walk):
    box = general((L, 0, 0), (0, L, 0), (0, 0, L), origin=(-1, 2, 3))
    frames = list(read_frames(dump(tmp_path / "run.dump", walk, box)))
    np.testing.assert_array_equal(frames[0].lengths, [L, L, L])
    np.testing.assert_array_equal(frames[2].positions, walk[2])
    assert frames[0].cubic_angles
    names = "id type xs ys zs ix iy iz"
    path = dump(tmp_path / "run.dump", walk / L, box, names, ix=1, iy=0, iz=-2)
    frames = list(read_frames(path))
    np.testing.assert_allclose(frames[1].positions, walk[1] + [-1 + L, 2, 3 - 2 * L], atol=1e-14)
    assert frames[1].unwrapped


@pytest.mark.parametrize(
    "box",
    [
        general((L, 0, 0), (0.5 * L, L, 0), (0, 0, L)),
        general((0, L, 0), (-L, 0, 0), (0, 0, L)),  # a cube that lies otherwise
        f"ITEM: BOX BOUNDS xy xz yz pp pp pp\n0 {L} 0\n0 {L} 0.3\n0 {L} 0\n",
    ],
)
def test_a_tilt_is_refused_with_the_option_box_as_without(tmp_path, walk, box):
    path = dump(tmp_path / "run.dump", walk, box)
    for edge in (None, L):
        refused(path, "frame 0: .*not at right angles; only a cube",
                species={"A": 1, "B": 2}, box=edge)  # fmt: skip

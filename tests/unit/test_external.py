"""Trajectories of others: every format gives back what was written, and says what is wrong."""

import gzip

import gsd.hoomd
import mdtraj
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.apart import pushed_apart

from softcage.io.external import import_trajectory, open_external
from softcage.io.frame_times import time_between_frames
from softcage.io.readers import TrajectoryError
from softcage.io.trajectory import write_topology, write_trajectory
from softcage.io.unwrap import Seen, follow, without_drift
from softcage.model import kob_andersen

N, FRAMES, INTERVAL = 60, 7, 0.5
BOX = (N / 1.2) ** (1 / 3)
KA = kob_andersen()
# B particles are not the last ones: a file may have them anywhere
TYPES = np.where(np.arange(N) % 5 == 2, 2, 1)


@pytest.fixture(scope="module")
def walk():
    """Unwrapped positions of particles that cross the box, at rest on the whole."""
    rng = np.random.default_rng(3)
    steps = rng.normal(0, 0.2, (FRAMES, N, 3)).clip(-0.5, 0.5)
    positions = pushed_apart(rng.uniform(0, BOX, (1, N, 3)) + np.cumsum(steps, axis=0), BOX)
    return positions - (positions - positions[:1]).mean(axis=1, keepdims=True)


def dump(path, positions, columns="id type x y z", box=BOX, types=TYPES, ids=None, low=-1.0,
         steps=None, times=None):  # fmt: skip
    """Write a LAMMPS dump, atoms in another order in every frame."""
    steps = 200 * np.arange(len(positions)) if steps is None else steps
    rng = np.random.default_rng(0)
    ids = np.arange(1, N + 1) if ids is None else ids
    opener = gzip.open if str(path).endswith(".gz") else open
    with opener(path, "wt") as handle:
        for k, frame in enumerate(positions):
            edge = box[k] if np.ndim(box) else box
            image = np.floor((frame - low) / edge)
            inside = frame - image * edge
            table = {"id": ids, "type": types}
            for d, name in enumerate("xyz"):
                table |= {
                    name: inside[:, d],
                    f"{name}u": frame[:, d],
                    f"{name}s": (inside[:, d] - low) / edge,
                    f"{name}su": (frame[:, d] - low) / edge,
                    f"i{name}": np.nan_to_num(image[:, d]).astype(int),
                }
            if times is not None:
                handle.write(f"ITEM: TIME\n{times[k]:.17g}\n")
            handle.write(f"ITEM: TIMESTEP\n{steps[k]}\nITEM: NUMBER OF ATOMS\n{len(ids)}\n")
            handle.write("ITEM: BOX BOUNDS pp pp pp\n" + 3 * f"{low:.17g} {low + edge:.17g}\n")
            handle.write(f"ITEM: ATOMS {columns}\n")
            for i in rng.permutation(len(ids)):
                handle.write(" ".join(f"{table[c][i]:.17g}" for c in columns.split()) + "\n")
    return path


def gsd_file(path, positions, images=True, box=(BOX, BOX, BOX, 0, 0, 0), types=TYPES):
    with gsd.hoomd.open(str(path), "w") as handle:
        for k, frame in enumerate(positions):
            snapshot = gsd.hoomd.Frame()
            image = np.floor(frame / BOX + 0.5)
            snapshot.configuration.step, snapshot.configuration.box = 200 * k, list(box)
            snapshot.particles.N = len(frame)
            snapshot.particles.position = frame - image * BOX
            snapshot.particles.types = ["A", "B"]
            snapshot.particles.typeid = types - 1
            if images:
                snapshot.particles.image = image.astype(np.int32)
            handle.append(snapshot)
    return path


def names(path):
    path.write_text("\n".join("AB"[t - 1] for t in TYPES))
    return path


def as_mdtraj(positions, box=BOX):
    topology = mdtraj.Topology()
    chain = topology.add_chain()
    for t in TYPES:
        residue = topology.add_residue("X", chain)
        topology.add_atom("AB"[t - 1], mdtraj.element.virtual_site, residue)
    trajectory = mdtraj.Trajectory(positions.astype(np.float32), topology)
    trajectory.time = INTERVAL * np.arange(len(positions))
    if box is not None:
        trajectory.unitcell_lengths = np.full((len(positions), 3), box)
        trajectory.unitcell_angles = np.full((len(positions), 3), 90.0)
    return trajectory


def check(path, tmp_path, walk, atol=3e-6, interval=INTERVAL, **options):
    """Import and compare with what was written, particle by particle."""
    external = open_external(path, KA, **options)
    run = import_trajectory(external, tmp_path / "ours", KA, interval=interval)
    assert run.n_frames == FRAMES and run.box == pytest.approx(BOX, rel=1e-6)
    np.testing.assert_array_equal(np.sort(run.species), run.species)
    np.testing.assert_array_equal(run.species, (TYPES - 1)[external.order])
    np.testing.assert_allclose(run.times, INTERVAL * np.arange(FRAMES), atol=1e-9)
    got = run.read(range(FRAMES))
    expected = walk[:, external.order]
    # the box of the first frame may be another image
    shift = np.rint((got[0] - expected[0]) / BOX) * BOX
    np.testing.assert_allclose(got - shift, expected, atol=atol)
    return external


# ---------------------------------------------------------------- formats
@pytest.mark.parametrize(
    "columns",
    [
        "id type x y z",
        "type id xs ys zs",
        "id type xu yu zu",
        "id type xsu ysu zsu",
        "id type x y z ix iy iz",
        "iz iy ix zs ys xs type id",
        "id type x y z xu yu zu",
    ],
)
@pytest.mark.parametrize("name", ["run.lammpstrj", "dump.melt.gz"])
def test_lammps_dumps(tmp_path, walk, columns, name):
    path = dump(tmp_path / name, walk, columns)
    external = check(path, tmp_path, walk, species={"A": 1, "B": 2})
    assert external.unwrapped == ("u" in columns or "ix" in columns)


@pytest.mark.parametrize("images", [True, False])
def test_gsd(tmp_path, walk, images):
    external = check(gsd_file(tmp_path / "run.gsd", walk, images), tmp_path, walk)
    assert external.unwrapped == images


@pytest.mark.parametrize("wrapped", [True, False])
@pytest.mark.parametrize(
    ("name", "unit", "times", "atol"),
    [
        ("run.dcd", 10, False, 3e-6),
        ("run.xtc", 1, True, 1e-3),  # three decimals are all it keeps
        ("run.trr", 1, True, 3e-6),
        ("run.nc", 10, True, 3e-6),
        ("run.h5", 1, True, 3e-6),
        ("run.lammpstrj", 10, False, 1e-4),
        ("run.gro", 1, True, 1e-3),
    ],
)
def test_formats_of_mdtraj(tmp_path, walk, name, unit, times, atol, wrapped):
    """In reduced units: a coordinate of 1 in mdtraj is sigma_AA."""
    path = tmp_path / name
    trajectory = as_mdtraj(walk % BOX if wrapped else walk)
    if name == "run.h5":
        pytest.importorskip("tables")
    if name == "run.gro":
        trajectory.save_gro(str(path))
        times = False
    elif name == "run.lammpstrj":
        with mdtraj.formats.LAMMPSTrajectoryFile(str(path), "w") as handle:
            lengths, angles = np.full((FRAMES, 3), 10 * BOX), np.full((FRAMES, 3), 90.0)
            handle.write(10 * trajectory.xyz, lengths, angles, types=TYPES.tolist())
    else:
        trajectory.save(str(path))
    check(
        path, tmp_path, walk, atol,
        interval=None if times else INTERVAL,
        length_unit=unit,
        # mdtraj calls the columns of a LAMMPS dump xu yu zu whatever is in them
        unwrapped=False if name == "run.lammpstrj" and wrapped else None,
        topology=None if name in ("run.h5", "run.gro") else names(tmp_path / "names.txt"),
    )  # fmt: skip


def test_dcd_and_netcdf_with_the_numbers_of_the_file_in_sigma(tmp_path, walk):
    """As LAMMPS writes them in lj units: no factor anywhere."""
    cell = np.full((FRAMES, 3), BOX), np.full((FRAMES, 3), 90.0)
    with mdtraj.formats.DCDTrajectoryFile(str(tmp_path / "run.dcd"), "w") as handle:
        handle.write(walk.astype(np.float32), *(c.astype(np.float32) for c in cell))
    with mdtraj.formats.NetCDFTrajectoryFile(str(tmp_path / "run.nc"), "w") as handle:
        times = (INTERVAL * np.arange(FRAMES)).astype(np.float32)
        handle.write(walk.astype(np.float32), times, *cell)
    top = names(tmp_path / "names.txt")
    check(tmp_path / "run.dcd", tmp_path, walk, topology=top)
    check(tmp_path / "run.nc", tmp_path, walk, topology=top, interval=None)


def test_mdtraj_hdf5_as_it_is_on_disk(tmp_path, walk):
    """Written with h5py, so that it needs no PyTables: the layout of mdtraj's convention."""
    import json

    import h5py

    atoms = [{"index": i, "name": "AB"[t - 1], "element": "VS"} for i, t in enumerate(TYPES)]
    topology = {"chains": [{"residues": [{"name": "X", "atoms": atoms}]}], "bonds": []}
    with h5py.File(tmp_path / "run.h5", "w") as store:
        store["coordinates"] = (walk % BOX).astype(np.float32)
        store["cell_lengths"] = np.full((FRAMES, 3), BOX, dtype=np.float32)
        store["cell_angles"] = np.full((FRAMES, 3), 90, dtype=np.float32)
        store["time"] = (INTERVAL * np.arange(FRAMES)).astype(np.float32)
        store["topology"] = np.array([json.dumps(topology).encode()])
    check(tmp_path / "run.h5", tmp_path, walk, interval=None)


def test_a_file_of_a_study_needs_nothing_else(tmp_path, walk):
    order = np.argsort(TYPES, kind="stable")
    folder = tmp_path / "r0"
    write_trajectory(folder / "uniform.nc", iter([walk[:, order]]), INTERVAL * np.arange(7), BOX)
    write_topology(folder / "topology.pdb", TYPES[order] - 1, ("A", "B"), walk[0, order], BOX)
    external = open_external(folder / "uniform.nc", KA)
    assert external.length_unit == 10 and external.unwrapped
    run = import_trajectory(external, tmp_path / "ours", KA)
    np.testing.assert_allclose(run.read(range(7)), walk[:, order], atol=3e-6)


# ---------------------------------------------------------------- times
EVEN, UNEVEN = 1000 + 0.5 * np.arange(FRAMES), np.array([0, 1, 2, 4, 8, 16, 32])
OVERLAP = np.array([0, 1, 2, 3, 2, 3, 4])


def notes_of(caplog, external):
    """Return what was logged of a trajectory, and forget it."""
    notes = [record.getMessage().removeprefix(f"{external.name}: ") for record in caplog.records]
    caplog.clear()
    return notes


def times_of(caplog, folder, path, hops, interval, **more):
    """Return the times of a dump's frames and the notes, or the refusal."""
    external = open_external(path, KA, species={"A": 1, "B": 2})
    try:
        run = import_trajectory(external, folder / f"{hops}", KA, interval=interval, hops=hops,
                                **more)  # fmt: skip
    except TrajectoryError as error:
        return str(error), notes_of(caplog, external)
    return run.times.tolist(), notes_of(caplog, external)


@pytest.mark.parametrize("hops", [True, False])
@pytest.mark.parametrize("interval", [None, 0.5, 0.25])
def test_the_times_of_the_file_are_the_times(caplog, tmp_path, walk, hops, interval):
    """Whatever the options are, and from where they begin."""
    path = dump(tmp_path / "run.dump", walk, times=EVEN, steps=9 - np.arange(FRAMES))
    times, notes = times_of(caplog, tmp_path, path, hops, interval)
    if interval == 0.25:  # the user's word against the file's: it is taken, and said
        assert times == (0.25 * np.arange(FRAMES)).tolist()
        assert notes.pop() == (
            "the file's times are 0.5 apart, from 1000 to 1003; --interval 0.25 is taken, from 0"
        )
    else:
        assert times == EVEN.tolist()
    assert notes == [
        "the file's steps do not grow (frames 0 and 1: 9 and 8), its times do: they are taken"
    ]
    assert time_between_frames(times) == (interval or 0.5)


@pytest.mark.parametrize("interval", [None, 0.5])
def test_uneven_times_are_for_depth_only(caplog, tmp_path, walk, interval):
    path = dump(tmp_path / "run.dump", walk, times=0.5 * UNEVEN, steps=200 * UNEVEN)
    said, _ = times_of(caplog, tmp_path, path, True, interval)
    assert said.endswith("frames are not evenly spaced: the times of frames 2 and 3 are 1 and 2, "
                         "those of the first two 0 and 0.5")  # fmt: skip
    times, notes = times_of(caplog, tmp_path, path, False, interval)
    assert times == (0.5 * UNEVEN).tolist() and np.isnan(time_between_frames(times))
    unused = "the file's times are unevenly spaced: --interval is unused"
    assert notes == ([] if interval is None else [unused])


@pytest.mark.parametrize("hops", [True, False])
def test_uneven_steps_contradict_an_interval(caplog, tmp_path, walk, hops):
    path = dump(tmp_path / "run.dump", walk, steps=200 * UNEVEN)
    said, _ = times_of(caplog, tmp_path, path, hops, 0.5)
    assert "not evenly spaced: the steps of frames 2 and 3 are 400 and 800" in said
    assert ("leave --interval out" in said) != hops
    assert np.isnan(times_of(caplog, tmp_path, path, False, None)[0]).all()


@pytest.mark.parametrize("steps", [[0, 1, 2, 0, 1, 2, 3], [5, 6, 7, 8, -8, -7, -6]])
@pytest.mark.parametrize("hops", [True, False])
def test_a_counter_that_was_reset_and_an_interval(caplog, tmp_path, walk, steps, hops):
    """The interval is then the user's word; a counter that falls less far tells of an overlap."""
    path = dump(tmp_path / "run.dump", walk, steps=200 * np.array(steps))
    k = int(np.flatnonzero(np.diff(steps) < 0)[0])
    times, notes = times_of(caplog, tmp_path, path, hops, 0.5)
    assert times == (0.5 * np.arange(FRAMES)).tolist()
    assert notes == [
        f"the file's steps do not grow (frames {k} and {k + 1}: {200 * steps[k]} and "
        f"{200 * steps[k + 1]}), --interval is taken"
    ]
    if not hops:
        said, _ = times_of(caplog, tmp_path, path, hops, None)
        assert "frames do not follow each other" in said and said.endswith("give --interval")
    dump(path, walk, steps=200 * np.array([0, 1, 2, 0, 1, 3, 4]))
    assert "not evenly spaced" in times_of(caplog, tmp_path, path, hops, 0.5)[0]


def test_steps_and_the_time_of_a_step_are_times(caplog, tmp_path, walk):
    path, log = tmp_path / "run.dump", tmp_path / "log.dump"
    dump(path, walk, steps=8000 + 200 * np.arange(FRAMES))
    dump(log, walk, steps=200 * UNEVEN)
    times = (20 + 0.5 * np.arange(FRAMES)).tolist()
    for hops in (True, False):
        assert times_of(caplog, tmp_path, path, hops, None, file_timestep=0.0025) == (times, [])
    got = times_of(caplog, tmp_path, log, False, None, file_timestep=0.0025)
    assert got == ((0.5 * UNEVEN).tolist(), [])
    said, _ = times_of(caplog, tmp_path, log, True, None, file_timestep=0.0025)
    assert "not evenly spaced" in said
    dump(path, walk, times=EVEN)
    note = "the file's times are taken, not --timestep"
    got = times_of(caplog, tmp_path, path, True, None, file_timestep=0.1)
    assert got == (EVEN.tolist(), [note])


@pytest.mark.parametrize("hops", [True, False])
@pytest.mark.parametrize("values", [OVERLAP, np.array([0, 1, 2, 2, 3, 4, 5])])
@pytest.mark.parametrize("what", ["times", "steps"])
def test_times_that_repeat_or_run_back_are_refused(caplog, tmp_path, walk, hops, values, what):
    """The overlap of a run that was restarted; a frame that was written twice."""
    path = dump(tmp_path / "run.dump", walk, **{what: 10 * values})
    k = np.flatnonzero(np.diff(values) <= 0)[0]
    said, _ = times_of(caplog, tmp_path, path, hops, 0.5)
    assert (
        f"frames do not follow each other: the {what} of frames {k} and {k + 1} are "
        f"{10 * values[k]} and {10 * values[k + 1]}"
    ) in said


@pytest.mark.parametrize("hops", [True, False])
def test_late_times_that_single_precision_cannot_tell_apart(caplog, tmp_path, walk, hops):
    """The steps can, if times are steps times the time of one, or the user's interval."""
    late = 4_000_000_000 + 200 * np.arange(FRAMES)
    times = (0.0025 * late).astype(np.float32).astype(float)
    assert len(np.unique(times)) < FRAMES
    path = dump(tmp_path / "run.dump", walk, steps=late, times=times)
    got, notes = times_of(caplog, tmp_path, path, hops, None)
    assert got == (1e7 + 0.5 * np.arange(FRAMES)).tolist() and time_between_frames(got) == 0.5
    assert notes == ["the file's times have too few digits to tell frames apart: they are taken "
                     "from its steps, of 0.0025 each"]  # fmt: skip
    dump(path, walk, steps=200 * np.arange(FRAMES), times=times)  # steps of another clock
    got, notes = times_of(caplog, tmp_path, path, hops, 0.5)
    assert got == (0.5 * np.arange(FRAMES)).tolist() and "--interval 0.5 is taken" in notes[0]
    dump(path, walk, steps=200 * np.arange(FRAMES), times=np.r_[1e7 - 1, times[:-1]])
    said, _ = times_of(caplog, tmp_path, path, hops, None)
    assert said.endswith("if they only have too few digits, give --interval")
    dump(path, walk, steps=np.r_[late[:4], late[2:5]], times=np.r_[times[:4], times[2:5]])
    assert "frames do not follow each other" in times_of(caplog, tmp_path, path, hops, None)[0]


@pytest.mark.parametrize("interval", [None, 0.5, 0.25])
def test_a_study_counts_from_zero_in_its_own_steps(caplog, tmp_path, walk, interval):
    """By the same rule: the file's times, or the user's with a note."""
    path = dump(tmp_path / "run.dump", walk, times=EVEN)
    external = open_external(path, KA, species={"A": 1, "B": 2})
    run = import_trajectory(external, tmp_path / "x", KA, interval=interval, timestep=0.0025)
    apart = interval or 0.5
    assert run.times.tolist() == (apart * np.arange(FRAMES)).tolist()
    assert run.steps.tolist() == (round(apart / 0.0025) * np.arange(FRAMES)).tolist()
    assert len(notes_of(caplog, external)) == (interval == 0.25)
    with pytest.raises(TrajectoryError, match="is no whole number of time steps of 0.3"):
        import_trajectory(external, tmp_path / "x", KA, interval=interval, timestep=0.3)


def test_a_counter_that_was_never_set_says_nothing(caplog, tmp_path, walk):
    zero = np.zeros(FRAMES, dtype=int)
    path = dump(tmp_path / "run.dump", walk, steps=zero, times=zero)
    assert times_of(caplog, tmp_path, path, True, 0.5) == ((EVEN - 1000).tolist(), [])
    assert "has no times: give the time" in times_of(caplog, tmp_path, path, True, None)[0]
    path = dump(tmp_path / "run.dump", walk, steps=zero, times=np.maximum(0, zero + UNEVEN - 1))
    said, _ = times_of(caplog, tmp_path, path, False, None)
    assert "the times of frames 0 and 1 are both 0" in said


def test_times_of_some_frames_only(caplog, tmp_path, walk):
    path = dump(tmp_path / "run.dump", walk[:3], times=EVEN)
    later = dump(tmp_path / "later.dump", walk[3:], steps=200 * np.arange(3, FRAMES))
    path.write_text(path.read_text() + later.read_text())
    said, _ = times_of(caplog, tmp_path, path, False, None)
    assert "only some frames have times, not frame 3" in said


def test_times_in_single_precision_are_the_decimals_they_stand_for(caplog, tmp_path, walk):
    times = (0.1 * np.arange(FRAMES)).astype(np.float32)
    path = dump(tmp_path / "run.dump", walk, times=times)
    assert times_of(caplog, tmp_path, path, True, None)[0] == [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6]


# ---------------------------------------------------------------- one run of several files
@pytest.mark.parametrize("what", ["steps", "times"])
def test_several_files_are_one_run_in_the_order_of_their_steps(tmp_path, walk, what):
    """Not in that of their names, in which 1000 comes before 200."""
    paths = []
    for part in ([5, 6], [0, 1, 2], [3, 4]):
        values = {what: 200 * np.array(part), "steps": 200 * np.array(part)}
        if what == "times":
            values["steps"] = np.zeros(3, dtype=int)
        paths.append(dump(tmp_path / f"dump.{part[0]}", walk[part], **values))
    external = check(paths, tmp_path, walk, species={"A": 1, "B": 2}, interval=INTERVAL)
    assert external.paths == (paths[1], paths[2], paths[0]) and external.path == paths[1]


def test_several_files_that_are_no_run(tmp_path, walk):
    a, b = (dump(tmp_path / f"{name}.dump", walk[:3]) for name in "ab")
    refused([a, b], "in the order of their times or steps, which these do not have, or", tmp_path)
    other = dump(tmp_path / "c.dump", walk[2:] + 0.01, steps=200 * np.arange(2, 7))
    refused([a, other], "the steps of frames 2 and 3 are 400 and 400", tmp_path)


@pytest.mark.parametrize("joined", [False, True])
def test_the_frame_at_the_seam_of_two_files_counts_once(caplog, tmp_path, walk, joined):
    """A run that goes on writes its first frame again, perhaps in another image, and rounded."""
    a = dump(tmp_path / "a.dump", walk[:3])
    again = walk[2:].copy()
    again[0] += 1e-5 - BOX
    paths = [a, dump(tmp_path / "b.dump", again, steps=200 * np.arange(2, FRAMES))]
    if joined:
        a.write_text(a.read_text() + paths.pop().read_text())
    external = check(paths, tmp_path, walk, species={"A": 1, "B": 2})
    caplog.clear()
    assert len(list(external.frames())) == FRAMES
    here = f"{paths[-1]}: frame {3 * joined}"
    note = f"{here} is the frame before it once more, and is left out"
    assert notes_of(caplog, external) == [note]


def test_a_run_that_was_killed_in_its_last_frame(caplog, tmp_path, walk):
    path = dump(tmp_path / "run.dump", np.concatenate([walk, walk[-1:] + 0.1]))
    text = path.read_text()
    for end in (-5, -400, text.rindex("ITEM: BOX") + 12 - len(text)):
        path.write_text(text[:end])
        refused(path, "--whole-frames leaves it out", tmp_path)
        external = open_external(path, KA, species={"A": 1, "B": 2}, whole_frames=True)
        caplog.clear()
        run = import_trajectory(external, tmp_path / "ours", KA, interval=0.5)
        notes = notes_of(caplog, external)
        assert run.n_frames == FRAMES
        assert len(notes) == 1 and notes[0].startswith("7 whole frames are used, the last one is")


# ---------------------------------------------------------------- unwrapping
@settings(max_examples=50, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(1, 20),
    frames=st.integers(1, 12),
    box=st.floats(1.0, 50.0),
    origin=st.floats(-100.0, 100.0),
)
def test_unwrapping_undoes_wrapping_whatever_the_origin_of_the_box(seed, n, frames, box, origin):
    rng = np.random.default_rng(seed)
    steps = rng.uniform(-0.24 * box, 0.24 * box, (frames, n, 3))
    positions = origin + np.cumsum(steps, axis=0)
    wrapped = positions - box * np.floor((positions - origin / 3) / box)
    got = np.array(list(follow(wrapped, box)))
    np.testing.assert_allclose(got - got[0], positions - positions[0], atol=1e-9 * (box + 100))
    same = np.array(list(follow(positions, box)))
    np.testing.assert_allclose(same, positions, atol=1e-9 * (box + 100))


def test_frames_too_far_apart_are_not_unwrapped():
    frames = np.zeros((3, 4, 3))
    frames[2, 1, 0] = 2.6
    with pytest.raises(TrajectoryError, match="frames 1 and 2 are too far apart to unwrap"):
        list(follow(frames, 10.0))
    assert len(list(follow(frames, 10.0, wrapped=False))) == 3


def test_wrapped_positions_said_to_be_unwrapped_are_found_out():
    frames = np.zeros((2, 4, 3))
    frames[1, 2, 1] = 9.9
    with pytest.raises(TrajectoryError, match="1 particles jump by the box edge 10"):
        list(follow(frames, 10.0, wrapped=False))


def liquid(box=10.0, n=400, frames=12, step=0.12, seed=2):
    """Return a random walk of particles all over the box, unwrapped."""
    rng = np.random.default_rng(seed)
    steps = rng.normal(0, step, (frames, n, 3)).cumsum(axis=0)
    return rng.uniform(0, box, (n, 3)) + steps


@pytest.mark.parametrize("jump", [512 * 10.0, -1024 * 10.0, 5.5, 1e7])
def test_one_particle_that_jumps_is_named(jump):
    """An image counter that overflowed, a point that was lost: half the box and more."""
    frames = liquid()
    frames[7:, 11, 1] += jump
    words = "between frames 6 and 7 particle 11 jumps by .* of the box edge, and the others"
    with pytest.raises(TrajectoryError, match=words):
        list(follow(frames, 10.0, wrapped=False))
    frames = liquid()
    frames[7:, 11, 1] += 3.0
    with pytest.raises(TrajectoryError, match="frames 6 and 7 .* to unwrap: particle 11 moved by"):
        list(follow(frames % 10.0, 10.0))


@pytest.mark.parametrize("columns", ["id type xu yu zu", "id type x y z"])
@pytest.mark.parametrize("hops", [True, False])
def test_a_lost_decimal_point_is_found_out(tmp_path, walk, columns, hops):
    path = dump(tmp_path / "run.dump", walk, columns)
    lines = path.read_text().splitlines(keepends=True)
    row = next(k for k in range(4 * (N + 9) + 9, len(lines)) if lines[k].startswith("18 "))
    words = lines[row].split()
    lines[row] = " ".join([*words[:3], words[3].replace(".", ""), words[4]]) + "\n"
    path.write_text("".join(lines))
    external = open_external(path, KA, species={"A": 1, "B": 2})
    with pytest.raises(TrajectoryError, match="frame 4 has id 18 at y = .*, far from all others"):
        import_trajectory(external, tmp_path / "ours", KA, interval=0.5, hops=hops)


def test_positions_that_are_not_of_a_liquid_in_this_box(tmp_path, walk):
    """Scaled, in another unit than the box, or in other columns than those that are read."""
    path = tmp_path / "run.xyz"

    def write(positions, before=lambda i: "", box=BOX):
        text = ""
        for frame in positions:
            text += f'{N}\nLattice="{box} 0 0 0 {box} 0 0 0 {box}"\n'
            for i, (x, y, z) in enumerate(frame.tolist()):
                text += f"{'AB'[TYPES[i] - 1]} {before(i)} {x} {y} {z}\n"
        path.write_text(text)

    options = {"species": None}
    write(walk)
    assert len(list(open_external(path, KA).frames())) == FRAMES
    write(walk % BOX / BOX)
    refused(path, "frame 0 has no particles in 2.* of the box edge 3.6", tmp_path, **options)
    write(10 * walk)
    refused(path, "frame 0 has .* nearer than 0.48, as no liquid has", tmp_path, **options)
    for column in (lambda i: i + 1, lambda i: 1.0, lambda i: (0.5, 0.44)[TYPES[i] - 1]):
        write(walk, column)
        words = "frame 0 has (no particles in|.* pairs of particles nearer)"
        refused(path, words, tmp_path, **options)


@pytest.mark.parametrize("fast", [0, 1, 5])
def test_fast_particles_do_not_hide_wrapped_positions(fast):
    """As of a dump whose image flags were never updated, or whose xu is x."""
    frames = liquid()
    frames[:, :fast, 0] += 3.5 * np.arange(12)[:, None]
    assert len(list(follow(frames, 10.0, wrapped=False))) == 12
    with pytest.raises(TrajectoryError, match="particles jump by the box edge 10: .* wrapped"):
        list(follow(frames % 10.0, 10.0, wrapped=False))


@pytest.mark.parametrize("step", [0.01, 0.5, 1.5, 4.0, 30.0])
def test_unwrapped_positions_may_be_any_time_apart(step):
    for seed in range(20):
        frames = liquid(step=step, seed=seed)
        assert len(list(follow(frames, 10.0, wrapped=False))) == 12


def test_displacements_unlike_those_before_are_found_out():
    """Another order of particles, another temperature, log-spaced frames without steps."""
    frames = liquid()
    words = "frames 7 and 8 half of the particles move by .* those before by 0.19"
    mixed = np.concatenate([frames[:8], np.roll(frames[8:], 1, axis=1)])
    with pytest.raises(TrajectoryError, match=words):
        list(follow(mixed, 10.0, wrapped=False))
    with pytest.raises(TrajectoryError, match=words):
        list(follow(np.concatenate([frames[:8], 0.2 * frames[8:] + 0.8 * frames[7]]), 10.0))
    ballistic = frames[0] + (frames[1] - frames[0]) * 2.0 ** np.arange(5)[:, None, None]
    with pytest.raises(TrajectoryError, match="are missing, unevenly spaced"):
        list(follow(ballistic, 10.0, wrapped=False))
    drifting = frames + 0.1 * np.arange(12)[:, None, None] ** 2  # is taken out
    assert len(list(follow(drifting, 10.0, wrapped=False))) == 12


def cages(frames=60):
    """Return frames of N particles about sites of a lattice, that are not moved by much."""
    rng = np.random.default_rng(4)
    sites = np.stack(np.meshgrid(*3 * [np.arange(4)]), axis=-1).reshape(-1, 3)[:N] * BOX / 4
    return sites + rng.normal(0, 0.05, (frames, N, 3))


def of_types(path, frames, types, ids=False):
    """Write frames with the types of each, as XYZ or, with ids, as a dump."""
    text = ""
    for k, (frame, kinds) in enumerate(zip(frames, types, strict=True)):
        if ids:
            text += f"ITEM: TIMESTEP\n{200 * k}\nITEM: NUMBER OF ATOMS\n{N}\n"
            text += "ITEM: BOX BOUNDS pp pp pp\n" + 3 * f"0 {BOX!r}\n"
            text += "ITEM: ATOMS id type x y z\n"
        else:
            text += f"{N}\n\n"
        rows = zip(kinds, frame.tolist(), strict=True)
        text += "".join(f"{f'{i + 1} ' if ids else ''}{t} {x!r} {y!r} {z!r}\n"
                        for i, (t, (x, y, z)) in enumerate(rows))  # fmt: skip
    path.write_text(text)
    return path


@pytest.mark.parametrize("ids", [True, False])
@pytest.mark.parametrize("seed", range(6))
def test_swap_monte_carlo_is_scored_by_the_types_of_each_frame(caplog, tmp_path, seed, ids):
    rng = np.random.default_rng(seed)
    frames, types = cages(40), [TYPES]
    for _ in frames[1:]:
        now = types[-1].copy()
        a, b = (rng.choice(np.flatnonzero(now == t)) for t in (1, 2))
        now[[a, b]] = 2, 1
        types.append(now)
    path = of_types(tmp_path / ("run.dump" if ids else "run.xyz"), frames, types, ids)
    options = {"species": {"A": 1, "B": 2}, "box": BOX}
    external = open_external(path, KA, **options)
    run = import_trajectory(external, tmp_path / "ours", KA, hops=False)
    read = run.read(range(40))
    for got, frame, kinds in zip(read, frames, types, strict=True):
        expected = frame[np.argsort(kinds, kind="stable")]
        np.testing.assert_allclose(got, expected - BOX * np.floor(expected / BOX), atol=1e-6)
    assert external.ids is None and "the column particle counts those of a frame" in caplog.text
    words = (
        "changed their type; --no-hops scores each frame" if ids else "in another order, and has no"
    )
    refused(path, words, tmp_path, **options)
    path = of_types(path, frames[:2], [TYPES, np.where(np.arange(N) == 0, 2, TYPES)], ids)
    with pytest.raises(TrajectoryError, match="frame 1: particles have changed their type$"):
        import_trajectory(open_external(path, KA, **options), tmp_path / "x", KA, hops=False)


@pytest.mark.parametrize("what", ["times", "steps", None])
def test_inherent_structures_are_taken_where_the_file_says_that_they_are_even(
    caplog, tmp_path, what
):
    """Half of the particles move by 0.003 or by 0.08, as a rearrangement comes or does not."""
    rng = np.random.default_rng(0)
    scale = np.where(np.arange(12) % 4 == 3, 0.05, 0.002)[:, None, None]
    frames = cages(1)[0] + (scale * rng.normal(0, 1, (12, N, 3))).cumsum(axis=0)
    path = dump(tmp_path / "run.dump", frames, "id type xu yu zu", steps=200 * np.arange(12),
                times=0.5 * np.arange(12) if what == "times" else None)  # fmt: skip
    external = open_external(path, KA, species={"A": 1, "B": 2})
    if what is None:
        with pytest.raises(TrajectoryError, match="half of the particles move by"):
            list(follow(frames, BOX, wrapped=False))
        return
    run = import_trajectory(external, tmp_path / "ours", KA, interval=0.5)
    notes = notes_of(caplog, external)
    assert run.n_frames == 12 and len(notes) == 1 and "as in inherent structures" in notes[0]
    mixed = np.concatenate([frames[:8], np.roll(frames[8:], 7, axis=1)])
    dump(path, mixed, "id type xu yu zu")
    refused(path, "list particles in another order", tmp_path)


def test_a_last_frame_that_comes_early_is_left_out(caplog, tmp_path, walk):
    """As at the end of a run whose length is no multiple of the time between frames."""
    steps = 200 * np.arange(FRAMES)
    steps[-1] = steps[-2] + 37
    path = dump(tmp_path / "run.dump", walk, steps=steps)
    times, notes = times_of(caplog, tmp_path, path, True, 0.5)
    assert times == (0.5 * np.arange(FRAMES - 1)).tolist()
    assert len(notes) == 1 and f"the last frame, {FRAMES - 1}, comes too early" in notes[0]
    steps[-1], steps[-2] = 200 * (FRAMES - 1), steps[-3] + 37
    dump(path, walk, steps=steps)
    assert "not evenly spaced" in times_of(caplog, tmp_path, path, True, 0.5)[0]


def test_particles_that_were_created_and_deleted_are_named(tmp_path, walk):
    ids = np.arange(1, N + 1)
    a = dump(tmp_path / "a.dump", walk[:3]).read_text()
    ids[17] = N + 5
    b = dump(tmp_path / "b.dump", walk[3:], ids=ids, steps=600 + 200 * np.arange(4)).read_text()
    path = tmp_path / "run.dump"
    path.write_text(a + b)
    words = f"frame 3 has a particle with id {N + 5}, which .* has not, and none with id 18:"
    refused(path, words, tmp_path)


def test_a_message_names_no_thousand_labels(tmp_path, walk):
    path = tmp_path / "run.xyz"
    path.write_text(f"{N}\n\n" + "".join(f"{i} {x} {y} {z}\n"
                                         for i, (x, y, z) in enumerate(walk[0])))  # fmt: skip
    with pytest.raises(TrajectoryError, match="and 54 more labels .is that column an id") as caught:
        open_external(path, KA, box=BOX)
    assert len(str(caught.value).replace(str(path), "")) < 400


@pytest.mark.parametrize("hops", [True, False])
@pytest.mark.parametrize("order", [[0, 1, 2, 3, 3, 4, 5], [0, 1, 2, 3, 4, 3, 4, 5, 6]])
def test_frames_that_come_twice_in_a_file_without_steps(tmp_path, walk, order, hops):
    as_mdtraj(walk[order]).save_dcd(str(tmp_path / "run.dcd"))
    external = open_external(
        tmp_path / "run.dcd", KA, topology=names(tmp_path / "n.txt"), length_unit=10
    )
    again = next(k for k in range(1, 9) if order[k] in order[:k])
    with pytest.raises(TrajectoryError, match=f"frame {again} has the positions of frame 3"):
        import_trajectory(external, tmp_path / "ours", KA, interval=0.5, hops=hops)


@pytest.mark.parametrize("error", [1e-6, 1e-3, 2e-2])
@pytest.mark.parametrize("again", [[4, 5, 6], [4]])
@pytest.mark.parametrize("hops", [True, False])
def test_the_overlap_of_a_restart_that_is_not_the_same_to_the_bit(tmp_path, again, error, hops):
    """Restarted runs leave the old path bit by bit, or at once with random numbers."""
    frames = pushed_apart(liquid(BOX, N, 9), BOX)
    frames = np.concatenate([frames[:7], frames[again], frames[7:]])
    frames[7:] += np.random.default_rng(8).normal(0, error, frames[7:].shape)
    as_mdtraj(frames % BOX).save_dcd(str(tmp_path / "run.dcd"))
    options = {"topology": names(tmp_path / "n.txt"), "length_unit": 10}
    external = open_external(tmp_path / "run.dcd", KA, **options)
    with pytest.raises(
        TrajectoryError, match="frame 7 has, but for rounding, the positions of fr.* 4"
    ):
        import_trajectory(external, tmp_path / "ours", KA, interval=0.5, hops=hops)


@pytest.mark.parametrize("spread", [0.0, 0.06])
def test_frames_that_go_on_are_not_taken_for_old_ones(spread):
    """At even times, at log-spaced ones, in ballistic motion, and in cages that last."""
    rng = np.random.default_rng(6)
    times = np.concatenate([64 * block + np.array([0, 1, 2, 4, 8, 16, 32]) for block in range(40)])
    for frames in (
        liquid(frames=300),
        liquid(frames=64 * 40)[times],
        liquid(n=100, frames=1)[0]
        + rng.normal(0, 1, (100, 3)) * np.arange(50)[:, None, None] * 0.01,
        rng.uniform(0, 10, (100, 3)) + rng.normal(0, spread, (400, 100, 3)),
    ):
        seen = Seen(10.0)
        assert [seen.again(frame) for frame in frames] == [None] * len(frames)


def test_drift_is_taken_out_with_the_masses():
    rng = np.random.default_rng(1)
    masses, start = rng.uniform(1, 3, 5), rng.normal(size=(5, 3))
    kick = rng.normal(size=(5, 3))
    kick -= masses @ kick / masses.sum()
    frames = [start, start + kick + [1.0, 2.0, 3.0]]
    np.testing.assert_allclose(list(without_drift(frames, masses)), [start, start + kick])


# ---------------------------------------------------------------- what is refused
def refused(path, words, tmp_path, interval=INTERVAL, **options):
    options = {"species": {"A": 1, "B": 2}, **options}
    with pytest.raises(TrajectoryError, match=words) as caught:
        import_trajectory(open_external(path, KA, **options), tmp_path / "x", KA, interval=interval)
    assert "\n" not in str(caught.value)
    assert not list((tmp_path / "x").glob("*")) if (tmp_path / "x").exists() else True


def test_a_missing_box(tmp_path, walk):
    path = tmp_path / "run.xyz"
    path.write_text(
        "".join(
            f"{N}\n\n" + "".join(f"C {x} {y} {z}\n" for x, y, z in frame) for frame in walk % BOX
        )
    )
    top = tmp_path / "top.pdb"
    as_mdtraj(walk[:1]).save_pdb(str(top))
    species = {"A": "A", "B": "B"}
    refused(path, "no periodic box: give its edges with --box", tmp_path, topology=top,
            species=species)  # fmt: skip
    check(path, tmp_path, walk, 1e-5, topology=top, box=BOX)


@pytest.mark.parametrize("name", ["run.dump", "run.gsd"])
def test_the_box_of_the_file_counts(tmp_path, walk, name):
    """--box may say the same, in the digits that a person types, and nothing else."""
    path, options = tmp_path / name, {"species": None}
    if name == "run.gsd":
        gsd_file(path, walk)
    else:
        dump(path, walk)
        options = {"species": {"A": 1, "B": 2}}
    check(path, tmp_path, walk, box=float(f"{BOX:.4g}"), **options)
    words = f"frame 0: the box edge is {BOX:.6g} sigma_AA, not the 12 of --box"
    refused(path, words, tmp_path, box=12.0, **options)


def test_a_tilt_is_not_the_cube_of_the_option_box(tmp_path, walk):
    path = gsd_file(tmp_path / "run.gsd", walk, box=(BOX, BOX, BOX, 0.1, 0, 0))
    refused(path, "not at right angles sigma_AA, not the", tmp_path, species=None, box=BOX)


def test_names_in_the_file_are_not_overruled_by_a_topology(tmp_path, walk):
    species = {"A": 1, "B": 2}
    path = dump(tmp_path / "run.dump", walk)
    same, rolled = tmp_path / "same.txt", tmp_path / "rolled.txt"
    for file, types in ((same, TYPES), (rolled, np.roll(TYPES, 1))):
        file.write_text("\n".join(str(t) for t in types))
    check(path, tmp_path, walk, species=species, topology=same)
    words = "its particles 1 are A and B in .*rolled.txt"
    refused(path, words, tmp_path, topology=rolled)
    # other words for the same kinds; the mixture's own names at the wrong particles
    check(gsd_file(tmp_path / "run.gsd", walk), tmp_path, walk, species=species, topology=same)
    names(rolled)
    other = gsd_file(tmp_path / "other.gsd", walk, types=np.roll(TYPES, 1))
    refused(other, "its particles A are A and B in", tmp_path, topology=rolled, species=None)


def test_a_box_that_is_not_periodic_holds_all_particles(tmp_path, walk):
    path = dump(tmp_path / "run.dump", walk, columns="id type xu yu zu")
    path.write_text(path.read_text().replace("pp pp pp", "pp ff pp"))
    words = "a particle is at .* of the box along its vector b, which is not periodic"
    refused(path, words, tmp_path)


def test_a_changing_box(tmp_path, walk):
    """A walk within a box that grows is the walk in the box of the first frame."""
    grown = 1 + 1e-4 * np.arange(FRAMES)
    scaled = -1.0 + (walk + 1.0) * grown[:, None, None]
    path = dump(tmp_path / "run.dump", scaled, box=BOX * grown)
    external = open_external(path, KA, species={"A": 1, "B": 2})
    run = import_trajectory(external, tmp_path / "ours", KA, interval=INTERVAL)
    got = run.read(range(FRAMES))
    np.testing.assert_allclose(got - got[0], (walk - walk[0])[:, external.order], atol=3e-6)
    np.testing.assert_allclose(run.boxes[:, 0, 0], BOX * grown, rtol=1e-12)


def test_unknown_and_wrong_species(tmp_path, walk):
    path = dump(tmp_path / "run.dump", walk)
    words = r"labelled 1 \(48\), 2 \(12\); say which .*--species A=1,B=2"
    refused(path, words, tmp_path, species=None)
    refused(path, r"labelled 1 \(48\), 2 \(12\); say which", tmp_path, species={"A": 1, "B": 3})
    refused(path, "species C is not in the mixture, which has A, B", tmp_path, species={"C": 1})
    refused(path, "composition A:B is 20:80, the mixture's is 80:20", tmp_path,
            species={"A": 2, "B": 1})  # fmt: skip


def test_formats_without_types_need_a_topology(tmp_path, walk):
    as_mdtraj(walk).save_dcd(str(tmp_path / "run.dcd"))
    refused(tmp_path / "run.dcd", "does not say what its particles are: give --top", tmp_path)
    short = tmp_path / "short.txt"
    short.write_text("A\nB\n")
    refused(tmp_path / "run.dcd", "lists 2 particles, .* has 60", tmp_path, topology=short)
    refused(
        tmp_path / "run.dcd",
        "no.pdb: there is no such file",
        tmp_path,
        topology=tmp_path / "no.pdb",
    )
    short.with_suffix(".pdb").write_bytes(b"\x00\x01")
    refused(tmp_path / "run.dcd", "topology|lists", tmp_path, topology=short.with_suffix(".pdb"))


def test_units_that_make_no_liquid(tmp_path, walk):
    as_mdtraj(walk).save_dcd(str(tmp_path / "run.dcd"))
    words = "density would be 0.0012 .*with 10 the density would be 1.2"
    top = names(tmp_path / "names.txt")
    refused(tmp_path / "run.dcd", words, tmp_path, topology=top, species=None)


def test_missing_double_and_changed_atoms(tmp_path, walk):
    path = dump(tmp_path / "run.dump", walk)
    text = path.read_text()
    head, *frames = text.split("ITEM: TIMESTEP\n")
    rows = frames[3].splitlines(keepends=True)
    rows[-1] = rows[-2]
    frames[3] = "".join(rows)
    path.write_text("ITEM: TIMESTEP\n".join([head, *frames]))
    refused(path, "frame 3 lists the atom with id .* twice", tmp_path)
    frames[3] = "".join(rows[:-1]).replace(f"\n{N}\n", f"\n{N - 1}\n")
    path.write_text("ITEM: TIMESTEP\n".join([head, *frames]))
    refused(path, "frame 3 has 59 particles, not the 60", tmp_path)
    swapped = np.roll(TYPES, 1)
    a, b = dump(tmp_path / "a.dump", walk[:2]), dump(tmp_path / "b.dump", walk[2:], types=swapped)
    later = b.read_text()
    for k in range(4, -1, -1):
        later = later.replace(f"TIMESTEP\n{200 * k}\n", f"TIMESTEP\n{200 * (k + 2)}\n")
    path.write_text(a.read_text() + later)
    refused(path, "frame 2: particles have changed their type", tmp_path)
    dump(path, walk, columns="type x y z")
    refused(path, "has the columns type x y z; id and x y z", tmp_path)


def test_wrapped_frames_too_far_apart(tmp_path, walk):
    far = pushed_apart(walk[:1] + 4 * (walk - walk[:1]), BOX)
    path = dump(tmp_path / "run.dump", far)
    refused(path, "too far apart to unwrap", tmp_path)


def test_nan(tmp_path, walk):
    bad = walk.copy()
    bad[4, 3, 1] = np.nan
    path = dump(tmp_path / "run.dump", bad, "id type xu yu zu")
    refused(path, "frame 4 holds NaN", tmp_path)


def write_any(path, walk):
    if path.suffix == ".gsd":
        gsd_file(path, walk)
    elif path.suffix in (".dump", ".gz"):
        dump(path, walk, "id type x y z ix iy iz")
    elif path.suffix == ".h5":
        test_mdtraj_hdf5_as_it_is_on_disk(path.parent, walk)
    else:
        as_mdtraj(walk).save(str(path))


@pytest.mark.parametrize("name", ["run.dump", "d.gz", "run.gsd", "run.h5", "run.nc", "run.xtc",
                                  "run.trr", "run.dcd"])  # fmt: skip
@pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 0.93])
def test_truncated_files(tmp_path, walk, name, share):
    """Cut anywhere, a file is either refused or, cut between two frames, shorter."""
    path = tmp_path / name
    write_any(path, walk)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    options = {}
    if path.suffix in (".nc", ".xtc", ".trr", ".dcd"):
        options = {"topology": names(tmp_path / "names.txt"), "species": None}
        options["length_unit"] = 10 if path.suffix in (".nc", ".dcd") else 1
    elif path.suffix in (".gsd", ".h5"):
        options = {"species": None}
    refused(path, r"truncated|damaged|no frame|cannot be read", tmp_path, **options)


@pytest.mark.parametrize("name", ["run.dump", "run.gsd", "run.h5", "run.nc", "run.xtc", "run.dcd",
                                  "run.foo", "run.pdb"])  # fmt: skip
def test_files_that_are_something_else(tmp_path, name):
    (tmp_path / name).write_bytes(b"nothing of the kind\n" * 50)
    with pytest.raises(TrajectoryError):
        open_external(tmp_path / name, KA, topology=names(tmp_path / "names.txt"))


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(TrajectoryError, match="no such file"):
        open_external(tmp_path / "run.gsd", KA)

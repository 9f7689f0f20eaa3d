"""Frames on disk: the round trip, and the message when a file is not what it should be."""

import mdtraj
import numpy as np
import pandas as pd
import pytest

from softcage.io.trajectory import open_trajectory, write_topology, write_trajectory

BOX = 7.0


@pytest.fixture
def written(tmp_path):
    rng = np.random.default_rng(0)
    positions = rng.normal(0, 20, (12, 10, 3)).astype(np.float32)
    species = np.repeat([0, 1], [8, 2])
    steps = np.arange(12) * 4
    write_trajectory(tmp_path / "log.nc", iter([positions[:5], positions[5:]]), steps * 0.0025, BOX)
    pd.DataFrame(
        {"frame": np.arange(12), "step": steps, "time": steps * 0.0025, "block": 0, "lag": steps}
    ).to_csv(tmp_path / "log.csv", index=False)
    write_topology(tmp_path / "topology.pdb", species, ("A", "B"), positions[-1], BOX)
    return tmp_path, positions, species


def test_round_trip_in_reduced_units(written):
    folder, positions, species = written
    trajectory = open_trajectory(folder / "log.nc")
    assert trajectory.n_frames == 12 and trajectory.n_particles == 10
    assert trajectory.box == pytest.approx(BOX, rel=1e-12)
    np.testing.assert_array_equal(trajectory.species, species)
    assert trajectory.times[3] == pytest.approx(0.03, abs=1e-12)
    chunks = list(trajectory.chunks(size=5))
    assert [len(c[0]) for c in chunks] == [5, 5, 2]
    np.testing.assert_allclose(
        np.concatenate([c[1] for c in chunks]), positions, rtol=1e-6, atol=1e-6
    )


@pytest.mark.parametrize(("start", "stop", "stride"), [(0, None, 3), (2, 9, 2), (11, None, 1)])
def test_strides_read_the_frames_they_name(written, start, stop, stride):
    folder, positions, _ = written
    trajectory = open_trajectory(folder / "log.nc")
    for frames, chunk in trajectory.chunks(2, start, stop, stride):
        np.testing.assert_allclose(chunk, positions[frames], rtol=1e-6, atol=1e-6)
        np.testing.assert_array_equal(trajectory.read(frames), chunk)
    assert frames[-1] == range(start, stop or 12, stride)[-1]


def test_mdtraj_opens_it_with_species(written):
    folder, positions, _ = written
    loaded = mdtraj.load(str(folder / "log.nc"), top=str(folder / "topology.pdb"))
    np.testing.assert_allclose(loaded.xyz, positions, rtol=1e-6, atol=1e-6)
    assert [atom.name for atom in loaded.topology.atoms] == ["A"] * 8 + ["B"] * 2


def test_the_same_frames_give_the_same_bytes(written):
    folder, positions, _ = written
    for name in ("a.nc", "b.nc"):
        write_trajectory(folder / name, iter([positions]), np.arange(12) * 0.01, BOX)
    assert (folder / "a.nc").read_bytes() == (folder / "b.nc").read_bytes()


def test_missing_and_truncated_files_are_named(written):
    folder, _, _ = written
    with pytest.raises(FileNotFoundError, match="uniform.nc"):
        open_trajectory(folder / "uniform.nc")
    table = pd.read_csv(folder / "log.csv")
    table.iloc[:-1].to_csv(folder / "log.csv", index=False)
    with pytest.raises(ValueError, match="incomplete"):
        open_trajectory(folder / "log.nc")
    (folder / "log.nc").write_bytes(b"not a trajectory")
    with pytest.raises(ValueError, match="truncated"):
        open_trajectory(folder / "log.nc")


def test_a_file_cut_short_is_noticed(tmp_path):
    """Its head still promises all frames, and the library would read something in their place."""
    n, frames = 100, 20
    positions = np.random.default_rng(0).uniform(0, BOX, (frames, n, 3))
    times = 0.5 * np.arange(frames)
    write_trajectory(tmp_path / "uniform.nc", iter([positions]), times, BOX)
    write_topology(tmp_path / "topology.pdb", np.zeros(n, dtype=int), ("A",), positions[0], BOX)
    table = pd.DataFrame({"step": np.arange(frames), "time": times, "block": 0, "lag": 0})
    table.to_csv(tmp_path / "uniform.csv", index=False)
    assert open_trajectory(tmp_path / "uniform.nc").n_frames == frames
    whole = (tmp_path / "uniform.nc").read_bytes()
    for kept in (len(whole) // 2, 12 * n * frames - 1):
        (tmp_path / "uniform.nc").write_bytes(whole[:kept])
        with pytest.raises(ValueError, match="bytes, but its 20 frames need"):
            open_trajectory(tmp_path / "uniform.nc")

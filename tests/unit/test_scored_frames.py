"""Frames with their scores: what other programs read is what the table says."""

import gsd.hoomd
import mdtraj
import numpy as np
import pandas as pd
import pytest
from tests.unit.apart import pushed_apart

from softcage.cage.scorer import Scorer
from softcage.cli.command import main
from softcage.io import scored_frames
from softcage.io.progress import Progress
from softcage.io.readers import read_frames
from softcage.io.trajectory import open_trajectory, write_stream, write_topology
from softcage.model import kob_andersen
from softcage.plotting import turning
from softcage.scoring import Recipe, score_trajectory

SIDE, FRAMES = 3, 17
N = 4 * SIDE**3
BOX = (N / 1.2) ** (1 / 3)
TYPES = np.where(np.arange(N) % 5 == 1, 1, 0)
SCORES = ["depth", "softness", "p_hop", "rearranging"]


def walk():
    """Unwrapped frames about an fcc lattice; all particles drift out of the box."""
    rng = np.random.default_rng(5)
    corners = np.stack(np.meshgrid(*3 * [np.arange(SIDE)]), axis=-1).reshape(-1, 1, 3)
    basis = np.array([[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]])
    sites = (corners + basis).reshape(-1, 3) * BOX / SIDE
    steps = np.where(rng.random((FRAMES, N, 1)) < 0.05, rng.normal(0, 0.4, (FRAMES, N, 3)), 0)
    walk = sites + np.cumsum(steps, axis=0) + rng.normal(0, 0.07, (FRAMES, N, 3))
    return pushed_apart(walk, BOX)


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    """A dump with atoms in any order, and what ``softcage score`` makes of it."""
    folder = tmp_path_factory.mktemp("scored")
    rng = np.random.default_rng(8)
    with open(folder / "run.dump", "w") as handle:
        for k, frame in enumerate(walk()):
            handle.write(f"ITEM: TIME\n{10 + 0.5 * k}\n")
            handle.write(f"ITEM: TIMESTEP\n{200 * k}\nITEM: NUMBER OF ATOMS\n{N}\n")
            handle.write("ITEM: BOX BOUNDS pp pp pp\n" + 3 * f"0 {BOX:.17g}\n")
            handle.write("ITEM: ATOMS id type xu yu zu\n")
            for i in rng.permutation(N):
                x, y, z = frame[i]
                handle.write(f"{i + 1} {'AB'[TYPES[i]]} {x:.9g} {y:.9g} {z:.9g}\n")
    rescore(folder / "run.dump", folder / "table.parquet")
    for suffix in scored_frames.FRAME_FORMATS:
        rescore(folder / "run.dump", folder / f"scored{suffix}")
    return folder


def rescore(path, out, *words):
    arguments = ["score", path, "--out", out, "--temperature", 0.47, "--hop-window", 4]
    arguments += ["--of", "A"]
    arguments += ["--p-c", 0.1, "--calibration", calibration(out.parent), *words]
    assert main([str(word) for word in arguments]) == 0


def calibration(folder):
    shared = {"q_max": 20, "route": "curvature"}
    radii = {"r0_AA": 0.7, "r0_AB": 0.65, "r_min_AA": 1.2, "r_min_AB": 1.15}
    cages = pd.DataFrame([{"T": T, **shared, **radii} for T in (0.47, 0.8)])
    cages.to_csv(folder / "cage.csv", index=False)
    line = {"relation": "c", **shared, "intercept": 9000.0, "slope": -19.6}
    pd.DataFrame([line]).to_csv(folder / "calibration.csv", index=False)
    return folder


def expected(scored, number):
    """What the table says of the particles of a frame, NaN for B, (N,) each."""
    table = pd.read_parquet(scored / "table.parquet")
    table = table[table["frame"] == number].set_index("particle")[SCORES]
    return table.astype(float).reindex(range(N))


def check(scored, number, found):
    wanted = expected(scored, number)
    assert wanted["depth"].notna().sum() == np.count_nonzero(TYPES == 0)
    for name in SCORES:
        np.testing.assert_allclose(np.asarray(found[name]), wanted[name], rtol=2e-6, atol=1e-12)


def test_the_sample_has_hops_and_caged_particles(scored):
    flags = expected(scored, FRAMES // 2)["rearranging"]
    assert 0 < flags.sum() < flags.notna().sum()
    assert expected(scored, 0)["rearranging"].isna().all()


@pytest.mark.parametrize("number", [0, FRAMES // 2])
def test_gsd_as_hoomd_reads_it(scored, number):
    with gsd.hoomd.open(str(scored / "scored.gsd")) as handle:
        assert len(handle) == FRAMES
        frame = handle[number]
    assert frame.configuration.step == number
    assert frame.log["time"] == 10 + 0.5 * number
    assert frame.log["temperature"] == 0.47 and frame.log["p_c"] == 0.1 and frame.log["c0"] == 9000
    np.testing.assert_array_equal(frame.particles.typeid, TYPES)
    np.testing.assert_array_equal(frame.log["particles/id"], np.arange(N) + 1)
    assert np.abs(frame.particles.position).max() <= 0.5 * BOX * (1 + 1e-6)
    check(scored, number, {name: frame.log[f"particles/{name}"] for name in SCORES})


@pytest.mark.parametrize("suffix", scored_frames.FRAME_FORMATS)
def test_positions_follow_each_other_with_their_images(scored, suffix):
    frames = list(read_frames(scored / f"scored{suffix}"))
    assert [frame.unwrapped for frame in frames] == FRAMES * [True]
    positions = np.array([frame.positions for frame in frames])
    moved = walk() - walk()[0]
    moved -= moved.mean(axis=1, keepdims=True)  # the drift is taken out
    np.testing.assert_allclose(positions - positions[0], moved, atol=5e-6)


@pytest.mark.parametrize("suffix", scored_frames.FRAME_FORMATS)
def test_frames_scored_without_hops_are_where_the_file_has_them(scored, tmp_path, suffix):
    """In their images if these are known, and without images if they are not."""
    out = tmp_path / f"still{suffix}"
    rescore(scored / "run.dump", out, "--no-hops", "--quiet")
    positions = np.array([frame.positions for frame in read_frames(out)])
    moved = walk() - walk()[0]
    np.testing.assert_allclose(positions - positions[0], moved, atol=5e-6)
    rescore(scored / "run.dump", out, "--no-hops", "--no-unwrapped", "--quiet")
    frames = list(read_frames(out))
    if suffix != ".gsd":  # which has images always
        assert [frame.unwrapped for frame in frames] == FRAMES * [False]
    apart = np.array([frame.positions for frame in frames]) - positions
    np.testing.assert_allclose(apart / BOX, np.rint(apart / BOX), atol=1e-5)


def test_late_times_keep_their_digits(scored, tmp_path):
    late = (scored / "run.dump").read_text()
    for k in range(FRAMES):
        late = late.replace(f"ITEM: TIME\n{10 + 0.5 * k}\n", f"ITEM: TIME\n{3000000.1 + 0.5 * k}\n")
    (tmp_path / "late.dump").write_text(late)
    rescore(tmp_path / "late.dump", tmp_path / "late.csv", "--quiet")
    times = pd.read_csv(tmp_path / "late.csv", comment="#")["time"].unique()
    assert times.tolist() == pytest.approx([3000000.1 + 0.5 * k for k in range(FRAMES)], abs=1e-6)


@pytest.mark.parametrize("suffix", scored_frames.FRAME_FORMATS)
def test_scored_frames_score_the_same(scored, tmp_path, suffix):
    species = ("--species", "A=1,B=2") if suffix == ".lammpstrj" else ()
    times = () if suffix == ".extxyz" else ("--interval", 0.5)
    again = tmp_path / "again.parquet"
    rescore(scored / f"scored{suffix}", again, *species, *times, "--quiet")
    again, table = (pd.read_parquet(path) for path in (again, scored / "table.parquet"))
    np.testing.assert_array_equal(again["particle"], table["particle"])
    np.testing.assert_allclose(again["depth"], table["depth"], rtol=1e-4, atol=1e-3)
    np.testing.assert_allclose(again["p_hop"], table["p_hop"], rtol=1e-3, atol=1e-6)
    if suffix == ".extxyz":
        np.testing.assert_array_equal(again["time"], table["time"])


def test_a_dump_as_mdtraj_reads_it(scored):
    with mdtraj.formats.LAMMPSTrajectoryFile(str(scored / "scored.lammpstrj")) as handle:
        positions, lengths, angles = handle.read()
    assert len(positions) == FRAMES and np.all(angles == 90)
    np.testing.assert_allclose(lengths, BOX, rtol=1e-6)
    assert 0 <= positions.min() and positions.max() <= BOX * (1 + 1e-6)


def test_every_fourth_frame_and_two_widths(scored, tmp_path):
    out = tmp_path / "some.gsd"
    rescore(scored / "run.dump", out, "--every", 4, "--delta", "0.02,0.09")
    with gsd.hoomd.open(str(out)) as handle:
        assert [frame.configuration.step for frame in handle] == list(range(0, FRAMES, 4))
        log = handle[2].log
    assert {"particles/depth_0.02", "particles/softness_0.09"} <= set(log)
    found = expected(scored, 8)["depth"]
    np.testing.assert_allclose(log["particles/depth_0.09"], found, rtol=1e-4)


@pytest.mark.parametrize("suffix", scored_frames.FRAME_FORMATS)
def test_nothing_is_left_of_an_output_that_ends_early(tmp_path, monkeypatch, suffix):
    frames, steps = walk(), np.arange(FRAMES)
    order = np.argsort(TYPES, kind="stable")
    write_stream(tmp_path / "uniform.nc", [frames[:, order]], BOX, steps, 0.5 * steps)
    write_topology(tmp_path / "topology.pdb", TYPES[order], ("A", "B"), frames[0, order], BOX)
    x, radii = np.bincount(TYPES) / N, (np.array([0.7, 0.65]), np.array([1.2, 1.15]))
    recipe = Recipe([Scorer(kob_andersen(), 0.47, 1.2, x, *radii)])

    def full_disk(progress, done, stage):
        if done == 10:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(Progress, "update", full_disk)
    here = sorted(tmp_path.iterdir())
    with pytest.raises(OSError, match=f"cannot write .*out{suffix}: No space"):
        run = open_trajectory(tmp_path / "uniform.nc")
        out = tmp_path / f"out{suffix}"
        score_trajectory(run, recipe, out)
    assert sorted(tmp_path.iterdir()) == here


# ---------------------------------------------------------------- programs that need not be here
@pytest.mark.parametrize("suffix", scored_frames.FRAME_FORMATS)
def test_ovito_has_the_columns(scored, suffix):
    io = pytest.importorskip("ovito.io", reason="OVITO (pip install ovito) is not installed")
    pipeline = io.import_file(str(scored / f"scored{suffix}"))
    assert pipeline.source.num_frames == FRAMES
    number = FRAMES // 2
    data = pipeline.compute(number)
    check(scored, number, data.particles)
    kinds = data.particles.particle_types
    names = {kind.id: kind.name for kind in kinds.types}
    assert [names[k] for k in kinds] == ["AB"[k] for k in TYPES]
    np.testing.assert_allclose(np.array(data.cell)[:, :3], BOX * np.eye(3), rtol=1e-6)
    assert data.cell.pbc == (True, True, True)


def test_ovito_colours_by_softness(scored):
    """From the least to the largest: B particles, which have none, do not spoil the range."""
    modifiers = pytest.importorskip("ovito.modifiers", reason="OVITO is not installed")
    from ovito.io import import_file

    pipeline = import_file(str(scored / "scored.gsd"))
    pipeline.modifiers.append(modifiers.ColorCodingModifier(property="softness"))
    colours = np.array(pipeline.compute(FRAMES // 2).particles.colors)[TYPES == 0]
    softness = expected(scored, FRAMES // 2)["softness"][TYPES == 0]
    assert len(np.unique(colours, axis=0)) > 0.5 * len(softness)
    assert not np.allclose(colours[softness.argmin()], colours[softness.argmax()])


def test_ase_has_the_columns(scored):
    io = pytest.importorskip("ase.io", reason="ASE is not installed")
    atoms = io.read(str(scored / "scored.extxyz"), index=FRAMES // 2)
    check(scored, FRAMES // 2, atoms.arrays)
    assert atoms.info["Time"] == 10 + 0.5 * (FRAMES // 2) and atoms.pbc.all()
    np.testing.assert_array_equal(atoms.arrays["type"], ["AB"[k] for k in TYPES])


@pytest.mark.parametrize("name", ["run.dump", "scored.extxyz", "scored.gsd"])
def test_the_page_of_any_trajectory_is_that_of_its_scored_frames(
    scored, tmp_path, monkeypatch, name
):
    """Frames that are scored for the page alone, and those that the command wrote before."""
    pages = []

    def keep(out, figure):
        out.touch()
        pages.append(figure)

    monkeypatch.setattr(turning, "write_page", keep)
    shown = ["--frame", 7, "--frames", 3, "--every", 2, "--ahead", 2, "--out", tmp_path / "a.html"]
    how = ["--temperature", 0.47, "--hop-window", 4, "--p-c", 0.1, "--of", "A"]
    how += ["--interval", 0.5] if name == "scored.gsd" else []  # its steps are no times
    line = ["--calibration", calibration(tmp_path)]
    for path, words in [("scored.gsd", []), (name, [*how, *line]), (name, how)]:
        assert main([str(word) for word in ["view", scored / path, *shown, *words]]) == 0
    kept = {path.name for path in tmp_path.iterdir()}
    assert kept == {"a.html", "cage.csv", "calibration.csv"}

    written, now, depth = pages
    for page in pages:
        assert [frame.name.split()[0] for frame in page.frames] == ["7", "9", "11"]
    assert sum(len(f.data[1].x) for f in written.frames) > 2
    for page in (now, depth):
        for traces, wanted in zip(page.frames, written.frames, strict=True):
            for trace, same in zip(traces.data, wanted.data, strict=True):
                places = [np.array([of.x, of.y, of.z]) for of in (trace, same)]
                np.testing.assert_allclose(*places, atol=1e-5)
                np.testing.assert_array_equal(trace.customdata, same.customdata)
    for traces, wanted in zip(now.frames, written.frames, strict=True):
        for trace, same in zip(traces.data[:2], wanted.data[:2], strict=True):
            np.testing.assert_allclose(trace.marker.color, same.marker.color, rtol=1e-4)
    assert depth.data[0].marker.colorbar.title.text == "depth"


def test_a_page_needs_a_value_of_what_colours_it(scored, tmp_path, capsys):
    words = ["--color", "p_hop", "--frames", "1", "--out", str(tmp_path / "page.html")]
    assert main(["view", str(scored / "scored.gsd"), *words]) == 1
    assert "no value of p_hop is known in the frames that are shown" in capsys.readouterr().err


def test_a_page_of_frames_without_times_has_no_hops(scored, tmp_path, capsys):
    path, out = scored / "scored.gsd", tmp_path / "page.html"  # its steps are no times
    words = ["view", path, "--temperature", 0.47, "--no-hops", "--frame", 3, "--out", out]
    assert main([str(word) for word in words]) == 0
    said = capsys.readouterr().err
    assert f"{FRAMES - 3} frames from frame 3 on" in said
    assert "no particle is known to rearrange" in said
    assert out.stat().st_size > 3e6

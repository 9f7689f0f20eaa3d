"""Any number of species, with and without a potential: both closures, and whose line it is."""

import gsd.hoomd
import numpy as np
import pandas as pd
import pytest
import yaml
from tests.unit.test_boxes_of_files import TILTED, dump, liquid

from softcage.cage.calibration import read_line
from softcage.cage.frames import score_frames
from softcage.cage.local_depth import depth_tables, local_depth, local_depths
from softcage.cage.mean_field import depth_r, measured_ranges, ranges_of_frames
from softcage.cage.scorer import scored_species
from softcage.cli.command import main
from softcage.io.external import import_trajectory, open_external
from softcage.io.particle_table import read_metadata
from softcage.model import (
    Composition,
    Mixture,
    composition_of_labels,
    kob_andersen,
    potential_of,
)
from softcage.structure.rdf import pair_counts, rdf_from_counts

SIDE, FRAMES = 5, 12
N = 4 * SIDE**3
BOX = (N / 1.2) ** (1 / 3)
NAMES = ("11", "O", "Si")
KINDS = np.random.default_rng(0).permutation(np.repeat([0, 1, 2], [100, 150, 250]))
ONE = np.ones((3, 3))
THREE = Mixture(
    NAMES,
    np.bincount(KINDS) / N,
    sigma=np.array([[1.0, 0.8, 0.9], [0.8, 0.88, 0.85], [0.9, 0.85, 0.95]]),
    epsilon=np.array([[1.0, 1.5, 1.2], [1.5, 0.5, 0.8], [1.2, 0.8, 0.9]]),
    cutoff=2.5 * ONE,
    masses=np.ones(3),
)


def walk(seed=5, noise=0.07, frames=FRAMES):
    """Particles that vibrate about the sites of an fcc lattice, and drift."""
    rng = np.random.default_rng(seed)
    corners = np.stack(np.meshgrid(*3 * [np.arange(SIDE)]), axis=-1).reshape(-1, 1, 3)
    basis = np.array([[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]])
    sites = (corners + basis).reshape(-1, 3) * BOX / SIDE
    moves = rng.normal(0, 0.01, (frames, N, 3)).cumsum(axis=0)
    return sites + rng.normal(0, noise, (frames, N, 3)) + moves


def write_gsd(path, positions, kinds=KINDS, names=NAMES):
    with gsd.hoomd.open(str(path), "w") as handle:
        for k, frame in enumerate(positions):
            snapshot = gsd.hoomd.Frame()
            snapshot.configuration.step, snapshot.configuration.box = 200 * k, [BOX] * 3 + [0] * 3
            snapshot.particles.N, snapshot.particles.typeid = len(frame), kinds
            snapshot.particles.types = list(names)
            snapshot.particles.position = frame - BOX * np.floor(frame / BOX + 0.5)
            handle.append(snapshot)
    return path


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("species")
    write_gsd(folder / "three.gsd", walk())
    for T, noise in ((0.5, 0.07), (0.9, 0.09)):
        write_gsd(folder / f"{T}.gsd", walk(6, noise))
    return folder


def run(capsys, *words):
    """Return exit status and what was said."""
    try:
        status = main([str(word) for word in words])
    except SystemExit as stop:
        status = stop.code
    return status, capsys.readouterr().err


# ---------------------------------------------------------------- the depth of both closures
def literal(x, i, closure, r0, r_min, delta, temperature):
    """Return the depth of one particle, term by term, from Eqs. 5, 6 and 8."""
    apart = x - x[i]
    distance = np.sqrt(((apart - BOX * np.rint(apart / BOX)) ** 2).sum(axis=1))
    fractions, density, total = np.bincount(KINDS) / N, N / BOX**3, 0.0
    nodes, rule = np.polynomial.legendre.leggauss(600)
    u = KINDS[i]
    for v in range(3):
        near = distance[(KINDS == v) & (np.arange(N) != i)]
        half = 0.5 * (r_min[v] - r0[v])
        r = r0[v] + half * (1 + nodes)
        sums = np.exp(-0.5 * ((r[:, None] - near) / delta) ** 2).sum(axis=1)
        shell = 4 * np.pi * density * r**2
        g = sums / (np.sqrt(2 * np.pi) * delta * shell * fractions[v])
        c, weight = g - 1, fractions[u] * fractions[v]
        if closure == "hnc":
            with np.errstate(divide="ignore"):
                c = c - THREE.potential(u, v, r) / temperature - np.log(np.maximum(g, 1e-300))
            weight = np.sqrt(weight)
        total += weight * half * (rule * shell * c * g).sum()
    return total


@pytest.mark.parametrize("closure", ["hnc", "pair"])
@pytest.mark.parametrize("tagged", [0, 1, 2])
def test_the_depth_is_the_literal_sum_for_three_species(closure, tagged):
    x = walk(frames=1)[0]
    r0, r_min = np.full((3, 3), 0.75), 1.3 + 0.03 * np.arange(9).reshape(3, 3)
    deltas = [0.04, 0.09, 0.15]
    potential = THREE.potential if closure == "hnc" else None
    temperature = 0.6 if closure == "hnc" else None
    tables = depth_tables(
        potential, temperature, r0[tagged], r_min[tagged], deltas, N / BOX**3, THREE.fractions,
        tagged, closure,
    )  # fmt: skip
    found = local_depths(x, KINDS, BOX, tables)
    particles = np.flatnonzero(KINDS == tagged)[:12]
    for k, delta in enumerate(deltas):
        expected = [literal(x, i, closure, r0[tagged], r_min[tagged], delta, 0.6)
                    for i in particles]  # fmt: skip
        np.testing.assert_allclose(
            found[k, :12], expected, rtol=1e-4, atol=1e-4 * np.mean(np.abs(expected))
        )


@pytest.mark.parametrize("closure", ["hnc", "pair"])
def test_the_average_depth_has_the_same_closure(closure):
    """For particles that all have the average g(r), the local depth is the average one."""
    r = np.arange(0.0005, 2.0, 0.001)
    g = np.exp(-np.exp(-(r - 1.0) / 0.05))[None, None] * np.ones((3, 3, 1))
    r0, r_min = np.full(3, 0.9), np.full(3, 1.5)
    given = (potential_of(THREE), 0.6) if closure == "hnc" else (None, None)
    got = depth_r(r, g, *given, 1.2, THREE.fractions, r0, r_min, 1, closure)
    fine, expected = np.linspace(0.9, 1.5, 4001), 0.0
    for v, x in enumerate(THREE.fractions):
        h = np.interp(fine, r, g[1, v])
        c, weight = h - 1, x * THREE.fractions[1]
        if closure == "hnc":
            c, weight = c - THREE.potential(1, v, fine) / 0.6 - np.log(h), np.sqrt(weight)
        expected += weight * np.trapezoid(4 * np.pi * 1.2 * fine**2 * c * h, fine)
    assert got == pytest.approx(expected, rel=1e-3)


def test_a_closure_that_is_not_there_or_lacks_a_potential_is_refused():
    x, types = walk(frames=1)[0], np.array(NAMES)[KINDS]
    for options, said in (
        ({"closure": "py"}, "the closure is 'py': choose 'hnc' or 'pair'"),
        (
            {"mixture": Composition(NAMES, THREE.fractions)},
            "hnc needs the pair potential, which",
        ),
        ({"mixture": THREE}, "the closure hnc needs the temperature, which is not given"),
    ):
        temperature = 0.6 if options.get("mixture") is not THREE else None
        with pytest.raises(ValueError, match=said):
            score_frames(x, types, BOX, temperature, **options)


# ---------------------------------------------------------------- names and numbers of species
def test_a_liquid_is_what_its_labels_say():
    labels = ["Si"] * 2 + ["10"] * 3 + ["9"] + ["O"] * 4
    liquid = composition_of_labels(labels)
    assert liquid.species == ("9", "10", "O", "Si")
    np.testing.assert_allclose(liquid.fractions, [0.1, 0.3, 0.4, 0.2])
    named = composition_of_labels(labels, {"metal": ["Si", "9", "10"], "O": ["O"]})
    assert named.species == ("metal", "O") and named.fractions.tolist() == [0.6, 0.4]
    back = Composition.from_dict(named.to_dict())
    assert back.species == named.species and potential_of(back) is None
    for names in ({"metal": ["Si"]}, {"all": ["Si", "9", "10", "O"], "none": ["7"]}):
        with pytest.raises(ValueError, match="name each type once, and no other"):
            composition_of_labels(labels, names)
    with pytest.raises(ValueError, match="are of 60 types .* are they ids"):
        composition_of_labels([str(k) for k in range(60)])


def test_names_of_pairs_are_different():
    liquid = Composition(("1", "11"), np.array([0.5, 0.5]))
    assert [liquid.pairs_of(0), liquid.pairs_of(1)] == [["1-1", "1-11"], ["11-1", "11-11"]]
    assert kob_andersen().pairs_of(1) == ["BA", "BB"]


def test_which_species_are_scored():
    few = np.repeat([0, 1, 2], [50, 40, 9])
    assert scored_species(THREE, few, ["O", "11"]) == [0, 1]
    with pytest.raises(ValueError, match="species Si has 9 particles, fewer than the 10"):
        scored_species(THREE, few)
    with pytest.raises(ValueError, match="there is no species Al to score, only 11, O, Si"):
        scored_species(THREE, few, ["O", "Al"])


def test_every_species_of_a_file_without_a_potential(capsys, tmp_path, files):
    out = tmp_path / "table.parquet"
    words = ("--closure", "pair", "--interval", 0.5, "--hop-window", 3, "--p-c", 0.1)
    status, said = run(capsys, "score", files / "three.gsd", "--out", out, *words)
    assert status == 0, said
    table, about = pd.read_parquet(out), read_metadata(out)
    assert len(table) == N * FRAMES and table["depth"].notna().all()
    assert about["closure"] == "pair" and about["species"] == list(NAMES)
    assert about["temperature"] is None and about["p_c_O"] == 0.1
    np.testing.assert_array_equal(table["particle"], np.tile(np.arange(N), FRAMES))
    np.testing.assert_array_equal(table["species"][:N], np.array(NAMES)[KINDS])
    external = open_external(files / "three.gsd", None)
    assert external.liquid.species == NAMES
    ours = import_trajectory(external, tmp_path / "ours", external.liquid, interval=0.5)
    r0, r_min = measured_ranges(ours)
    third = table[table["frame"] == 3]
    for u, name in enumerate(NAMES):
        for v, other in enumerate(NAMES):
            assert about[f"r0_{name}{other}"] == pytest.approx(r0[u, v], abs=1e-9)
        depth = local_depth(
            ours.read([3])[0], ours.species, ours.box, r0=r0[u], r_min=r_min[u], delta=0.09,
            tagged=u, closure="pair",
        )  # fmt: skip
        np.testing.assert_allclose(third.loc[third["species"] == name, "depth"], depth, rtol=1e-5)
    # the same in memory, and a part of it
    frames = walk()
    memory = score_frames(frames, np.array(NAMES)[KINDS], BOX, closure="pair")
    np.testing.assert_allclose(memory.depth[3], third["depth"], rtol=2e-3, atol=2e-3)
    some = tmp_path / "some.parquet"
    words = ("--closure", "pair", "--no-hops", "--of", "Si,11", "--species", "O=O,Si=Si,11=11")
    assert run(capsys, "score", files / "three.gsd", "--out", some, *words)[0] == 0
    part = pd.read_parquet(some)
    assert set(part["species"]) == {"Si", "11"} and len(part) == FRAMES * 350
    same = table[table["species"] != "O"].reset_index(drop=True)
    np.testing.assert_allclose(part["depth"], same["depth"], rtol=1e-4, atol=1e-4)
    # frames for OVITO have the scores of all
    scored = tmp_path / "scored.gsd"
    words = ("--closure", "pair", "--no-hops")
    assert run(capsys, "score", files / "three.gsd", "--out", scored, *words)[0] == 0
    with gsd.hoomd.open(str(scored)) as handle:
        np.testing.assert_allclose(handle[3].log["particles/depth"], third["depth"], rtol=1e-4)


def test_positions_and_averages(capsys, tmp_path, files):
    out = tmp_path / "table.csv"
    words = ("--closure", "pair", "--interval", 0.5, "--no-hops", "--positions", "averaged")
    words += ("--average-window", 2, "--average", 1.5, "--every", 2)
    status, said = run(capsys, "score", files / "three.gsd", "--out", out, *words)
    assert status == 0, said
    table, about = pd.read_csv(out, comment="#"), read_metadata(out)
    assert about["positions"] == "averaged" and about["average_window"] == 2
    assert sorted(set(table["frame"])) == [4, 6, 8, 10]  # frame 2 has no whole window before it
    external = open_external(files / "three.gsd", None)
    ours = import_trajectory(external, tmp_path / "ours", external.liquid, interval=0.5)
    mean, (r0, r_min) = ours.read(range(3, 7)).mean(axis=0), measured_ranges(ours)
    sixth = table[table["frame"] == 6]
    for u, name in enumerate(NAMES):
        own = ours.species == u
        depth = local_depth(
            mean, ours.species, BOX, r0=r0[u], r_min=r_min[u], delta=0.09, tagged=u, closure="pair"
        )
        rows = sixth[sixth["species"] == name]
        np.testing.assert_allclose(rows["depth"], depth, rtol=1e-5)
        apart = mean[own][:, None] - mean[own]
        distance = np.sqrt(((apart - BOX * np.rint(apart / BOX)) ** 2).sum(axis=-1))
        weight = np.where(distance <= 0.5 * BOX, np.exp(-distance / 1.5), 0)
        np.testing.assert_allclose(
            rows["depth_L1.5"], weight @ depth / weight.sum(axis=1), rtol=1e-4
        )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "the following arguments are required: --temperature"),
        (("--temperature", 0.5), "particles are labelled "),
        (("--closure", "pair", "--positions", "inherent"), "no pair potential of this liquid"),
        (("--closure", "pair", "--of", "Al", "--no-hops"), "there is no species Al to score, only"),
        (("--closure", "pair", "--of", "Si,"), "'Si,' is not of the form A,B"),
        (("--closure", "pair", "--species", "Si=Si"), "name each type once, and no other"),
        (
            ("--closure", "pair", "--interval", 2, "--positions", "averaged", "--no-hops",
             "--average-window", 2.5),
            "positions cannot be averaged over 2.5, which is shorter than two frames (2 between",
        ),
        (
            ("--closure", "pair", "--interval", 0.5, "--positions", "averaged", "--no-hops"),
            "positions cannot be averaged over 7.5: the trajectory is shorter, 5.5",
        ),
        (("--closure", "pair", "--no-hops", "--average", 4), "L = 4 in the weight exp(-r/L) must"),
    ],
)  # fmt: skip
def test_what_cannot_be_scored_is_said_in_one_sentence(capsys, tmp_path, files, words, said):
    path, out = tmp_path / "three.gsd", tmp_path / "table.csv"
    path.symlink_to(files / "three.gsd")
    status, told = run(capsys, "score", path, "--out", out, "--quiet", *words)
    assert status in (1, 2) and said in told and not out.exists()


def test_few_particles_of_a_species_are_neighbours_only(capsys, tmp_path):
    kinds = np.where(np.arange(N) < 6, 2, KINDS % 2)
    path, out = write_gsd(tmp_path / "few.gsd", walk(frames=6), kinds), tmp_path / "table.csv"
    words = ("--closure", "pair", "--no-hops", "--out", out, "--quiet")
    status, said = run(capsys, "score", path, *words)
    assert status == 1 and "species Si has 6 particles, fewer than the 10" in said
    assert not out.exists()
    assert run(capsys, "score", path, *words, "--of", "11,O") == (0, "")
    assert set(pd.read_csv(out, comment="#")["species"].astype(str)) == {"11", "O"}


# ---------------------------------------------------------------- whose line it is
def test_a_calibration_is_of_one_species_and_one_closure(capsys, tmp_path, files):
    runs = [f"{T}={files / f'{T}.gsd'}" for T in (0.5, 0.9)]
    folder = tmp_path / "line"
    words = ("--closure", "pair", "--of", "O", "--blocks", 3, "--out", folder)
    status, said = run(capsys, "calibrate", *runs, *words)
    assert status == 0, said
    config = yaml.safe_load((folder / "config.yaml").read_text())
    assert config["mixture"] == Composition(NAMES, THREE.fractions).to_dict()
    line = read_line(folder)
    assert line.closure == "pair" and line.is_of(THREE.pairs_of(1))
    assert not line.is_of(THREE.pairs_of(0))
    assert run(capsys, "calibrate", *runs, *words, "--quiet") == (0, "")  # replaces its own
    out = tmp_path / "table.parquet"
    score = ("score", files / "0.5.gsd", "--out", out, "--no-hops", "--calibration", folder)
    status, said = run(capsys, *score, "--temperature", 0.5, "--closure", "pair")
    assert status == 0 and "of species O, from" in said and "no softness of 11, Si" in said
    table, about = pd.read_parquet(out), read_metadata(out)
    has = table["softness"].notna()
    assert set(table.loc[has, "species"]) == {"O"} and about["c0"] == line.c0
    inverse = line.c0 - line.c1 * table.loc[has, "depth"]
    np.testing.assert_allclose(table.loc[has, "softness"], 1 / inverse, rtol=1e-4)
    own = table["species"] == "O"
    assert about["n_invalid"] == (own & ~has).sum()
    status, said = run(capsys, *score, "--closure", "pair")
    assert status == 2 and "required: --temperature" in said
    options = ("--temperature", 0.5, "--closure", "pair", "--of", "Si", "--quiet")
    status, said = run(capsys, *score, *options)
    assert status == 1 and "is the calibration of another species than Si" in said
    mixture = tmp_path / "three.yaml"
    mixture.write_text(yaml.safe_dump({"mixture": THREE.to_dict()}))
    status, said = run(capsys, *score, "--temperature", 0.5, "--potential", mixture, "--quiet")
    assert status == 1
    assert "of the closure pair, but the depth is that of the closure hnc" in said
    # with the same species and fractions its potential does not matter to a line that needs none
    options = ("--temperature", 0.5, "--closure", "pair", "--potential", mixture, "--quiet")
    assert run(capsys, *score, *options) == (0, "")
    # a line of the paper's closure
    hnc = tmp_path / "hnc"
    status, said = run(
        capsys, "calibrate", *runs, "--potential", mixture, "--blocks", 3, "--out", hnc, "--quiet"
    )
    if status == 0:
        assert "closure" not in pd.read_csv(hnc / "calibration.csv")
        assert read_line(hnc).closure == "hnc"


def test_a_line_of_other_fractions_is_refused(capsys, tmp_path, files):
    runs = [f"{T}={files / f'{T}.gsd'}" for T in (0.5, 0.9)]
    folder = tmp_path / "line"
    words = ("--closure", "pair", "--of", "O", "--blocks", 3, "--out", folder, "--quiet")
    assert run(capsys, "calibrate", *runs, *words) == (0, "")
    kinds = np.where(np.arange(N) % 2 == 0, 0, np.where(np.arange(N) % 4 == 1, 1, 2))
    other = write_gsd(tmp_path / "other.gsd", walk(frames=2), kinds)
    words = ("--closure", "pair", "--temperature", 0.5, "--no-hops", "--out", tmp_path / "t.csv")
    status, said = run(capsys, "score", other, *words, "--calibration", folder, "--quiet")
    assert status == 1
    assert "is the calibration of another liquid than the one scored: of 0.2 11, 0.3 O, 0.5" in said


# ---------------------------------------------------------------- one species that is called two
def test_a_species_split_at_random_has_the_same_structure():
    frames = walk(frames=20)
    rng = np.random.default_rng(3)
    whole = np.repeat([0, 1], [400, 100])
    whole = rng.permutation(whole)
    split = np.where(whole == 1, 2, rng.integers(0, 2, N))
    n = np.bincount(split)
    counts = {
        name: pair_counts(frames, kinds, BOX, 3.0, 0.02)
        for name, kinds in (("whole", whole), ("split", split))
    }
    r, g = rdf_from_counts(counts["whole"], len(frames), np.bincount(whole), BOX, 0.02)
    _, parts = rdf_from_counts(counts["split"], len(frames), n, BOX, 0.02)
    # each of the pairs alone, within its Poisson error
    seen = counts["split"]
    for u, v in ((0, 0), (0, 1), (1, 1), (0, 2), (1, 2)):
        known = (seen[u, v] > 50) & (r < 2.5)
        expected = g[min(u, 0), 1 if v == 2 else 0][known]
        # a vibrating particle has the same neighbours in all frames, so these are not independent
        error = expected * np.sqrt(len(frames) / seen[u, v][known])
        assert np.sqrt(np.mean(((parts[u, v][known] - expected) / error) ** 2)) < 1.5
    # all together, exactly
    pairs = np.outer(n, n).astype(float)
    together = sum(pairs[u, v] * parts[u, v] for u in (0, 1) for v in (0, 1))
    np.testing.assert_allclose(together / pairs[:2, :2].sum(), g[0, 0], rtol=1e-9, atol=1e-12)
    r0, r_min = ranges_of_frames(frames, split, BOX, [0, 1])
    one = ranges_of_frames(frames, whole, BOX)
    assert np.isnan(r0[2]).all() and r_min[:2, :2] == pytest.approx(one[1][0, 0], abs=0.05)


# ---------------------------------------------------------------- polydisperse liquids
DIAMETERS = np.array([0.8, 1.0, 1.3])


def polydisperse(tmp_path, column=True):
    """Write a dump of three kinds of particles whose types say nothing, and one of their types."""
    places, cells, _ = liquid(TILTED)
    kinds = np.random.default_rng(3).permutation(np.arange(places.shape[1]) % 3)
    paths = tmp_path / "sizes.dump", tmp_path / "types.dump"
    for path, types in zip(paths, (np.ones_like(kinds), kinds + 1), strict=True):
        dump(path, places, cells, types)
    if column:
        lines, n = paths[0].read_text().splitlines(), 0
        for k, line in enumerate(lines):
            if line.startswith("ITEM: ATOMS"):
                lines[k], n = line + " radius", 0
            elif len(line.split()) == 5:
                lines[k], n = f"{line} {0.5 * DIAMETERS[kinds[n]]}", n + 1
        paths[0].write_text("\n".join(lines) + "\n")
    np.savetxt(tmp_path / "sizes.txt", DIAMETERS[kinds])
    return paths


@pytest.mark.parametrize("source", ["radius", "sizes.txt"])
def test_pseudo_species_are_those_of_the_diameters(tmp_path, source):
    sizes, types = polydisperse(tmp_path, source == "radius")
    given = source if source == "radius" else str(tmp_path / source)
    depths = []
    for path, words in ((sizes, ["--diameters", given, "--bins", "3"]), (types, [])):
        out = tmp_path / f"{path.stem}.csv"
        how = ["--closure", "pair", "--no-hops", "--interval", "0.5", "--quiet", "--out", str(out)]
        assert not main(["score", str(path), *words, *how])
        depths.append(pd.read_csv(out, comment="#", dtype={"species": str}))
    pd.testing.assert_frame_equal(*depths)
    assert set(depths[0]["species"]) == {"1", "2", "3"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--diameters", "mass"], "has the columns id type x y z radius, none of them mass"),
        (["--diameters", "radius", "--bins", "4"], "there are 3 different diameters, fewer than 4"),
        (["--diameters", "radius", "--potential", "kob-andersen"], "leave --potential out"),
    ],
)
def test_diameters_that_cannot_be_used_are_named(tmp_path, capsys, words, said):
    sizes, _ = polydisperse(tmp_path)
    how = ["--closure", "pair", "--no-hops", "--out", str(tmp_path / "out.csv")]
    assert main(["score", str(sizes), *words, *how]) == 1
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out.csv").exists()

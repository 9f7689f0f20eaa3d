"""Frames in memory: the same numbers as from a file, from what other programs hold."""

import re
from pathlib import Path

import freud
import gsd.hoomd
import numpy as np
import pandas as pd
import pytest

from softcage.box import Box
from softcage.cage.calibration import softness_from_depth
from softcage.cage.frames import score_frames, species_of_types
from softcage.cage.local_depth import local_depth
from softcage.cli.command import main
from softcage.model import kob_andersen

KA = kob_andersen()
PAPER = Path(__file__).resolve().parents[2] / "results" / "paper"
SIDE = 4
N = 4 * SIDE**3
BOX = (N / 1.2) ** (1 / 3)
KINDS = np.where(np.arange(N) % 5 == 1, 1, 0)
KINDS[-1] = 1  # 205 of A and 51 of B
A = KINDS == 0


@pytest.fixture(scope="module")
def frames():
    rng = np.random.default_rng(4)
    corners = np.stack(np.meshgrid(*3 * [np.arange(SIDE)]), axis=-1).reshape(-1, 1, 3)
    basis = np.array([[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]])
    sites = (corners + basis).reshape(-1, 3) * BOX / SIDE
    return sites + rng.normal(0, 0.07, (3, N, 3))


def test_with_a_calibration_it_is_the_line_on_the_local_depth(frames):
    found = score_frames(frames[0], KINDS, BOX, 0.47, calibration=PAPER)
    cages = pd.read_csv(PAPER / "calibration" / "cage.csv")
    row = cages.query("T == 0.47 and q_max == 20 and route == 'curvature'").iloc[0]
    np.testing.assert_array_equal(found.r0[0], row[["r0_AA", "r0_AB"]])
    np.testing.assert_array_equal(found.r_min[0], row[["r_min_AA", "r_min_AB"]])
    depth = local_depth(
        frames[0], KINDS, BOX, potential=KA.potential, temperature=0.47,
        r0=found.r0[0], r_min=found.r_min[0], delta=0.09,
    )  # fmt: skip
    np.testing.assert_array_equal(found.depth[A], depth)
    lines = pd.read_csv(PAPER / "calibration" / "calibration.csv")
    line = lines.query("relation == 'c' and q_max == 20 and route == 'curvature'").iloc[0]
    softness = softness_from_depth(depth, line.intercept, line.slope)
    np.testing.assert_array_equal(found.softness[A], softness)
    assert np.isfinite(softness).mean() > 0.9
    own = score_frames(frames[0], KINDS, BOX, 0.47, of=["B"])
    np.testing.assert_array_equal(found.depth[~A], own.depth[~A])
    assert np.isfinite(own.depth[~A]).all() and np.isnan(found.softness[~A]).all()
    assert np.isnan(own.depth[A]).all() and np.isnan(own.r0[0]).all()
    only = score_frames(frames[0], KINDS, BOX, 0.47, calibration=PAPER, of=["A"])
    np.testing.assert_array_equal(only.softness, found.softness)
    assert np.isnan(only.depth[~A]).all()


def test_without_one_the_radii_are_those_of_the_frames(frames):
    found = score_frames(frames, KINDS, BOX, 0.47)
    assert found.depth.shape == (3, N) and np.isnan(found.softness).all()
    # where g(r) of all frames, by freud, begins and has its first minimum
    rdf = freud.density.RDF(bins=250, r_max=2.5)
    for v in (0, 1):
        for k, frame in enumerate(frames):
            points = freud.box.Box.cube(BOX).wrap(frame)
            system = (freud.box.Box.cube(BOX), points[KINDS == v])
            rdf.compute(system, query_points=points[A], reset=k == 0)
        begins = rdf.bin_centers[rdf.rdf > 1e-3]
        assert found.r0[0, v] == pytest.approx(begins[begins > 0.3][0], abs=0.011)
        inside = (rdf.bin_centers > 1.2) & (rdf.bin_centers < 1.5)
        lowest = rdf.bin_centers[inside][rdf.rdf[inside].argmin()]
        assert found.r_min[0, v] == pytest.approx(lowest, abs=0.06)
    one = score_frames(frames[1], KINDS, BOX, 0.47)
    assert not np.array_equal(one.r_min, found.r_min)


def test_it_is_what_the_command_writes(frames, tmp_path):
    with open(tmp_path / "run.xyz", "w") as handle:
        for k, frame in enumerate(frames):
            handle.write(f'{N}\nLattice="{BOX!r} 0 0 0 {BOX!r} 0 0 0 {BOX!r}" Time={k}\n')
            for i, x in zip(KINDS, frame, strict=True):
                handle.write(f"{'AB'[i]} {x[0]:.17g} {x[1]:.17g} {x[2]:.17g}\n")
    words = ["--temperature", "0.58", "--no-hops", "--of", "A", "--calibration", str(PAPER)]
    words += ["--quiet"]
    out = str(tmp_path / "out.parquet")
    assert main(["score", str(tmp_path / "run.xyz"), "--out", out, *words]) == 0
    table, found = pd.read_parquet(out), score_frames(frames, KINDS, BOX, 0.58, calibration=PAPER)
    for name in ("depth", "softness"):
        ours = getattr(found, name)[:, A].ravel()
        np.testing.assert_allclose(table[name], ours, rtol=1e-4, atol=1e-3 * np.nanmean(ours))


def test_wrapped_or_not_and_in_any_order(frames):
    found = score_frames(frames[0], KINDS, BOX, 0.47, calibration=PAPER).depth
    order = np.random.default_rng(0).permutation(N)
    moved = frames[0][order] + BOX * np.random.default_rng(1).integers(-2, 3, (N, 3))
    again = score_frames(moved, KINDS[order], BOX, 0.47, calibration=PAPER).depth
    np.testing.assert_allclose(again, found[order], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("types", "species"),
    [
        (KINDS, None),
        (np.array(["A", "B"])[KINDS], None),
        (KINDS + 1, {"A": 1, "B": 2}),
        (np.array(["1", "2"], dtype=object)[KINDS], {"A": 1, "B": 2}),
        (np.array(["Ni", "P"])[KINDS], {"A": "Ni", "B": "P"}),
        (np.where(np.arange(N) % 7 == 0, 9, KINDS) * (KINDS == 0) + KINDS, {"A": [0, 9], "B": 1}),
    ],
)
def test_types(types, species):
    np.testing.assert_array_equal(species_of_types(types, KA, species), KINDS)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"types": KINDS + 1}, "types are 1, 2, the species A, B: say which is which, for example"),
        ({"types": np.zeros(N, int)}, "types are 0, the species A, B"),
        ({"types": KINDS[:-1]}, r"positions have shape \(256, 3\), expected \(255, 3\)"),
        ({"box": [BOX, BOX, 2 * BOX]}, "density 1.2, the trajectory has 0.6"),
        ({"box": [[BOX, 1, 0], [0, BOX, 0], [0, 0, BOX]]}, "vectors in rows or, as in freud, in"),
        ({"box": [[BOX, 0, 0], [0, -BOX, 0], [0, 0, BOX]]}, "left-handed"),
        ({"box": [[BOX, 0, 0], [BOX, 0, 0], [0, 0, BOX]]}, "it is flat, without volume"),
        ({"box": [BOX, BOX, np.nan]}, "holds NaN"),
        ({"box": [BOX, BOX, 0]}, "z varies by .* but the box has two dimensions"),
        ({"system": np.zeros((N, 2)), "box": Box.of(BOX)}, "the box has 3 dimensions"),
        ({"box": 0.5 * BOX, "calibration": None}, "beyond half the box|no liquid has|no particles"),
        ({"box": 1.1 * BOX}, "is the calibration of density 1.2, the trajectory has 0.9"),
        ({"types": np.arange(N) % 2}, "is the calibration of the composition"),
        ({"calibration": "nowhere"}, "nowhere: has no calibration"),
        ({"box": [BOX] * 3 + [7, 0, 0]}, "six numbers must be edges with angles"),
        ({"box": [BOX] * 4}, r"the box has shape \(4,\): give the edge"),
        ({"types": np.zeros((N, 2), int)}, r"types have shape \(256, 2\): give one type"),
        ({"temperature": 0}, "the temperature is 0: it must be greater than 0"),
        ({"temperature": -1.0}, "the temperature is -1.0: it must be"),
        ({"system": np.empty((0, N, 3))}, r"shape \(0, 256, 3\): give at least one frame"),
    ],
)
def test_what_makes_no_sense_is_refused(frames, change, said):
    given = {"system": frames[0], "types": KINDS, "box": BOX, "calibration": PAPER}
    with pytest.raises(ValueError, match=said):
        score_frames(**{**given, "temperature": 0.47, **change})


@pytest.mark.parametrize("calibration", [PAPER, None])
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda x: x / BOX,
            "no particles in 4.98 of the box edge 5.9752 along .: are its positions",
        ),
        (lambda x: 0.1 * x, "no particles in 5.* are its positions scaled, or in another unit"),
        (lambda x: 10 * x, "pairs of particles nearer than 0..*, as no liquid has"),
        (lambda x: np.c_[np.ones(N), x[:, :2]], "along x: .* another unit or column"),
        (lambda x: np.c_[np.arange(N), x[:, :2]], "pairs of particles nearer than"),
        (lambda x: np.vstack([x[1:2], x[1:]]), "two particles nearer .* 0 and particle 1: 0"),
        (lambda x: np.vstack([x[:1] * 1e7 + 1e7, x[1:]]), "has particle 0 at .* far from all"),
        (lambda x: np.ma.masked_greater(x, 3.0), "masked where nothing was written"),
        (lambda x: np.where(x > 3.0, 9.96921e36, x), "fill values"),
    ],
)
def test_positions_that_are_not_of_a_liquid_in_this_box(frames, calibration, change, said):
    given = (KINDS, BOX, 0.47)
    with pytest.raises(ValueError, match=said):
        score_frames(change(frames[0] % BOX), *given, calibration=calibration)


def test_a_box_in_another_unit_than_the_positions(frames):
    with pytest.raises(ValueError, match="no particles in 54.3 of the box edge 59.752"):
        score_frames(frames[0], KINDS, 10 * BOX, 0.47)


def test_types_in_a_column(frames):
    np.testing.assert_array_equal(species_of_types(KINDS[:, None], KA), KINDS)


# ---------------------------------------------------------------- what the page says to others
PAGE = (Path(__file__).resolve().parents[2] / "docs" / "frames.md").read_text()
EXAMPLES = dict(re.findall(r"^## ([\w-]+)\n.*?^```python\n(.*?)^```", PAGE, re.M | re.S))


@pytest.mark.parametrize("program", ["freud", "HOOMD-blue", "MDAnalysis", "OVITO", "ASE"])
def test_examples_of_the_page_run(frames, tmp_path, monkeypatch, program):
    module = {"HOOMD-blue": "gsd", "OVITO": "ovito", "ASE": "ase"}.get(program, program)
    pytest.importorskip(module, reason=f"{program} is not installed")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "paper").symlink_to(PAPER)
    with gsd.hoomd.open("run.gsd", "w") as handle:
        frame = gsd.hoomd.Frame()
        frame.configuration.box = [BOX] * 3 + [0] * 3
        frame.particles.N, frame.particles.typeid = N, KINDS
        frame.particles.types = ["A", "B"]
        frame.particles.position = frames[0] - BOX * np.floor(frames[0] / BOX + 0.5)
        handle.append(frame)
    with open("run.extxyz", "w") as handle:
        edge = f"{BOX:.17g}"
        handle.write(f'{N}\nLattice="{edge} 0 0 0 {edge} 0 0 0 {edge}" ')
        handle.write("Properties=type:S:1:pos:R:3\n")
        for i, x in zip(KINDS, frames[0], strict=True):
            handle.write(f"{'AB'[i]} {x[0]:.9g} {x[1]:.9g} {x[2]:.9g}\n")
    held = {}
    exec(compile(EXAMPLES[program], f"docs/frames.md: {program}", "exec"), held)
    got = held["data"].particles["Softness"] if program == "OVITO" else held["scores"].softness
    wanted = score_frames(frames[0], KINDS, BOX, 0.47, calibration=PAPER).softness
    np.testing.assert_allclose(np.ravel(got), wanted, rtol=1e-3)

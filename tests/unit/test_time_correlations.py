"""F_s and chi_4 against motions whose answer is known, and the command ``softcage dynamics``."""

from functools import partial

import matplotlib.image
import numpy as np
import pandas as pd
import pytest
from scipy.special import j0
from tests.unit.test_species import NAMES, run, walk, write_gsd

from softcage.box import Box
from softcage.defaults import OVERLAP_RADIUS, SCATTERING_Q
from softcage.dynamics.relaxation import (
    DISPLACEMENT_MOMENTS,
    RELAXATION_SCALARS,
    displacement_sums,
    overlap,
    relaxation_scalars,
    relaxation_table,
    relaxation_time,
)
from softcage.dynamics.time_correlations import (
    CORRELATION_MOMENTS,
    ORIGINS,
    correlation_moments,
    correlations_of_run,
    four_point_susceptibility,
    self_scattering,
)
from softcage.io.external import import_trajectory, open_external
from softcage.io.trajectory import Trajectory
from softcage.statistics import merge

FRAMES = 40
INTERVAL = 0.5
AVERAGES = ("msd", "alpha_2", "overlap", "f_s", "chi_4")


class InMemory(Trajectory):
    """A trajectory whose frames are an array."""

    @classmethod
    def of(cls, positions, species=None):
        frames, n, dimension = positions.shape
        box = Box.of(dimension * [10.0]) if dimension == 2 else 10.0
        species = np.zeros(n, dtype=int) if species is None else species
        steps = np.arange(frames)
        made = cls(None, box, species, steps, INTERVAL * steps, 0 * steps, 0 * steps)
        object.__setattr__(made, "positions", positions)
        return made

    def chunks(self, size=64, start=0, stop=None, stride=1):
        frames = np.arange(start, self.n_frames if stop is None else stop, stride)
        for k in range(0, len(frames), size):
            yield frames[k : k + size], self.positions[frames[k : k + size]]

    def read(self, frame_indices):
        return self.positions[frame_indices]


def random_walk(frames, n, dimension=3, step=0.08, seed=0):
    steps = np.random.default_rng(seed).normal(0, step, (frames, n, dimension))
    return steps.cumsum(axis=0)


def correlation_sums(trajectory, q=SCATTERING_Q, radius=OVERLAP_RADIUS, **how):
    d = trajectory.dimension
    moments = partial(correlation_moments, overlap_radius=radius, q=q, dimension=d)
    return displacement_sums(trajectory, moments=moments, n_origins=ORIGINS, **how)


# ---------------------------------------------------------------- F_s and chi_4
@pytest.mark.parametrize("dimension", [2, 3])
def test_f_s_of_a_random_walk_is_an_exponential(dimension):
    step, q = 0.08, 5.0
    trajectory = InMemory.of(random_walk(FRAMES, 1500, dimension, step))
    times, sums = correlation_sums(trajectory, q, n_blocks=4)
    diffusion = step**2 / (2 * INTERVAL)
    found = self_scattering(sums.sum(axis=0))
    np.testing.assert_allclose(found, np.exp(-(q**2) * diffusion * times), atol=0.015)
    table, numbers = correlations_of_run(trajectory, q=q)
    assert numbers["tau_f_s"] == pytest.approx(1 / (q**2 * diffusion), rel=0.04)
    assert abs(table["alpha_2"][:10]).max() < 0.05


def test_chi_4_of_independent_particles_is_that_of_a_coin():
    """q(t) is then a mean of N independent numbers 0 or 1, which are 1 with probability p."""
    places = np.random.default_rng(3).normal(0, 0.17, (400, 60, 3))
    _, sums = correlation_sums(InMemory.of(places), n_blocks=1)
    many = sums[0][sums[0][:, 4] > 100]
    p = overlap(many)
    assert 0.1 < p.min() < p.max() < 0.9
    ratio = four_point_susceptibility(many) / (p * (1 - p))
    assert ratio.mean() == pytest.approx(1.0, abs=0.07) and abs(ratio - 1).max() < 0.4


def test_chi_4_of_particles_that_move_together_is_their_number_times_as_large():
    together = np.repeat(np.random.default_rng(3).normal(0, 0.17, (200, 1, 3)), 50, axis=1)
    _, sums = correlation_sums(InMemory.of(together), n_blocks=1)
    p = overlap(sums[0])
    known = sums[0][:, 4] > 1
    np.testing.assert_allclose(
        four_point_susceptibility(sums[0])[known], 50 * (p * (1 - p))[known], atol=1e-9
    )
    assert np.isnan(four_point_susceptibility(sums[0])[~known]).all()


def test_particles_that_do_not_move_have_no_chi_4():
    _, sums = correlation_sums(InMemory.of(np.zeros((9, 7, 3))), n_blocks=1)
    assert not four_point_susceptibility(sums[0][:-1]).any()
    np.testing.assert_array_equal(self_scattering(sums[0]), 1.0)


@pytest.mark.parametrize("dimension", [2, 3])
def test_sums_are_those_of_a_literal_double_loop(dimension):
    positions, radius, q = random_walk(12, 30, dimension, 0.15), 0.4, 6.0
    species = np.repeat([0, 1], [18, 12])
    times, sums = correlation_sums(InMemory.of(positions, species), q, radius, n_blocks=3, tagged=1)
    assert sums.shape == (3, len(times), len(CORRELATION_MOMENTS))
    total = sums.sum(axis=0)
    own = positions[:, species == 1]
    for k, lag in enumerate(np.rint(times / INTERVAL).astype(int)):
        overlaps, terms = [], []
        for begin in range(12 - lag):
            near = 0
            for i in range(12):
                r = np.sqrt(((own[begin + lag, i] - own[begin, i]) ** 2).sum())
                near += r <= radius
                terms.append(np.sin(q * r) / (q * r) if dimension == 3 else j0(q * r))
            overlaps.append(near / 12)
        assert self_scattering(total[k]) == pytest.approx(np.mean(terms), abs=1e-12)
        if len(overlaps) > 1:
            chi = 12 * (np.mean(np.square(overlaps)) - np.mean(overlaps) ** 2)
            assert four_point_susceptibility(total[k]) == pytest.approx(chi, abs=1e-12)


# ---------------------------------------------------------------- all averages of a run
def test_averages_and_numbers_are_those_of_the_functions_of_the_study():
    species = np.repeat([0, 1], [150, 50])
    trajectory = InMemory.of(random_walk(FRAMES, 200), species)
    table, numbers = correlations_of_run(trajectory, 1, blocks=4)
    times, fine = displacement_sums(trajectory, n_blocks=32, tagged=1, n_origins=ORIGINS)
    assert fine.shape[-1] == len(DISPLACEMENT_MOMENTS)
    blocks = merge(fine, numbers["blocks"])
    of_study = relaxation_table(times, blocks)
    pd.testing.assert_frame_equal(table[of_study.columns], of_study, check_exact=True)
    assert table.columns.tolist()[1:11] == [f"{a}{end}" for a in AVERAGES for end in ("", "_error")]
    scalars = relaxation_scalars(times, fine.sum(axis=0))
    np.testing.assert_array_equal([numbers[name] for name in RELAXATION_SCALARS], scalars)
    assert numbers["tau_alpha"] == relaxation_time(times, of_study["overlap"].to_numpy())
    assert numbers["particles"] == 50 and numbers["q"] == SCATTERING_Q
    assert 0 < numbers["tau_alpha_error"] < numbers["tau_alpha"]
    length = INTERVAL * (FRAMES - 1)
    expected = length / numbers["blocks"] / numbers["tau_alpha"]
    assert numbers["block_relaxation_times"] == pytest.approx(expected)


def test_errors_of_independent_runs_have_the_size_of_their_scatter():
    runs = [InMemory.of(random_walk(120, 40, seed=seed, step=0.12)) for seed in range(12)]
    tables = [correlations_of_run(one, resamples=60)[0] for one in runs]
    for name in ("msd", "f_s", "chi_4"):
        values = np.array([table[name][2] for table in tables])
        errors = np.array([table[f"{name}_error"][2] for table in tables])
        assert 0.5 < errors.mean() / values.std(ddof=1) < 2.0, name


def test_two_frames_have_averages_without_errors():
    table, numbers = correlations_of_run(InMemory.of(random_walk(2, 20)))
    assert len(table) == 1 and table["msd"].notna().all() and table["msd_error"].isna().all()
    assert np.isnan(numbers["tau_alpha"]) and np.isnan(numbers["p_c"])
    assert table["chi_4"].isna().all()


# ---------------------------------------------------------------- the command
@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return write_gsd(tmp_path_factory.mktemp("dynamics") / "run.gsd", walk(frames=FRAMES))


def dynamics(capsys, file, out, *words):
    return run(capsys, "dynamics", file, "--out", out, "--interval", INTERVAL, *words)


def test_the_folder_has_the_averages_of_every_species(capsys, tmp_path, file):
    out = tmp_path / "out"
    status, said = dynamics(capsys, file, out, "--q", 6, "--overlap-radius", 0.2, "--blocks", 4)
    assert status == 0, said
    assert sorted(path.name for path in out.iterdir()) == [
        "dynamics.csv", "dynamics.pdf", "dynamics.png", "summary.csv",
    ]  # fmt: skip
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    table, summary = pd.read_csv(out / "dynamics.csv"), pd.read_csv(out / "summary.csv")
    assert table["species"].unique().tolist() == summary["species"].tolist() == list(NAMES)
    external = open_external(file, None)
    ours = import_trajectory(external, tmp_path / "ours", external.liquid, interval=INTERVAL)
    for tagged, name in enumerate(NAMES):
        curve, numbers = correlations_of_run(ours, tagged, q=6.0, overlap_radius=0.2, blocks=4)
        written = table[table["species"].astype(str) == name].reset_index(drop=True)
        assert written.columns.tolist() == ["species", *curve.columns]
        np.testing.assert_allclose(written[curve.columns], curve, rtol=1e-6)
        row = summary.iloc[tagged]
        assert row.index.tolist() == ["species", *numbers]
        np.testing.assert_allclose(row.iloc[1:].astype(float), list(numbers.values()), rtol=1e-6)
        assert f"species {name}: tau_alpha = " in said
    assert "tau_alpha is not known" in said  # particles stay at the sites of a lattice
    picture = matplotlib.image.imread(out / "dynamics.png")
    assert picture.shape[1] == 1020 and picture[..., :3].std() > 0.05
    assert (out / "dynamics.pdf").read_bytes().startswith(b"%PDF")


def test_of_chooses_species_and_what_the_command_wrote_is_replaced(capsys, tmp_path, file):
    for words, species in ((("--of", "Si,O"), ["O", "Si"]), (("--of", "O"), ["O"])):
        assert dynamics(capsys, file, tmp_path, *words, "--quiet")[0] == 0
        assert pd.read_csv(tmp_path / "summary.csv")["species"].tolist() == species


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--of", "O,Al"), "there is no species Al, only 11, O, Si"),
        (("--q", 0), "0 must be greater than 0"),
        (("--blocks", "no"), "'no' must be a whole number, at least 1"),
        (("--temperature", 0.5), "unrecognized arguments: --temperature"),
        (("--potential", "kob-andersen"), "unrecognized arguments: --potential"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_written(capsys, tmp_path, file, words, said):
    status, told = dynamics(capsys, file, tmp_path / "out", *words, "--quiet")
    assert status in (1, 2) and said in told and not (tmp_path / "out").exists()


def test_one_frame_and_missing_times_are_refused(capsys, tmp_path, file):
    one = write_gsd(tmp_path / "one.gsd", walk(frames=1))
    status, said = dynamics(capsys, one, tmp_path / "out")
    assert status == 1 and "one frame, but displacements need at least two" in said
    status, said = run(capsys, "dynamics", file, "--out", tmp_path / "out")
    assert status == 1 and "--interval" in said
    assert [path.name for path in tmp_path.iterdir()] == ["one.gsd"]


@pytest.mark.parametrize("name", ["dynamics.csv", "summary.csv", "dynamics.pdf"])
def test_a_folder_that_is_not_its_own_is_left_alone(capsys, tmp_path, file, name):
    mine = tmp_path / name
    mine.write_text("mine\n")
    status, said = dynamics(capsys, file, tmp_path, "--quiet")
    assert status == 1 and "softcage did not write it" in said and mine.read_text() == "mine\n"
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_the_input_is_not_replaced(capsys, tmp_path):
    """Not even by an output that has its name."""
    path = tmp_path / "dynamics.csv"
    write_gsd(path, walk(frames=3))
    before = path.read_bytes()
    status, said = dynamics(capsys, path, tmp_path, "--quiet")
    assert status == 1 and "would be lost" in said and path.read_bytes() == before

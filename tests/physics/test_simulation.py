"""A whole run: its protocol, its files, and what an interruption leaves."""

import numpy as np
import pandas as pd
import pytest

from softcage.io.external import open_external
from softcage.io.readers import TrajectoryError
from softcage.io.trajectory import open_trajectory
from softcage.md import simulation
from softcage.md.checkpoint import Checkpoints, load_state, save_state
from softcage.md.imported import import_run
from softcage.md.simulation import Protocol, fingerprint, simulate, write_run
from softcage.model import Mixture, kob_andersen

SHORT = Protocol(
    temperature=1.5, particles=320, density=1.2, seed=11, melt=200, cool=200,
    equilibrate=100, produce=400, uniform_stride=100, log_period=200, thermo_stride=50,
)  # fmt: skip


def recorded(checkpoints):
    return {
        key: np.concatenate(list(checkpoints.read(key))) for key in ("uniform", "log", "thermo")
    }


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    engine, checkpoints = simulate(kob_andersen(), SHORT, tmp_path_factory.mktemp("whole"))
    return engine.state, recorded(checkpoints)


def test_frames_are_those_of_the_schedule(whole):
    state, frames = whole
    assert state.step == 900
    assert frames["uniform"].shape == (5, 320, 3)
    assert frames["thermo"][:, 0].tolist() == list(range(0, 901, 50))
    np.testing.assert_array_equal(frames["uniform"][0], frames["log"][0])
    np.testing.assert_array_equal(frames["uniform"][-1], frames["log"][-1])
    assert np.abs(frames["uniform"].mean(axis=1)).max() < 1e-5  # of the centre of mass


class Killed(Exception):
    pass


def interrupted_run(folder, monkeypatch, kills):
    """Run with a checkpoint after every event; die inside saves at the given moments."""
    original = Checkpoints.save
    for kill in kills:
        count = 0

        def save(self, state, arrays, kill=kill):
            nonlocal count
            count += 1
            original(self, state, arrays)
            if count == kill:
                raise Killed

        monkeypatch.setattr(Checkpoints, "save", save)
        with pytest.raises(Killed):
            simulate(kob_andersen(), SHORT, folder, checkpoint_interval=0.0)
    monkeypatch.setattr(Checkpoints, "save", original)
    return simulate(kob_andersen(), SHORT, folder, checkpoint_interval=0.0)


def test_an_interrupted_run_ends_with_the_same_bits(whole, tmp_path, monkeypatch):
    engine, checkpoints = interrupted_run(tmp_path, monkeypatch, kills=[1, 3, 20])
    state, frames = whole
    np.testing.assert_array_equal(engine.state.positions, state.positions)
    np.testing.assert_array_equal(engine.state.velocities, state.velocities)
    for key, value in recorded(checkpoints).items():
        np.testing.assert_array_equal(value, frames[key])


@pytest.mark.parametrize("damage", ["truncate", "garbage", "segment"])
def test_a_damaged_checkpoint_falls_back_to_the_one_before(
    whole, tmp_path, monkeypatch, caplog, damage
):
    original = Checkpoints.save

    def save(self, state, arrays):
        original(self, state, arrays)
        if state.step > 700:
            raise Killed

    monkeypatch.setattr(Checkpoints, "save", save)
    with pytest.raises(Killed):
        simulate(kob_andersen(), SHORT, tmp_path, checkpoint_interval=0.0)
    monkeypatch.setattr(Checkpoints, "save", original)
    pattern = "segment-*.npz" if damage == "segment" else "state-*.npz"
    newest = sorted(tmp_path.glob(pattern))[-1]
    content = newest.read_bytes()
    newest.write_bytes(b"\0" * 100 if damage == "garbage" else content[: len(content) // 2])
    engine, checkpoints = simulate(kob_andersen(), SHORT, tmp_path)
    assert "trying the one before it" in caplog.text
    np.testing.assert_array_equal(engine.state.positions, whole[0].positions)
    np.testing.assert_array_equal(recorded(checkpoints)["uniform"], whole[1]["uniform"])


def test_a_checkpoint_of_another_run_is_refused(tmp_path, monkeypatch, caplog):
    simulate(kob_andersen(), SHORT, tmp_path)
    other = Protocol(**{**vars(SHORT), "seed": 12})
    checkpoints = Checkpoints(tmp_path, fingerprint(kob_andersen(), other))
    assert checkpoints.load() is None
    assert "other settings" in caplog.text


def test_protocol_cools_linearly_and_stays():
    assert SHORT.thermostat(0).temperature == 3.0
    assert SHORT.thermostat(300).temperature == pytest.approx(2.25)
    assert SHORT.thermostat(400).temperature == 1.5
    assert SHORT.thermostat(899).temperature == 1.5
    assert [simulation.STAGES[SHORT.stage(s)] for s in (0, 199, 200, 499, 500, 899)] == [
        "melt", "melt", "cool", "equilibrate", "produce", "produce",
    ]  # fmt: skip


def test_a_saved_state_survives_the_disk(whole, tmp_path):
    save_state(tmp_path / "state.npz", whole[0])
    state, _, _ = load_state(tmp_path / "state.npz")
    for name, value in vars(whole[0]).items():
        np.testing.assert_array_equal(getattr(state, name), value)


def plan(**changes):
    return Protocol(**{**vars(SHORT), **changes})


def test_a_saved_state_starts_another_run(whole, tmp_path):
    save_state(tmp_path / "start.npz", whole[0])
    runs = {}
    for seed in (1, 2):
        protocol = plan(
            melt=0, cool=0, seed=seed, temperature=1.2, start=str(tmp_path / "start.npz")
        )
        _, checkpoints = simulate(kob_andersen(), protocol, tmp_path / f"run{seed}")
        runs[seed] = recorded(checkpoints)
    for frames in runs.values():
        # the liquid of the saved state, at once: no lattice, and the new temperature
        assert frames["thermo"][0, 1] == pytest.approx(1.2)
        assert frames["thermo"][:, 2].max() < -4.5
    assert not np.array_equal(runs[1]["uniform"], runs[2]["uniform"])  # replicas are independent


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"particles": 400},
            r"holds \[256, 64\] particles of the species, but the run needs \[320, 80\]",
        ),
        ({"density": 1.1}, "has the density 1.2, but the run needs 1.1"),
    ],
)
def test_a_start_that_does_not_fit_is_refused(whole, tmp_path, change, words):
    save_state(tmp_path / "start.npz", whole[0])
    with pytest.raises(ValueError, match=words):
        simulate(kob_andersen(), plan(start=str(tmp_path / "start.npz"), **change), tmp_path)


def test_a_start_that_is_no_state_is_refused(tmp_path):
    (tmp_path / "start.npz").write_text("nonsense")
    with pytest.raises(ValueError, match=r"start.npz is not a saved state"):
        simulate(kob_andersen(), plan(start=str(tmp_path / "start.npz")), tmp_path / "run")


@pytest.mark.parametrize(("fractions", "cutoff"), [([0.6, 0.4], 2.5), ([0.8, 0.2], 2 ** (1 / 6))])
def test_other_compositions_and_cutoffs_run(tmp_path, fractions, cutoff):
    """The 3:2 mixture, and the purely repulsive one: its pairs never attract."""
    plain = {
        name: getattr(kob_andersen(), name).tolist() for name in ("sigma", "epsilon", "masses")
    }
    mixture = Mixture.from_dict(
        {"species": ["A", "B"], "fractions": fractions, "cutoff": cutoff, **plain}
    )
    engine, checkpoints = simulate(mixture, SHORT, tmp_path)
    assert np.bincount(engine.species).tolist() == [round(320 * f) for f in fractions]
    thermo = recorded(checkpoints)["thermo"]
    assert np.ptp(thermo[thermo[:, 0] >= 500, 4]) < 2e-2  # conserved at constant temperature
    assert (thermo[-1, 2] > 0) == (cutoff < 2)  # potential energy


# ---------------------------------------------------------------- the files of a run
@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A run's folder, and what was recorded of it."""
    folder = tmp_path_factory.mktemp("written")
    engine, checkpoints = simulate(kob_andersen(), SHORT, folder / "checkpoints")
    write_run(folder, kob_andersen(), SHORT, engine.state, checkpoints)
    return folder, recorded(checkpoints)


def test_the_files_of_a_run_are_what_was_recorded(written):
    folder, frames = written
    for name in ("uniform", "log"):
        run = open_trajectory(folder / f"{name}.nc")
        np.testing.assert_allclose(run.read(range(run.n_frames)), frames[name], atol=1e-6)
        np.testing.assert_allclose(run.times, run.steps * SHORT.timestep)
    assert run.lag.max() < SHORT.log_period and run.block.tolist()[-1] == 2
    thermo = pd.read_csv(folder / "thermo.csv")
    np.testing.assert_allclose(thermo["potential_energy"], frames["thermo"][:, 2])
    assert thermo["stage"].tolist() == 5 * ["melt"] + 4 * ["cool"] + 2 * ["equilibrate"] + 8 * [
        "produce"
    ]
    assert load_state(folder / "final.npz")[0].step == 900


def test_a_run_of_others_gives_the_files_of_its_own(written, tmp_path):
    """The uniform frames alone, read back as somebody's trajectory."""
    folder, frames = written
    external = open_external(folder / "uniform.nc", kob_andersen())
    n_read, n_used, thermo = import_run(external, tmp_path, kob_andersen(), SHORT, [0.5])
    assert (n_read, n_used) == (5, 5)
    ours = open_trajectory(tmp_path / "uniform.nc")
    np.testing.assert_array_equal(ours.steps, [0, 100, 200, 300, 400])
    np.testing.assert_allclose(ours.read(range(5)), frames["uniform"], atol=1e-5)
    log = open_trajectory(tmp_path / "log.nc")
    # of the lags up to 200 steps the file has one
    assert log.steps.tolist() == [0, 100, 200, 300, 400]
    assert log.block.tolist() == [0, 0, 1, 1, 2] and log.lag.tolist() == [0, 100, 0, 100, 0]
    produced = frames["thermo"][frames["thermo"][:, 0] >= 500]
    energy = dict(zip(produced[:, 0] - 500, produced[:, 2], strict=True))
    expected = [energy[step] for step in thermo["step"]]
    np.testing.assert_allclose(thermo["potential_energy"], expected, atol=2e-5)
    state = load_state(tmp_path / "final.npz")[0]
    np.testing.assert_allclose(state.positions, frames["uniform"][-1], atol=1e-5)
    assert not state.velocities.any()


@pytest.mark.parametrize(
    ("change", "windows", "words"),
    [
        ({"particles": 400}, [], "has 320 particles, but system.particles is 400"),
        ({"density": 1.25}, [], "has the density 1.2, but system.density is 1.25"),
        ({"produce": 800}, [], "covers a time of 1, less than the production of 2"),
        ({"uniform_stride": 150}, [], "between frames, 0.25, does not divide md.frame_interval"),
        ({}, [0.6], "hop window 0.6 is not a whole number of frames, which are 0.25 apart"),
    ],
)
def test_a_run_of_others_that_does_not_fit_is_refused(written, tmp_path, change, windows, words):
    external = open_external(written[0] / "uniform.nc", kob_andersen())
    with pytest.raises(TrajectoryError, match=words):
        import_run(external, tmp_path, kob_andersen(), plan(**change), windows)
    assert not list(tmp_path.iterdir())

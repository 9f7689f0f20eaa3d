"""The mixture."""

import dataclasses
import errno
import re
import subprocess
import sys

import numpy as np
import pytest
import yaml

from softcage.io.atomic_file import replacing, scratch_folder
from softcage.model import Mixture, box_length, is_kob_andersen, kob_andersen


def test_potential_is_zero_at_the_cutoff_and_minus_epsilon_at_its_minimum():
    mixture = kob_andersen()
    for u, v in ((0, 0), (0, 1), (1, 1)):
        cut, sigma = mixture.cutoff[u, v], mixture.sigma[u, v]
        assert cut == pytest.approx(2.5 * sigma)
        assert mixture.potential(u, v, cut) == pytest.approx(0.0, abs=1e-14)
        assert mixture.potential(u, v, cut * 1.001) == 0.0
        bottom = mixture.potential(u, v, 2 ** (1 / 6) * sigma) + mixture.shift(u, v)
        assert bottom == pytest.approx(-mixture.epsilon[u, v])


def test_composition_is_exact_or_refused():
    assert kob_andersen().counts(4000).tolist() == [3200, 800]
    with pytest.raises(ValueError, match="cannot have the fractions"):
        kob_andersen().counts(1001)


def test_a_mixture_that_does_not_fit_names_the_key():
    good = dict(
        species=("A", "B"), fractions=[0.5, 0.5], sigma=np.ones((2, 2)), epsilon=np.ones((2, 2)),
        cutoff=np.ones((2, 2)), masses=[1, 1],
    )  # fmt: skip
    for key, value in (
        ("fractions", [0.5, 0.4]),
        ("sigma", [[1.0, 0.8], [0.7, 1.0]]),
        ("masses", [1.0]),
        ("masses", [1.0, 0.0]),
        ("sigma", [[-1.0, 1.0], [1.0, 1.0]]),
        ("cutoff", [[1.0, np.nan], [np.nan, 1.0]]),
    ):
        with pytest.raises(ValueError, match=f"mixture.{key}"):
            Mixture(**{**good, key: value})


def test_a_mixture_in_plain_types_is_the_same_mixture():
    mixture = kob_andersen()
    again = Mixture.from_dict(yaml.safe_load(yaml.safe_dump(mixture.to_dict())))
    assert again.species == mixture.species
    for name in ("fractions", "sigma", "epsilon", "cutoff", "masses"):
        np.testing.assert_array_equal(getattr(again, name), getattr(mixture, name))
    assert mixture.pairs == ["AA", "AB"]


def test_the_liquid_of_the_paper_is_told_from_others():
    model = kob_andersen()
    assert is_kob_andersen(model, 1.2)
    assert is_kob_andersen(dataclasses.replace(model, species=("Ni", "P")), 1.2)
    assert not is_kob_andersen(model, 1.1)
    for change in (
        {"fractions": np.array([0.6, 0.4])},
        {"cutoff": 2 ** (1 / 6) * model.sigma},
        {"masses": np.array([1.0, 2.0])},
        {"epsilon": np.ones((2, 2))},
    ):
        assert not is_kob_andersen(dataclasses.replace(model, **change), 1.2)
    one = np.ones((1, 1))
    assert not is_kob_andersen(Mixture(("A",), [1.0], one, one, 2.5 * one, [1.0]), 1.2)


def test_species_may_be_the_numbers_of_a_dump():
    """As YAML reads them: types are compared as words everywhere."""
    mixture = Mixture.from_dict({**kob_andersen().to_dict(), "species": [1, 2]})
    assert mixture.species == ("1", "2") and mixture.pairs == ["11", "12"]


def test_box():
    assert box_length(1200, 1.2) == pytest.approx(10.0)


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("old")
    with pytest.raises(RuntimeError), replacing(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_and_the_file_behind_it_has_the_usual_permissions(tmp_path):
    (tmp_path / "there").mkdir()
    target, link = tmp_path / "there" / "out.csv", tmp_path / "out.csv"
    target.write_text("old")
    link.symlink_to(target)
    (tmp_path / "usual").touch()
    with replacing(link) as temporary:
        temporary.write_text("new")
        temporary.chmod(0o600)  # as the writers of some formats do
    assert link.is_symlink() and target.read_text() == "new"
    assert target.stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_a_full_disk_is_said_by_the_name_of_the_output(tmp_path):
    with (
        pytest.raises(OSError, match="has no room for out.csv"),
        scratch_folder(tmp_path / "out.csv"),
    ):
        raise OSError(errno.ENOSPC, "cannot write .hidden: No space left on device")


def test_a_scratch_folder_goes_and_takes_along_those_of_killed_processes(tmp_path):
    code = (
        "import os, signal, sys; from softcage.io.atomic_file import scratch_folder\n"
        "with scratch_folder(sys.argv[1]) as folder:\n"
        "    (folder / 'frames').touch(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    path = tmp_path / "out.csv"
    subprocess.run([sys.executable, "-c", code, path], check=False)
    (left,) = tmp_path.iterdir()
    alive = left.with_name(left.name.replace(re.search(r"\d+(?=\.tmp)", left.name)[0], "1"))
    alive.mkdir()  # process 1 is there as long as the machine is
    with scratch_folder(path) as folder:
        assert {*tmp_path.iterdir()} == {folder, alive}
    assert [*tmp_path.iterdir()] == [alive]

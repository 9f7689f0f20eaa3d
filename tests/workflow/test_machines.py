"""The workflow on machines as they are: blanks in paths, no home, other folders, other locales."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
import yaml
from tests.workflow.conftest import ROOT, TINY, copy_repository

from softcage.io.log import logged

pytestmark = pytest.mark.workflow

SAVED = "results/tiny/config.yaml"  # made by a job that takes no time


def snakemake(folder, *arguments, python=sys.executable, **variables):
    """Run Snakemake in a folder; ``None`` takes a variable out of the environment."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "workflow"), **variables}
    return subprocess.run(
        [python, "-m", "snakemake", "--cores", "1", *map(str, arguments)],
        cwd=folder,
        env={name: value for name, value in environment.items() if value is not None},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )


@pytest.fixture
def elsewhere(tmp_path):
    """A folder with an overlay, and with the configuration of another workflow."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.yaml").write_text("samples: samples.tsv\n")
    (tmp_path / "tiny.yaml").write_text(yaml.safe_dump(TINY))
    return tmp_path


def test_from_another_folder_the_defaults_are_those_of_the_workflow(elsewhere):
    arguments = ["-s", ROOT / "Snakefile", "--configfile", "tiny.yaml", "--", SAVED]
    done = snakemake(elsewhere, *arguments)
    assert done.returncode == 0, done.stdout
    saved = yaml.safe_load((elsewhere / SAVED).read_text())
    assert saved["study"] == "tiny"
    assert saved["mixture"]["masses"] == [1.0, 1.0]
    assert "samples" not in saved


def test_a_group_on_the_command_line_reaches_the_jobs(elsewhere):
    arguments = ["-s", ROOT / "Snakefile", "--configfile", "tiny.yaml"]
    done = snakemake(elsewhere, *arguments, "--config", "figures={dpi: 62}", "--", SAVED)
    assert done.returncode == 0, done.stdout
    assert yaml.safe_load((elsewhere / SAVED).read_text())["figures"]["dpi"] == 62


def test_a_folder_with_a_blank_in_its_name(tmp_path):
    copy = copy_repository(tmp_path / "my é $x (1)").folder
    python = copy / ".venv" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", copy / ".venv"], check=True)
    (packages,) = copy.glob(".venv/lib/*/site-packages")
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib"))
    done = snakemake(
        copy, "--configfile", "config/tiny.yaml", "--", SAVED, python=python, PYTHONPATH=None
    )
    assert done.returncode == 0, done.stdout
    assert (copy / SAVED).is_file()


def test_without_a_home_make_runs_snakemake(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", os.devnull)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    copy = copy_repository(tmp_path / "copy")
    recipe = f"$(SNAKEMAKE) --cores 1 --configfile config/tiny.yaml -- {SAVED}"
    (copy.folder / "probe.mk").write_text(f"probe:\n\t{recipe}\n")
    done = copy.make("probe", "--makefile=Makefile", "--makefile=probe.mk")
    assert done.returncode == 0, done.stdout
    assert (copy.folder / SAVED).is_file()
    assert (tmp_path / f"softcage-{os.getuid()}" / "snakemake").is_dir()


def test_numba_that_may_not_compile_stops_before_any_job(elsewhere):
    arguments = ["-s", ROOT / "Snakefile", "--configfile", "tiny.yaml", "--", SAVED]
    done = snakemake(elsewhere, *arguments, NUMBA_DISABLE_JIT="1")
    assert done.returncode == 1
    assert "unset NUMBA_DISABLE_JIT" in done.stdout
    assert not Path(elsewhere, "results").exists()


def test_a_locale_without_utf_8(elsewhere):
    arguments = ["-s", ROOT / "Snakefile", "--configfile", "tiny.yaml", "--", SAVED]
    done = snakemake(elsewhere, *arguments, LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert done.returncode == 0, done.stdout


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="Linux has it")
def test_a_log_on_a_full_disk_hides_no_error(tmp_path, capsys):
    full = tmp_path / "job.log"
    full.symlink_to("/dev/full")
    with pytest.raises(SystemExit), logged(full) as log:
        log.info("as far as here")
        raise ValueError("the reason")
    assert capsys.readouterr().err == f"ValueError: the reason (log: {full})\n"

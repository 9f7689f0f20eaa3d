"""Kernels are compiled once, whoever asks, and kept."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import softcage

PACKAGE = Path(softcage.__file__).parent
COMPILE = "from softcage.compiled.kernels import compile_kernels; compile_kernels()"


def compiling(cache):
    return subprocess.Popen(
        [sys.executable, "-c", COMPILE],
        env={**os.environ, "PYTHONPATH": str(PACKAGE.parent), "NUMBA_CACHE_DIR": str(cache)},
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """A cache that two processes have filled at the same time."""
    folder = tmp_path_factory.mktemp("cache")
    for process in [compiling(folder), compiling(folder)]:
        _, errors = process.communicate(timeout=600)
        assert process.returncode == 0, errors
    return folder


@pytest.mark.slow
def test_every_kernel_is_in_the_cache(cache):
    pattern = re.compile(r"^@kernel(.*)\ndef (\w+)", re.MULTILINE)
    kernels = {
        f"{path.stem}.{name}"
        for path in PACKAGE.rglob("*.py")
        for options, name in pattern.findall(path.read_text())
        if "inline" not in options
    }
    assert len(kernels) > 40
    assert kernels <= {path.name.rpartition("-")[0] for path in cache.rglob("*.nbi")}


@pytest.mark.slow
def test_what_is_in_the_cache_is_not_compiled_again(cache):
    before = {path: path.stat().st_mtime_ns for path in cache.rglob("*.nb?")}
    process = compiling(cache)
    assert process.wait() == 0
    assert {path: path.stat().st_mtime_ns for path in cache.rglob("*.nb?")} == before


@pytest.mark.slow
def test_a_folder_without_locks_is_no_error(cache):
    (lock,) = cache.rglob("kernels.lock")
    lock.unlink()
    lock.mkdir()
    process = compiling(cache)
    assert process.wait() == 0
    lock.rmdir()

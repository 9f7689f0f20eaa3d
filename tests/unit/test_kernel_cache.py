"""Where caches are kept when the usual places cannot be written, and what is dropped from them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numba
import pytest

import softcage
from softcage.compiled.caches import drop_stale_kernels
from softcage.compiled.decorator import kernel

PACKAGE = Path(softcage.__file__).parent
WRITABLE = "import softcage; softcage.use_writable_cache(); "
KERNEL = "from softcage.md.forces import prune; print(prune.stats.cache_path)"
MATPLOTLIB = "import matplotlib; print(matplotlib.get_cachedir())"
FREE = ("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "NUMBA_CACHE_DIR", "MPLCONFIGDIR")


def python(code, path=PACKAGE.parent, **variables):
    """Run Python; what it says is its standard output, and it says nothing else."""
    environment = {name: value for name, value in os.environ.items() if name not in FREE}
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**environment, "PYTHONPATH": str(path), **variables},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def read_only(tmp_path_factory):
    """The library where Numba cannot keep a cache beside a module, not even as root."""
    folder = tmp_path_factory.mktemp("installed")
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PACKAGE, folder / "softcage", ignore=ignore)
    for module in {path.parent for path in folder.rglob("*.py")}:
        (module / "__pycache__").touch()
    return folder


@pytest.mark.parametrize("home", [{"HOME": "/dev/null"}, {"HOME": "nowhere"}])
@pytest.mark.parametrize("code", [KERNEL, MATPLOTLIB])
def test_caches_go_to_the_temporary_folder_if_home_cannot_be_written(
    read_only, tmp_path, home, code
):
    done = python(WRITABLE + code, read_only, TMPDIR=str(tmp_path), **home)
    assert (done.returncode, done.stderr) == (0, "")
    folder = tmp_path / f"softcage-{os.getuid()}"
    assert Path(done.stdout.strip()).is_relative_to(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert not Path("nowhere").exists()


def test_the_cache_of_a_home_that_can_be_written_is_used(read_only, tmp_path):
    home, temporary = tmp_path / "home", tmp_path / "tmp"
    home.mkdir()
    temporary.mkdir()
    done = python(WRITABLE + KERNEL, read_only, HOME=str(home), TMPDIR=str(temporary))
    assert Path(done.stdout.strip()).is_relative_to(home / ".cache" / "numba")
    assert not list(temporary.iterdir())


def test_a_folder_named_by_the_user_is_used(read_only, tmp_path):
    done = python(
        WRITABLE + KERNEL,
        read_only,
        HOME="/dev/null",
        TMPDIR=str(tmp_path),
        NUMBA_CACHE_DIR=str(tmp_path / "mine"),
    )
    assert Path(done.stdout.strip()).is_relative_to(tmp_path / "mine")


def test_a_cache_that_others_can_write_is_not_taken(read_only, tmp_path):
    (tmp_path / f"softcage-{os.getuid()}").mkdir()
    (tmp_path / f"softcage-{os.getuid()}").chmod(0o777)
    done = python(WRITABLE + KERNEL, read_only, HOME="/dev/null", TMPDIR=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert not Path(done.stdout.strip()).is_relative_to(tmp_path / f"softcage-{os.getuid()}")


def test_what_is_at_the_top_says_what_to_do_without_a_cache(read_only, tmp_path):
    done = python("import softcage; softcage.p_hop", read_only, HOME="/dev/null")
    assert done.returncode == 1
    reason = done.stderr.splitlines()[-1]
    assert "export NUMBA_CACHE_DIR=FOLDER" in reason and "use_writable_cache()" in reason
    done = python(f"{WRITABLE}softcage.p_hop", read_only, HOME="/dev/null", TMPDIR=str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("place", ["beside the modules", "NUMBA_CACHE_DIR", "XDG_CACHE_HOME"])
def test_kernels_older_than_a_module_are_dropped_wherever_they_are(tmp_path, monkeypatch, place):
    from numba.core.caching import UserWideCacheLocator

    module = tmp_path / "package" / "md" / "forces.py"
    module.parent.mkdir(parents=True)
    module.touch()
    name = UserWideCacheLocator.get_suitable_cache_subpath(str(module))
    caches = {
        "beside the modules": module.parent / "__pycache__",
        "NUMBA_CACHE_DIR": tmp_path / "numba" / name,
        "XDG_CACHE_HOME": tmp_path / "xdg" / "numba" / name,
    }
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "numba"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    old, new = (caches[place] / f"forces.{age}-1.py311.nbi" for age in ("old", "new"))
    caches[place].mkdir(parents=True)
    for path, age in ((old, -10), (new, 10)):
        path.touch()
        os.utime(path, times=(module.stat().st_mtime + age,) * 2)
    drop_stale_kernels(tmp_path / "package")
    assert not old.exists()
    assert new.exists()


@pytest.mark.slow
def test_kernels_are_compiled_anew_after_an_edit_of_what_they_call(tmp_path):
    """Numba alone goes on with the old code: the file of the function itself is as it was."""
    ignore = shutil.ignore_patterns("__pycache__", "compiled")
    shutil.copytree(PACKAGE, tmp_path / "softcage", ignore=ignore)
    shutil.copytree(PACKAGE / "compiled", tmp_path / "softcage" / "compiled")
    caller, called = (tmp_path / "softcage" / "md" / name for name in ("caller.py", "called.py"))
    called.write_text("from numba import njit\n\n@njit(cache=True)\ndef f():\n    return 1\n")
    caller.write_text(
        "from numba import njit\nfrom softcage.md.called import f\n\n"
        "@njit(cache=True)\ndef g():\n    return f()\n"
    )
    ask = "from softcage.md.caller import g; print(g())"
    assert python(ask, tmp_path).stdout == "1\n"
    called.write_text(called.read_text().replace("1", "2"))
    drop = "from softcage.compiled.caches import drop_stale_kernels; drop_stale_kernels(); "
    assert python(ask, tmp_path).stdout == "1\n"
    assert python(drop + ask, tmp_path).stdout == "2\n"


def test_numba_that_may_not_compile_is_one_line(tmp_path):
    code = (
        "import sys; from softcage.cli.command import main; "
        f"sys.exit(main(['score', 'x.gsd', '--temperature', '1', '--out', '{tmp_path}/x.csv']))"
    )
    done = python(code, NUMBA_DISABLE_JIT="1")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert "unset NUMBA_DISABLE_JIT" in done.stderr
    assert "Traceback" not in python(code, NUMBA_DISABLE_JIT="0").stderr


def test_kernels_are_not_compiled_where_numba_may_not(monkeypatch):
    from softcage.compiled.kernels import compile_kernels

    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")
    with pytest.raises(OSError, match="unset NUMBA_DISABLE_JIT"):
        compile_kernels()


# ---------------------------------------------------------------- damaged files of the cache
def total(a, b):
    return a + b


@pytest.fixture
def cached(tmp_path, monkeypatch):
    """The cache of a kernel that has been compiled for whole numbers and for real ones."""
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    assert kernel(total)(1, 2) == 3 and kernel(total)(0.5, 2.0) == 2.5
    return tmp_path


def flipped(content, at):
    k = int(at * len(content))
    return content[:k] + bytes([content[k] ^ 255]) + content[k + 1 :]


DAMAGE = {
    "none": lambda content: content,
    "empty": lambda content: b"",
    "half": lambda content: content[: len(content) // 2],
    "zeros": lambda content: bytes(len(content)),
    "a byte flipped in the middle": lambda content: flipped(content, 0.5),
    "a byte flipped near the end": lambda content: flipped(content, 0.999),
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("suffix", ["nbi", "nbc"])
def test_a_damaged_file_of_the_cache_is_made_anew(cached, suffix, damage):
    for path in cached.rglob(f"*.{suffix}"):
        path.write_bytes(DAMAGE[damage](path.read_bytes()))
    for expected in [0, 0] if damage == "none" else [2, 0]:
        function = kernel(total)
        assert function(1, 2) == 3 and function(0.5, 2.0) == 2.5
        assert sum(function.stats.cache_misses.values()) == expected


@pytest.mark.parametrize("suffix", ["nbi", "nbc"])
def test_a_file_of_the_cache_that_can_be_neither_read_nor_replaced_is_passed_over(cached, suffix):
    for path in cached.rglob(f"*.{suffix}"):
        path.unlink()
        path.mkdir()
    assert kernel(total)(1, 2) == 3
    assert not list(cached.rglob("*.tmp.*"))


def test_code_of_another_signature_under_the_name_of_one_is_not_run(cached):
    """As two processes leave it that write at once."""
    whole, real = sorted(cached.rglob("*.nbc"))
    real.write_bytes(whole.read_bytes())
    assert kernel(total)(0.5, 2.0) == 2.5

"""The environment is built with the first Python that will do, or the reader is told what to do."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FIT = """#!/bin/sh
case "$1" in
-c) exit 0 ;; # what it is asked to check
*)
    echo "${0##*/}" > chosen
    mkdir -p .venv/bin
    echo '#!/bin/sh' > .venv/bin/python
    chmod +x .venv/bin/python
    ;;
esac
"""
UNFIT = "#!/bin/sh\nexit 1\n"


@pytest.fixture
def made(tmp_path):
    """Make the environment where these programs are all that is there; return what make said."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("mkdir", "chmod", "touch"):
        (programs / name).symlink_to(shutil.which(name))
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")

    def make(*arguments, **scripts):
        for name, script in scripts.items():
            path = programs / name.replace("_", ".")
            path.write_text(script)
            path.chmod(0o755)
        return subprocess.run(
            [shutil.which("make"), ".venv/.locked", *arguments],
            cwd=tmp_path,
            env={"PATH": str(programs)},
            capture_output=True,
            text=True,
            check=False,
        )

    return make


@pytest.mark.parametrize(
    ("scripts", "chosen"),
    [
        ({"python3_13": FIT, "python3_12": FIT, "python3": FIT}, "python3.13"),
        # a name that is there and cannot run, or has no venv
        ({"python3_13": UNFIT, "python3_11": FIT, "uv": FIT}, "python3.11"),
        ({"python3": FIT}, "python3"),
        ({"python3": UNFIT, "uv": FIT}, "uv"),
    ],
)
def test_the_first_python_that_will_do_is_taken(made, tmp_path, scripts, chosen):
    done = made(**scripts)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "chosen").read_text().strip() == chosen
    assert (tmp_path / ".venv" / ".locked").is_file()


def test_without_any_the_message_says_what_to_install(made, tmp_path):
    done = made(python3=UNFIT)
    assert done.returncode != 0
    assert "softcage needs Python 3.11, 3.12 or 3.13 with its venv module" in done.stderr
    assert "none is on the PATH" in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_a_python_that_is_named_is_the_only_one_tried(made, tmp_path):
    done = made("PYTHON=python3.9", python3_13=FIT, python3_9=UNFIT, uv=FIT)
    assert done.returncode != 0
    assert "'python3.9' is not one" in done.stderr
    assert not (tmp_path / "chosen").exists()

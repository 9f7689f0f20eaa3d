"""A stand-in for conda, for machines that no channel reaches: environments are venvs.

It answers the calls that Snakemake makes and installs, with pip, the pins of the environment file
and nothing else but what these need, all in the versions of requirements/default.lock. What it
cannot show is that the channel has the packages.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(os.environ["STAND_IN_ROOT"])
BASE = Path(__file__).resolve().parents[1]
PIP_NAMES = {
    "matplotlib-base": "matplotlib",
    "freud": "freud-analysis",
}
# At the end of every script: the modules that do not come from its environment.
WATCH = """
import atexit, os, sys

def strangers():
    mine = (sys.prefix, os.environ["STAND_IN_WORKFLOW"])
    standard = os.path.dirname(os.__file__)
    found = set()
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if name == "__main__" or not file or file.startswith(mine):
            continue
        if "site-packages" in file or not file.startswith(standard):
            found.add(name.partition(".")[0])
    places = [os.path.basename(path) for path in (sys.prefix, sys.argv[0])]
    with open(os.environ["STAND_IN_LOG"], "a") as log:
        log.write("\\t".join([*places, " ".join(sorted(found))]) + "\\n")

atexit.register(strangers)
"""


def option(arguments, name):
    return arguments[arguments.index(name) + 1]


def create(environment, prefix):
    """Make a venv that holds the pins of an environment file."""
    content = yaml.safe_load(Path(environment).read_text())
    pins = [re.split(r"\s+=", pin) for pin in content["dependencies"]]
    wanted = [PIP_NAMES.get(name, name) for name, _ in pins if name != "python"]
    (python,) = [version for name, version in pins if name == "python"]
    assert sys.version.startswith(f"{python}."), f"{environment} is for Python {python}"
    subprocess.run([sys.executable, "-m", "venv", prefix], check=True)
    lock = (ROOT / "requirements" / "default.lock").read_text()
    versions = re.findall(r"^[a-z0-9._-]+==[^\s\\]+", lock, flags=re.MULTILINE)
    for name, version in pins:  # the unit tests compare both, so this only guards the stand-in
        exact = f"{PIP_NAMES.get(name, name)}=={version}"
        assert name == "python" or any(line.startswith(exact) for line in versions), exact
    constraints = Path(f"{prefix}.constraints.txt")
    constraints.write_text("\n".join(versions))
    pip = [f"{prefix}/bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--only-binary", ":all:", "-c", constraints, *wanted], check=True)
    (site,) = Path(prefix).glob("lib/python*/site-packages")
    (site / "sitecustomize.py").write_text(WATCH)


def main(arguments):
    with open(BASE / "calls.log", "a") as log:
        print(*arguments, file=log)
    match arguments:
        case ["--version"]:
            print("conda 24.7.1")
        case ["info", "--json"]:
            print(json.dumps({"conda_prefix": str(BASE), "platform": "linux-64"}))
        case ["config", "--get", "channel_priority", "--json"]:
            print(json.dumps({"get": {"channel_priority": "strict"}}))
        case ["env", "create", *_]:
            create(option(arguments, "--file"), option(arguments, "--prefix"))
        case ["clean", *_]:
            pass
        case _:
            sys.exit(f"the stand-in for conda does not know: conda {' '.join(arguments)}")


main(sys.argv[1:])

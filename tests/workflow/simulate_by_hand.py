"""Run workflow/scripts/simulate.py without Snakemake: ``python simulate_by_hand.py job.json``.

``job.json`` holds what Snakemake would pass. With ``crash: [name, n]`` the process kills itself
at the n-th call of a function that checkpoints and outputs are written with, halfway through it.
"""

import json
import os
import signal
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import simulate

import softcage.md.checkpoint


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def arm(name, countdown):
    """Make the ``countdown``-th call of ``name`` the last thing that this process does."""
    original = {"fsync": os.fsync, "replace": os.replace, "savez": np.savez}[name]

    def fatal(*arguments, **options):
        nonlocal countdown
        countdown -= 1
        if countdown > 0:
            return original(*arguments, **options)
        if name == "savez":  # half a file
            original(*arguments, **options)
            path = Path(arguments[0])
            os.truncate(path, path.stat().st_size // 2)
        return die()

    if name == "savez":
        softcage.md.checkpoint.np = SimpleNamespace(**{**vars(np), "savez": fatal})
    else:
        setattr(os, name, fatal)


def main():
    job = json.loads(Path(sys.argv[1]).read_text())
    if job.get("crash"):
        arm(*job["crash"])
    snakemake = SimpleNamespace(
        log=job["log"],
        threads=job["threads"],
        params=SimpleNamespace(**job["params"]),
        config=job["config"],
        output=SimpleNamespace(**job["output"]),
        wildcards=SimpleNamespace(T="1.0", replica="0"),
    )
    simulate.main(snakemake)


if __name__ == "__main__":
    main()

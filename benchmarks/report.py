"""Tables of results: one CSV a benchmark in benchmarks/results, with the machine in its head."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import pandas as pd

import softcage

RESULTS = Path(__file__).parent / "results"
COLUMNS = ["benchmark", "code", "version", "threads", "n", "value", "unit", "ratio"]
OURS = ("softcage", softcage.__version__)


def describe_machine() -> str:
    """Return the processor, how many cores this process may use, and the system."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text().splitlines()
        names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
        flags = next((line for line in lines if line.startswith("flags")), "")
        best = next((f for f in ("avx512f", "avx2", "avx") if f" {f} " in f"{flags} "), "")
        model = f"{names[0] if names else model} ({best})"
    return f"{model}, {len(os.sched_getaffinity(0))} cores, {platform.system()}"


def write(name: str, rows: list[dict], save: bool = True) -> None:
    """Print a benchmark's table; write it to benchmarks/results/<name>.csv."""
    table = pd.DataFrame(rows, columns=COLUMNS)
    print(table.to_string(index=False, float_format=lambda value: f"{value:.4g}"), flush=True)
    if save:
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / f"{name}.csv"
        text = table.to_csv(index=False, float_format="%.5g")
        path.write_text(f"# {describe_machine()}\n{text}")

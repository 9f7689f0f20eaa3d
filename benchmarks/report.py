"""Tables of results: one CSV a benchmark in benchmarks/results, with the machine in its head."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import pandas as pd

import softcage
from softcage.compiled.simd import AVX_512

RESULTS = Path(__file__).parent / "results"
COLUMNS = ["benchmark", "code", "version", "threads", "n", "value", "unit", "ratio"]
OURS = ("softcage", softcage.__version__)


def processor() -> tuple[str, str]:
    """Return the name of the processor and the widest vectors that it has."""
    model, cpuinfo = platform.processor() or platform.machine(), Path("/proc/cpuinfo")
    if not cpuinfo.exists():
        return model, ""
    lines = cpuinfo.read_text().splitlines()
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    flags = next((line for line in lines if line.startswith("flags")), "")
    best = next((f for f in ("avx512f", "avx2", "avx") if f" {f} " in f"{flags} "), "")
    return (names or [model])[0], best


def simd() -> str:
    """Return the widest vectors that the kernels use: less than there are if Numba is told so."""
    if platform.machine() not in ("x86_64", "AMD64"):
        return platform.machine()
    return "avx512f" if AVX_512 else "avx2"


def describe_machine() -> str:
    """Return the processor, how many cores this process may use, and the system."""
    name, best = processor()
    narrower = f", kernels for {simd()}" if best == "avx512f" != simd() else ""
    return f"{name} ({best}{narrower}), {len(os.sched_getaffinity(0))} cores, {platform.system()}"


def write(name: str, rows: list[dict], save: bool = True) -> None:
    """Print a benchmark's table; write it to benchmarks/results/<name>.csv.

    On a processor of Intel, to <name>_intel.csv; with kernels for less than the processor has, to
    <name>_<what they are for>.csv.
    """
    table = pd.DataFrame(rows, columns=COLUMNS)
    print(table.to_string(index=False, float_format=lambda value: f"{value:.4g}"), flush=True)
    if save:
        RESULTS.mkdir(exist_ok=True)
        model, best = processor()
        kind = f"_{simd()}" if best == "avx512f" != simd() else "_intel" * ("Intel" in model)
        path = RESULTS / f"{name}{kind}.csv"
        text = table.to_csv(index=False, float_format="%.5g")
        path.write_text(f"# {describe_machine()}\n{text}")

"""What the kernels become on AVX2, AVX-512 and NEON: ``python -m benchmarks.machine_code``.

The code that Numba hands to LLVM, of every kernel and of single operations of ``simd.py``, is
compiled for a processor of each kind, which need not be at hand, and the assembly of its innermost
loops is read. ``results/machine_code.csv`` has "vector + single": how many instructions there work
on vectors, and how many on one number (arithmetic, conversions, lanes taken out of a vector). An
operation with singles has fallen apart; a kernel may have some on purpose. Loops without vectors do
not count (the rest of a row that fills no vector); a kernel that has no others is "scalar".

``results/pipelines.csv`` has, for the loops of the force kernel with registers of 64 and of 32
bytes, how many cycles one pass takes on processors that need not be at hand, and in which share of
the cycles instructions wait for a unit that is busy or for a result: what llvm-mca finds (LLVM 19
or newer; without it there is no such table). It assumes that all data are in the first cache and
that no load waits for a store. Registers of 64 bytes need a processor with AVX-512.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator

import llvmlite.binding as llvm

# Kernels for registers of 64 bytes, by what AMD's and Intel's processors both have, or of 32.
WIDE = {
    "NUMBA_CPU_NAME": "znver4",
    "NUMBA_CPU_FEATURES": "+avx512f,+avx512bw,+avx512dq,+avx512vl,-sse4a",
}
NARROW = {"NUMBA_CPU_NAME": "x86-64-v3", "NUMBA_CPU_FEATURES": ""}
if llvm.get_host_cpu_features().get("avx512dq") and "NUMBA_CPU_NAME" not in os.environ:
    os.environ.update(WIDE)
# Code that comes from a cache has no listing, and optimised code is for this processor already.
FOLDER = tempfile.TemporaryDirectory()
os.environ.update(NUMBA_OPT="0", NUMBA_CACHE_DIR=FOLDER.name, PYTHONWARNINGS="ignore")

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from numba import njit  # noqa: E402
from numba.core.dispatcher import Dispatcher  # noqa: E402

from benchmarks.report import RESULTS  # noqa: E402
from softcage.compiled import simd  # noqa: E402
from softcage.compiled.kernels import compile_kernels  # noqa: E402

LEVELS = {
    "AVX2": ("x86_64-unknown-linux-gnu", "x86-64-v3"),
    "AVX-512": ("x86_64-unknown-linux-gnu", "x86-64-v4"),
    "NEON": ("aarch64-unknown-linux-gnu", "neoverse-n1"),
}
# Processors whose pipelines are simulated, by the names that LLVM has for them.
PROCESSORS = {"AMD Zen 5": "znver5", "Intel Sapphire Rapids": "sapphirerapids"}
SIMULATED = "md.forces._row_forces"
PASSES = 200
# What is done to a vector a; of which types, and that of the array o it goes to if it is another.
OPERATIONS = {
    "a / a": (lambda a, o: a / a, "f4 f8"),
    "a * a": (lambda a, o: a * a, "i4 i8"),
    "fma": (lambda a, o: simd.fma(a, a, a), "f4 f8"),
    "square_root": (lambda a, o: simd.square_root(a), "f4"),
    "nearest": (lambda a, o: simd.nearest(a), "f4 f8"),
    "select and less": (lambda a, o: simd.where(simd.less(a, a * a), a, -a), "f4 f8"),
    "bits": (lambda a, o: simd.broadcast(np.int64(simd.bits(simd.less(a, a * a)))), "f4>i8 f8>i8"),
    "largest": (lambda a, o: simd.broadcast(simd.largest(a)), "f4 f8"),
    "total": (lambda a, o: simd.broadcast(simd.total(a)), "i4 i8 f8"),
    "rounded": (lambda a, o: simd.rounded(a, o), "f4>i4 f8 f8>i8"),
    "fixed_coordinate": (lambda a, o: simd.fixed_coordinate(a, o), "f8>i4 f8"),
    "to_float": (lambda a, o: simd.to_float(a), "i4>f4"),
    "to_float64": (lambda a, o: simd.to_float64(a), "f4>f8 i4>f8"),
}
LABEL, TARGET = re.compile(r"(\.LBB\w+):"), re.compile(r"\t(?:j|b|[ct]bn?z).*?(\.LBB\w+)$")
# What works on vectors (an x86 sign or choice of one number looks so, too), and on one number.
VECTOR = re.compile(r"[yz]mm\d|\t(?!vx?or|vand|vmova|vblendv)v\w+\s.*xmm\d|\bv\d+\.\d*[bhsd]|\bq\d")
SINGLE = re.compile(
    r"\tv(?!broadcast)\w*s[sd]\s|\tvcvt\w*s[sd]2u?si|\tvcvtu?si2s|\tvp(extr|insr)"
    r"|\tvmov([qd]|[hl]p[sd])\s|\t([us]?mov|ins)\t.*\bv\d+\.[bhsd]\[|\t\w+\t(.*\W)?[ds]\d+\b"
)


def operations() -> Iterator[tuple[str, Dispatcher]]:
    """Yield loops that do one thing to the vectors of an array."""

    def over_vectors(operation):
        @njit
        def loop(x, out):
            for i in range(0, len(x), simd.LANES):
                simd.store(out, i, operation(simd.load(x, i), out))

        return loop

    for name, (operation, types) in OPERATIONS.items():
        for pair in types.split():
            element, _, result = pair.partition(">")
            loop = over_vectors(njit(operation))
            loop(np.ones(64, dtype=element), np.empty(64, dtype=result or element))
            yield f"{name} {pair}", loop


def kernels() -> Iterator[tuple[str, Dispatcher]]:
    """Yield the kernels of the library, compiled."""
    # With one core no second process compiles some of them, whose code would come from the cache.
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    compile_kernels()
    for name, module in sorted(sys.modules.items()):
        if name.startswith("softcage."):
            for kernel in vars(module).values():
                if isinstance(kernel, Dispatcher) and kernel.py_func.__module__ == name:
                    yield f"{name.removeprefix('softcage.')}.{kernel.py_func.__name__}", kernel


def assembly(code: str, triple: str, cpu: str) -> str:
    """Return Numba's code optimised and compiled for a processor."""
    machine = llvm.Target.from_triple(triple).create_target_machine(cpu=cpu, opt=3)
    module = llvm.parse_assembly(code)
    module.triple, module.data_layout = triple, str(machine.target_data)
    # as Numba does: functions put into one another, idle reference counts out, then everything
    for level in (0, 3):
        options = llvm.create_pipeline_tuning_options(speed_level=level)
        options.loop_vectorization = level > 0
        options.slp_vectorization = options.loop_unrolling = False
        passes = llvm.create_pass_builder(machine, options)
        manager = passes.getModulePassManager()
        if level == 0:
            manager.add_loop_rotate_pass()
            manager.add_instruction_combine_pass()
            manager.add_jump_threading_pass()
        manager.add_refprune_pass()
        manager.run(module, passes)
    return machine.emit_assembly(module)


def loops(listing: str, wanted: Callable[[str], bool]) -> Iterator[list[str]]:
    """Yield the innermost loops of the functions that are wanted: from a label to a jump to it."""
    for function in re.split(r"^(?=[_a-zA-Z][^\s:]*:)", listing, flags=re.MULTILINE)[1:]:
        if wanted(function.partition(":")[0]):
            labels: dict[str, int] = {}
            lines = function.splitlines()
            for place, line in enumerate(lines):
                if label := LABEL.match(line):
                    labels[label[1]] = place
                elif (jump := TARGET.match(line)) and (begin := labels.get(jump[1])):
                    yield lines[begin:place]
                    labels.clear()  # a loop around this one is none of the innermost


def describe(code: str, symbol: str, level: str) -> str:
    """Return "vector + single" of a function and of its parallel loops."""
    listing = assembly(code, *LEVELS[level])
    counts = np.zeros(2, dtype=int)
    for loop in loops(listing, lambda name: name == symbol or name.startswith("_ZN13_3cdynamic")):
        single = sum(bool(SINGLE.match(line)) for line in loop)
        vector = sum(bool(VECTOR.search(line)) and not SINGLE.match(line) for line in loop)
        counts += [vector, single] if vector else [0, 0]
    return f"{counts[0]} + {counts[1]}" if counts[0] else "scalar"


def simulators() -> list[str]:
    """Return the versions of llvm-mca that are installed, the newest first."""
    names = [f"llvm-mca-{version}" for version in range(30, 18, -1)]
    return [path for name in [*names, "llvm-mca"] if (path := shutil.which(name))]


def pipeline(tool: str, loop: list[str], cpu: str) -> dict[str, float]:
    """Return the cycles of one pass of a loop, and the shares (%) of cycles that wait."""
    done = subprocess.run(
        [tool, f"-mcpu={cpu}", f"-iterations={PASSES}", "-bottleneck-analysis"],
        input="\n".join(loop) + "\n", capture_output=True, text=True, check=True,
    )  # fmt: skip

    def number(words: str) -> float:
        found = re.search(words + r"\D*([\d.]+)", done.stdout)
        return float(found[1]) if found else 0.0

    return {
        "cycles": number("Total Cycles:") / PASSES,
        "waits_for_units": number("Resource Pressure"),
        "waits_for_results": number("Data Dependencies:"),
    }


def pipelines(tool: str) -> pd.DataFrame:
    """Return the loops of the force kernel with vectors, on all processors."""
    rows = []
    kernel = dict(kernels())[SIMULATED]
    for signature, code in kernel.inspect_llvm().items():
        symbol = kernel.overloads[signature].fndesc.mangled_name
        mixed = {str(t.dtype) for t in signature if hasattr(t, "dtype")} & {"float32"}
        about = {"code": f"{SIMULATED} {'mixed' if mixed else 'double'}"}
        for level in ("AVX-512",) if simd.REGISTER == 64 else ("AVX2", "AVX-512"):
            found = loops(assembly(code, *LEVELS[level]), lambda name: name == symbol)  # noqa: B023
            for number, loop in enumerate(found, start=1):
                if any(VECTOR.search(line) for line in loop):
                    what = {"register": simd.REGISTER, "level": level, "loop": number}
                    what |= {"instructions": len(loop) - 1}
                    for words, cpu in PROCESSORS.items():
                        rows.append(about | what | {"processor": words} | pipeline(tool, loop, cpu))
    return pd.DataFrame(rows)


def narrower_pipelines() -> pd.DataFrame:
    """Return the same for registers of 32 bytes, from a process that has no wider ones."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.machine_code", "pipelines"],
        env=os.environ | NARROW, stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    return pd.read_csv(io.StringIO(done.stdout))


def main() -> None:
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    if sys.argv[1:] == ["pipelines"]:
        pipelines(simulators()[0]).to_csv(sys.stdout, index=False)
        return
    rows = []
    for name, kernel in (*operations(), *kernels()):
        listings = kernel.inspect_llvm()
        for signature, code in listings.items():
            symbol = kernel.overloads[signature].fndesc.mangled_name
            types = {str(t.dtype) for t in signature if hasattr(t, "dtype")}
            precision = " mixed" if types & {"int32", "float32"} else " double"
            row = {"code": name + precision * (name.startswith("md.") and len(listings) > 1)}
            rows.append(row | {level: describe(code, symbol, level) for level in LEVELS})
    table = pd.DataFrame(rows).drop_duplicates()
    table = table[(table[list(LEVELS)] != "scalar").any(axis=1)]
    print(table.to_string(index=False))
    table.to_csv(RESULTS / "machine_code.csv", index=False)
    if tools := simulators():
        simulated = pipelines(tools[0])
        if simd.REGISTER == 64:
            simulated = pd.concat([simulated, narrower_pipelines()])
        print(simulated.to_string(index=False))
        simulated.to_csv(RESULTS / "pipelines.csv", index=False, float_format="%.4g")
    else:
        print("llvm-mca is not installed: no table of pipelines")


if __name__ == "__main__":
    main()

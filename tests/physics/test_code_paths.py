"""The same start gives the same bytes on any x86, with the instructions of AVX2 or of AVX-512."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from llvmlite.binding import get_host_cpu_features

import softcage
from softcage.md.simulation import KERNEL

# of processors of AMD and of Intel, and of NumPy 2.4 and 2.5
DIGEST = "2d35b5991365a5f475497b04695185acb00a11e9d2444775a5aaf068b8f6481a"
# what AMD's processors have and Intel's have, too
AVX512 = ["+avx512f", "+avx512bw", "+avx512dq", "+avx512vl", "-sse4a"]
RUN = """
import hashlib
from softcage.md.integrator import Thermostat, advance, initial_state, observables, start
from softcage.md.minimise import minimise
from softcage.compiled.simd import REGISTER
from softcage.model import kob_andersen

mixture, thermostat = kob_andersen(), Thermostat(1.5)
state, text = initial_state(mixture, 500, 1.2, 1.5, 3, 7), ""
for precision in ("mixed", "double"):
    engine = start(mixture, state, precision)
    advance(engine, 300, 0.0025, thermostat)
    assert engine.rebuilds > 2
    for value in (*vars(engine.state).values(), observables(engine, thermostat)):
        text += value.tobytes().hex() if hasattr(value, "tobytes") else repr(value)
positions = minimise(engine.state.positions, state.species, state.box, mixture, max_steps=20)[0]
print(REGISTER, hashlib.sha256((text + positions.tobytes().hex()).encode()).hexdigest())
"""


def run(**variables: str) -> list[str]:
    """Return the bytes of a register and the digest of a short run."""
    path = str(Path(softcage.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", RUN],
        env={**os.environ, "PYTHONPATH": path, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.fixture(scope="module")
def own() -> list[str]:
    """What this processor gives, with the kernels of all other tests."""
    return run()


@pytest.mark.slow
@pytest.mark.skipif(not get_host_cpu_features().get("avx2"), reason="needs an x86 with AVX2")
def test_other_bytes_are_those_of_another_kernel(own):
    """A checkpoint says which kernel wrote it, and is continued by no other."""
    assert (KERNEL, own[1]) == ("3", DIGEST)


@pytest.mark.slow
def test_registers_of_any_width_give_the_same_bytes(own, tmp_path):
    """Clusters have another size, conversions other instructions: sums are exact in all."""
    if not get_host_cpu_features().get("avx512dq"):
        pytest.skip("this processor has no AVX-512")
    cache = {"NUMBA_CACHE_DIR": str(tmp_path)}
    avx2 = run(NUMBA_CPU_NAME="haswell", NUMBA_CPU_FEATURES="", **cache)
    wide = run(NUMBA_CPU_NAME="znver4", NUMBA_CPU_FEATURES=",".join(AVX512), **cache)
    assert (wide[0], avx2[0]) == ("64", "32")
    assert own[1] == wide[1] == avx2[1]

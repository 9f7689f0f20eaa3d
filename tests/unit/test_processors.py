"""Depth, g(r), S(q) and p_hop are the same bytes with AVX2 and with AVX-512."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from llvmlite.binding import get_host_cpu_features

import softcage
from softcage.cage.local_depth import depth_tables, local_depths
from softcage.dynamics.hops import p_hop
from softcage.model import kob_andersen
from softcage.structure.rdf import pair_counts
from softcage.structure.structure_factor import lattice_vectors, partial_structure_factors

AVX2 = {"NUMBA_CPU_NAME": "x86-64-v3", "NUMBA_CPU_FEATURES": "+avx2,+fma"}


def results():
    """Digests of what is found in a disordered crystal, with all widths of the study."""
    rng = np.random.default_rng(0)
    n, box = 1000, (1000 / 1.2) ** (1 / 3)
    lattice = np.stack(np.meshgrid(*[np.arange(10)] * 3), axis=-1).reshape(-1, 3) * box / 10
    positions = lattice + rng.normal(0.0, 0.05, (n, 3))
    species = (rng.random(n) < 0.2).astype(np.int64)
    tables = depth_tables(
        kob_andersen().potential, 0.5, [0.9, 0.75], [1.42, 1.25], [0.02, 0.04, 0.09, 0.12], 1.2,
        [0.8, 0.2],
    )  # fmt: skip
    vectors, shell, _ = lattice_vectors(box, 8.0, 0.2, 30)
    arrays = {
        "depth": local_depths(positions, species, box, tables),
        "g(r)": pair_counts(positions, species, box, 0.5 * box, 0.005),
        "p_hop": p_hop(np.cumsum(rng.normal(0.0, 0.1, (50, n, 3)), axis=0), 5),
        "S(q)": partial_structure_factors(positions, species, box, vectors, shell),
    }
    assert all(np.isfinite(array).all() and array.any() for array in arrays.values())
    return {name: hashlib.sha256(array.tobytes()).hexdigest() for name, array in arrays.items()}


@pytest.mark.slow
@pytest.mark.skipif(not get_host_cpu_features().get("avx2"), reason="needs an x86 with AVX2")
def test_avx2_gives_the_bytes_of_this_processor(tmp_path):
    own = {"NUMBA_CACHE_DIR": str(tmp_path), "PYTHONPATH": str(Path(softcage.__file__).parents[1])}
    answer = subprocess.run(
        [sys.executable, __file__],
        env={**os.environ, **AVX2, **own},
        capture_output=True,
        text=True,
    )
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout) == results()


if __name__ == "__main__":
    print(json.dumps(results()))

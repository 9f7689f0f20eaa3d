"""Make a configuration that shares a part of its structure with another one.

Output: ``propensity/T{T}/c{original}/{shared}/start.npz``
(:class:`softcage.isoconfigurational.runs.Start`).
"""

import numba
import pandas as pd

from softcage.compiled.kernels import compile_kernels
from softcage.io.log import logged
from softcage.isoconfigurational.copies import with_same_cages, with_same_sphere
from softcage.isoconfigurational.runs import APART, read_start, write_arrays
from softcage.md.interruption import end_with_parent
from softcage.model import Mixture


def main(snakemake):
    """Copy the cages, or the sphere for as long as configurations of one run are apart."""
    p, files = snakemake.params, snakemake.input
    end_with_parent()
    with logged(snakemake.log[0]) as log:
        compile_kernels()
        numba.set_num_threads(1)
        liquid = Mixture.from_dict(p.mixture), float(snakemake.wildcards.T)
        begin = read_start(files.start)
        if snakemake.wildcards.shared == "same_cages":
            copied = with_same_cages(begin, *liquid, p.seed)
        else:
            time = APART * float(pd.read_csv(files.relaxation)["tau_alpha"].iloc[0])
            log.info("t = %.6g around the sphere", time)
            copied = with_same_sphere(begin, *liquid, time, p.seed, p.engine)
        write_arrays(snakemake.output[0], copied)


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)

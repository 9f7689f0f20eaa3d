"""One batch of runs from one configuration, each with other random velocities.

Output: ``propensity/T{T}/c{configuration}/b{batch}.npz``, sums over the runs of the batch
(:class:`softcage.isoconfigurational.runs.DrawSums`), which can be added to those of other batches.
"""

import numba

from softcage.compiled.kernels import compile_kernels
from softcage.io.log import logged
from softcage.isoconfigurational.runs import add_up, read_start, run_draw, write_arrays
from softcage.md.interruption import end_with_parent
from softcage.model import Mixture


def main(snakemake):
    """Run the draws one after the other and write their sums."""
    p = snakemake.params
    end_with_parent()
    with logged(snakemake.log[0]) as log:
        compile_kernels()
        numba.set_num_threads(1)
        mixture, begin = Mixture.from_dict(p.mixture), read_start(snakemake.input.start)
        temperature = float(snakemake.wildcards.T)

        def runs():
            for number, seed in p.draws:
                moved = run_draw(mixture, begin, seed, temperature=temperature, **p.engine)
                log.info(
                    "draw %d: mean |dr| %.4g at t = %g", number, moved[-1].mean(), begin.times[-1]
                )
                yield number, moved

        write_arrays(snakemake.output[0], add_up(runs(), p.overlap_radius))


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)

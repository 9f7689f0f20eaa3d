"""Take one configuration from a file that others have made.

Output: ``propensity/T{T}/c{configuration}/start.npz``
(:class:`softcage.isoconfigurational.runs.Start`).
"""

import numpy as np

from softcage.io.log import logged
from softcage.isoconfigurational.files import read_configuration
from softcage.isoconfigurational.runs import Start, recording_steps, write_arrays
from softcage.model import Mixture


def main(snakemake):
    """Write the positions of the file with the steps at which runs from it record displacements."""
    p = snakemake.params
    with logged(snakemake.log[0]) as log:
        found = read_configuration(snakemake.input[0], Mixture.from_dict(p.mixture), p.density)
        steps = recording_steps(p.times, p.timestep)
        write_arrays(
            snakemake.output[0],
            Start(
                types=found.species,
                positions=found.positions % found.box,
                averaged=None if found.averaged is None else found.averaged % found.box,
                box=found.box,
                steps=steps,
                times=np.round(steps * p.timestep, 9),
            ),
        )
        log.info("%s; runs of %d steps", found.name, steps[-1])


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)

"""Take one configuration from a file that others have made.

Output: ``propensity/T{T}/c{configuration}/start.npz``
(:class:`softcage.isoconfigurational.runs.Start`).
"""

from softcage.io.log import logged
from softcage.isoconfigurational.files import read_configuration
from softcage.isoconfigurational.runs import start_of, write_arrays
from softcage.model import Mixture


def main(snakemake):
    """Write the positions of the file with the steps at which runs from it record displacements."""
    p = snakemake.params
    with logged(snakemake.log[0]) as log:
        found = read_configuration(snakemake.input[0], Mixture.from_dict(p.mixture), p.density)
        start = start_of(
            found.species, found.positions, found.averaged, found.box, p.times, p.timestep
        )
        write_arrays(snakemake.output[0], start)
        log.info("%s; runs of %d steps", found.name, start.steps[-1])


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)

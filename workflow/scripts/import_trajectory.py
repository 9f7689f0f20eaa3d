"""Convert a trajectory made elsewhere into the files of a simulated run."""

from pathlib import Path

from softcage.compiled.kernels import compile_kernels
from softcage.io.external import open_external
from softcage.io.log import logged
from softcage.md.imported import import_run
from softcage.md.simulation import Protocol
from softcage.model import Mixture


def main(snakemake):
    """Read, check and convert one run."""
    p = snakemake.params
    with logged(snakemake.log[0]) as log:
        compile_kernels()
        mixture = Mixture.from_dict(p.mixture)
        external = open_external(
            snakemake.input.trajectory,
            mixture,
            species=p.source.get("species"),
            topology=p.source.get("topology"),
            length_unit=p.source.get("length_unit"),
            unwrapped=p.source.get("unwrapped"),
        )
        n_read, n_used, thermo = import_run(
            external,
            Path(snakemake.output.uniform).parent,
            mixture,
            Protocol(seed=0, **p.protocol),  # no random numbers are used
            p.hop_windows,
            p.source.get("interval"),
        )
        log.info("%s: %d frames read, %d used", external.name, n_read, n_used)
        log.info("u = %.5f, computed from the positions", thermo["potential_energy"].mean())


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)

"""Save the configuration that was run: defaults, overlay and command line merged."""

from softcage.io.atomic_file import replacing
from softcage.io.log import logged


def main(snakemake):
    """Write the text that the workflow resolved."""
    with logged(snakemake.log[0]) as log:
        with replacing(snakemake.output[0]) as temporary:
            temporary.write_text(snakemake.params.text)
        log.info("wrote %s", snakemake.output[0])


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)

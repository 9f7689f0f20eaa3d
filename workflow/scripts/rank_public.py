"""Score descriptors and learned predictors against the propensity in files made elsewhere.

Outputs: what ``softcage propensity`` writes, in ``public/<name>``.
"""

import argparse
import tempfile
from pathlib import Path

import yaml

from softcage.cli.propensity import run
from softcage.io.log import logged


def main(snakemake):
    """Call the command with the parameters of the rule."""
    p, files = snakemake.params, snakemake.input
    with logged(snakemake.log[0]), tempfile.TemporaryDirectory() as folder:
        potential = Path(folder) / "mixture.yaml"
        potential.write_text(yaml.safe_dump({"mixture": dict(p.mixture)}))
        options = argparse.Namespace(
            files=list(files.files),
            temperature=p.temperature,
            out=str(Path(snakemake.output.tables[0]).parent),
            unseen=list(files.unseen),
            density=p.density,
            lengths=None,
            folds=None,
            no_learned=False,
            calibration=next(iter(files.calibration), None),
            potential=potential,
            quiet=True,
        )
        run(options)


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)

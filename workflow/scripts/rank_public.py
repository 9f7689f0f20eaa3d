"""Score descriptors and learned predictors against the propensity in files made elsewhere.

Outputs: what ``softcage propensity`` writes, in ``public/<name>``; learned predictors are left out
with fewer than three configurations.
"""

import argparse
import tempfile
from pathlib import Path

import yaml

from softcage.cage.calibration import read_line
from softcage.cli.propensity import propensity_command
from softcage.defaults import CLOSURE
from softcage.io.log import logged
from softcage.ranking.learned import FOLDS


def main(snakemake):
    """Call the command with the parameters of the rule."""
    p, files = snakemake.params, snakemake.input
    calibration = next(iter(files.calibration), None)
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
            folds=min(len(files.files), FOLDS),
            no_learned=len(files.files) < 3,
            calibration=calibration,
            closure=read_line(calibration).closure if calibration else CLOSURE,
            potential=potential,
            quiet=True,
        )
        propensity_command(options)


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)

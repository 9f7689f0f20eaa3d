"""Put the scores of all temperatures into one table, and draw the best against time and T.

Outputs: ``beyond/scores.csv`` and ``beyond/times.png`` (and PDF).
"""

import pandas as pd

from softcage.io.atomic_file import replacing
from softcage.io.log import logged
from softcage.plotting.predictors import draw_times
from softcage.plotting.style import save_figure


def main(snakemake):
    """Read the tables, write one and its figure."""
    p, files, output = snakemake.params, snakemake.input, snakemake.output
    with logged(snakemake.log[0]) as log:
        tables = [
            pd.read_csv(path).assign(T=T)
            for path, T in zip(files.scores, p.temperatures, strict=True)
        ]
        scores = pd.concat(tables, ignore_index=True)
        with replacing(output.scores) as temporary:
            scores.to_csv(temporary, index=False)
        tau = [pd.read_csv(path)["tau_alpha"].iloc[0] for path in files.relaxation]
        figure = draw_times(scores, dict(zip(p.temperatures, tau, strict=True)))
        save_figure(figure, [output.png, output.pdf], p.dpi)
        log.info("%d rows", len(scores))


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)

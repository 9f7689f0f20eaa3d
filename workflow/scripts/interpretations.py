"""Is there one interpretation of the paper that gives all of its numbers?

The paper leaves several choices open. Every combination of these choices, called answers to
questions (:mod:`softcage.interpretations.questions`), is measured and scored against all numbers of
the paper at once (:mod:`softcage.interpretations.combinations`).

Outputs, the first two also as pages:

- ``interpretations.csv``: results if one question at a time is answered differently,
- ``combinations.csv``: the interpretations nearest to the paper (its page has the verdict),
- ``interpretations/numbers.csv``: each number of the paper and the results of the interpretations,
- ``interpretations/given.csv``: how many interpretations give how many of the numbers,
- ``interpretations/options.csv``: the smallest distance from the paper for each answer,
- ``interpretations/constraint.csv``: what the shares for softness and depth imply for c0 / c1,
- ``interpretations/verdict.md``: the verdict in words.
"""

import numpy as np
import pandas as pd

from softcage.interpretations import combinations, questions
from softcage.interpretations.constraint import constraints
from softcage.io.atomic_file import replacing
from softcage.io.csv_table import write_table
from softcage.io.log import logged
from softcage.model import Mixture, is_kob_andersen
from softcage.prediction.counts import bin_edges
from softcage.tables import select


def main(snakemake):
    """Read counts, cages and curves; write tables and pages."""
    p, files, T = snakemake.params, snakemake.input, list(snakemake.params.temperatures)

    def by_temperature(values):
        return dict(zip(T, values, strict=True))

    with logged(snakemake.log[0]) as log:
        counts = by_temperature(np.array_split(files.counts, len(T)))
        curves = by_temperature(dict(np.load(path)) for path in files.curves)
        way = {name: p.questions[name] for name in ("q_max", "route")}
        cages = select(pd.read_csv(files.cages), **way)
        relaxation = pd.concat(map(pd.read_csv, files.relaxation))
        runs = pd.read_csv(files.equilibration)
        short = sorted(set(runs.loc[runs["verdict"] != "equilibrated", "T"]))

        asked = questions.questions(**p.questions)
        mixture = Mixture.from_dict(p.mixture)
        claims = p.claims if is_kob_andersen(mixture, p.density) else []
        lines = questions.lines(asked, curves, cages, mixture.potential, p.harmonic_range)
        measured = questions.measure(asked, counts, lines, bin_edges(**p.softness_bins), p.bins)
        p_c = relaxation[["p_c", "p_c_error"]].to_numpy().T
        p_c = questions.claimed_p_c(T, *p_c, p.p_c_paper)
        scores = combinations.score_interpretations(claims, asked, measured, T, p_c)

        single = questions.one_at_a_time_table(asked, measured)
        best = combinations.best_table(asked, scores)
        numbers = combinations.numbers_table(asked, scores)
        options = combinations.options_table(asked, scores)
        curve, shares = constraints(asked, counts, lines, scores)
        verdict = combinations.verdict_in_words(asked, scores, numbers, short)
        words = "\n\n".join([*verdict, *shares])
        for name, table in {
            "table": single, "combinations": best, "numbers": numbers, "options": options,
            "given": combinations.given_table(scores), "constraint": curve,
        }.items():  # fmt: skip
            write_table(snakemake.output[name], table)
        page = combinations.combinations_page(best, numbers, options, words, p.study)
        for name, text in {
            "page": questions.one_at_a_time_page(single, p.study, T[0]),
            "combinations_page": page,
            "verdict": words + "\n",
        }.items():
            with replacing(snakemake.output[name]) as path:
                path.write_text(text, encoding="utf-8")
        log.info("\n%s", words)


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)

"""The results of a study on one page of Markdown, written from its tables."""

from __future__ import annotations

import numpy as np
import pandas as pd

from softcage.tables import plus_minus, text_of

# The rules of each stage of the study; all other rules draw figures and write tables.
_STAGES = {
    "simulations": ("simulate", "import_trajectory"),
    "structure": ("structure", "cage", "calibration"),
    "softness": ("softness", "local_rdf"),
    "dynamics": ("relaxation", "quench", "relaxation_summary", "hops", "hop_example", "propagator"),
    "prediction": (
        *("prediction", "arrhenius", "extrapolation", "correlation", "rearranging_rdf"),
        *("q_max", "interpretation_counts", "interpretations"),
    ),
    "propensity": (
        *("configuration", "configuration_of_file", "copied_configuration"),
        *("isoconfigurational_runs", "propensity", "bounds", "descriptors", "rank_propensity"),
        *("rank_public", "fit_public", "beside_published", "transfer", "rank_hops", "ranking"),
        *("maps", "hop_environment_sums", "hop_environment"),
    ),
}
_REST = "figures and tables"
STAGE_OF = {rule: stage for stage, rules in _STAGES.items() for rule in rules}

_PAGE = """# Summary of the study `{study}`

The rule `summary` writes this page from the tables beside it. Numbers are ours ± one standard
error, in reduced Lennard-Jones units.

## Numbers of the paper

The paper gives no errors, so that distances are in units of our standard error. Verdicts:
{number_verdicts}.

{numbers}

## Statements of the paper

The note says what our number is, and its limit if the statement sets one. Verdicts:
{statement_verdicts}.

{statements}

## Equilibration

{equilibration}

`equilibration.csv` has every run and every check.

## Interpretations of the paper

The paper leaves several choices open. Each row has one choice of its own; all others are those of
the study, which are marked as default. Shares of the particles softer than the peak of P(S) and the
ROC AUC are those at the lowest temperature. Inherent structures are computed in fewer frames.

{interpretations}

### All combinations of choices

{verdict}

Figure S7, `combinations.csv` and the tables in `interpretations/` have more.

## Costs

{costs}

The jobs took {processor:.0f} minutes of processor time, and {wall:.0f} minutes of wall time if they
are added up. `costs.csv` has each job.

## Origin

Commit {commit}, {date}, {machine}.
`provenance.csv` has the versions, `config.yaml` the configuration.
"""


def markdown_table(table: pd.DataFrame) -> str:
    """Return a table in Markdown, with four digits of each number and without the index."""
    rows = [list(table.columns), ["---"] * table.shape[1], *table.astype(object).to_numpy()]
    cells = ([text_of(cell).replace("|", r"\|") for cell in row] for row in rows)
    return "\n".join(f"| {' | '.join(row)} |" for row in cells)


def with_errors(table: pd.DataFrame, name: str, digits: int, scale: float = 1.0) -> list[str]:
    """Return a column and its standard error as text, with ``digits`` digits after the point."""
    pairs = zip(scale * table[name], scale * table[f"{name}_error"], strict=True)
    return [plus_minus(*pair, digits) for pair in pairs]


def comparison_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of ``comparison.csv`` as they stand in the page."""
    pairs = zip(table["ours"], table["standard_error"], strict=True)
    names = [
        f"{row.quantity} (delta = {row.delta:g})" if row.id == "soft_share_delta" else row.quantity
        for row in table.itertuples()
    ]
    page = pd.DataFrame(
        {
            "quantity": names,
            "T": table["T"].astype(object).fillna("all"),
            "paper": table["paper"],
            "ours": [plus_minus(*pair) for pair in pairs],
            "verdict": table["verdict"],
            "note": table["note"],
        }
    )
    return page if table["paper"].notna().any() else page.drop(columns="paper")


def verdicts(table: pd.DataFrame) -> str:
    """Return the numbers of each verdict in rows of ``comparison.csv``, in words."""
    counts = table["verdict"].str.replace(r" within .*| \(.*", "", regex=True).value_counts()
    return ", ".join(f"{words}: {n}" for words, n in counts.sort_index().items()) or "none"


def equilibration_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return one row per temperature from ``equilibration.csv``."""
    runs = table.groupby("T")
    tau = runs["tau_alpha"].first()
    distance = (table["u"] - table["u_reference"]).abs()
    columns = {
        "T": tau.index,
        "runs": runs.size(),
        "tau_alpha": tau,
        "equilibrated for (tau_alpha)": runs["equilibration_time"].min() / tau,
        "run for (tau_alpha)": runs["production_time"].min() / tau,
        "u from the reference, at most": distance.groupby(table["T"]).max(),
        "crystalline, at most (%)": 100 * runs["solid_fraction"].max(),
        "verdicts": runs["verdict"].agg(lambda words: ", ".join(sorted(set(words)))),
        "reasons": runs["reasons"].agg(lambda words: "; ".join(sorted(set(words.dropna())))),
    }
    return pd.DataFrame(columns)


def interpretations_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return the results of each interpretation from ``interpretations.csv``."""
    default = np.where(table["default"].isna(), "", " (default)")
    columns = {
        "choice": table["ambiguity"],
        "interpretation": table["interpretation"] + default,
        "support in the paper": table["paper"],
        "softer, of rearranging particles (%)": with_errors(
            table, "share_rearranging", 1, scale=100
        ),
        "softer, of all particles (%)": with_errors(table, "share_all", 1, scale=100),
        "ROC AUC": with_errors(table, "auc", 3),
        "lines cross at T": with_errors(table, "T_cross", 4),
        "smallest barrier": with_errors(table, "barrier_low", 2),
        "largest barrier": with_errors(table, "barrier_high", 2),
    }
    return pd.DataFrame(columns)


def costs_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return one row per stage from ``costs.csv``."""
    stages = table.groupby(table["rule"].map(STAGE_OF).fillna(_REST))
    columns = {
        "jobs": stages.size(),
        "processor time (minutes)": stages["cpu_seconds"].sum() / 60,
        "memory of the largest job (MB)": stages["max_rss_mb"].max(),
    }
    order = [stage for stage in [*_STAGES, _REST] if stage in stages.groups]
    return pd.DataFrame(columns).loc[order].round().astype(int).rename_axis("stage").reset_index()


def summary(
    study: str,
    verdict: str,
    comparison: pd.DataFrame,
    equilibration: pd.DataFrame,
    interpretations: pd.DataFrame,
    costs: pd.DataFrame,
    provenance: pd.DataFrame,
) -> str:
    """Return ``SUMMARY.md`` of a study.

    Parameters
    ----------
    study : str
        Name of the study.
    verdict : str
        Sentences on all combinations of interpretations (``interpretations/verdict.md``).
    comparison, equilibration, interpretations, costs, provenance : DataFrame
        The tables of these names in the folder of the study.
    """
    is_statement = comparison["id"].str.startswith("trend_")
    numbers, statements = comparison[~is_statement], comparison[is_statement]
    origin = provenance.set_index("what")["value"]
    return _PAGE.format(
        study=study,
        number_verdicts=verdicts(numbers),
        numbers=markdown_table(comparison_table(numbers)),
        statement_verdicts=verdicts(statements),
        statements=markdown_table(comparison_table(statements)),
        equilibration=markdown_table(equilibration_table(equilibration)),
        interpretations=markdown_table(interpretations_table(interpretations)),
        verdict=verdict.strip(),
        costs=markdown_table(costs_table(costs)),
        processor=costs["cpu_seconds"].sum() / 60,
        wall=costs["seconds"].sum() / 60,
        commit=origin["commit"],
        date=origin["date"],
        machine=origin["processor"],
    )

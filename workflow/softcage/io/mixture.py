"""Read the mixture from a YAML file, such as the configuration of a study."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from softcage.io.pair_table import read_pair_table
from softcage.model import Composition, Mixture, kob_andersen

KOB_ANDERSEN_WORD = "kob-andersen"
# The numbers of tables, thousands of lines, take it a tenth of the time.
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_mixture(path: str | Path | None) -> Mixture:
    """Return the mixture of a YAML file with the group ``mixture``.

    It is that of Kob and Andersen for the word ``kob-andersen``, and by default.

    Raises
    ------
    ValueError
        If the file is missing or has no such group, or the group is not valid.
    """
    if path is None or str(path) == KOB_ANDERSEN_WORD:
        return kob_andersen()
    liquid = read_composition(path)
    if not isinstance(liquid, Mixture):
        raise ValueError(
            f"{path}: its group mixture has no potential, such as that of sigma, epsilon and cutoff"
        )
    return liquid


def read_composition(path: str | Path) -> Composition:
    """Return the mixture of a YAML file, or its species and fractions if it has no potential.

    Files of tables are read; their paths are relative to the folder of the YAML file.

    Raises
    ------
    ValueError
        If the file is missing or has no group ``mixture``, the group is not valid, or the file of a
        table cannot be used.
    """
    try:
        content = yaml.load(Path(path).read_text(encoding="utf-8"), LOADER)["mixture"]
        known = set(content) - {"species", "fractions", "masses"}
        liquid = Composition.from_dict(content)
        if known:
            content = content | _with_numbers(liquid, content.get("tables"), Path(path).parent)
        return Mixture.from_dict(content) if known else liquid
    except OSError as error:
        raise ValueError(f"{path}: cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError, ValueError) as error:
        reason = " ".join(str(error).split())
        if reason.startswith(("mixture.", "the table", "table ")):
            raise ValueError(f"{path}: {reason}") from error
        raise ValueError(
            f"{path}: needs the group mixture with species, fractions, masses, sigma, epsilon and "
            f"cutoff, as in the configuration of a study ({reason})"
        ) from error


def _with_numbers(liquid: Composition, tables: Any, folder: Path) -> dict[str, Any]:
    """Return the key ``tables`` with the numbers in place of the names of files."""
    n = range(len(liquid.species))
    names = [liquid.pairs_of(u) for u in n]
    both = {names[u][v]: (names[u][v], names[v][u]) for u in n for v in n}
    if isinstance(tables, str):
        pairs = [names[u][v] for u in n for v in n if u <= v]
        return {
            "tables": {
                pair: _numbers(folder / tables, both[pair], len(pairs) == 1) for pair in pairs
            }
        }
    if not isinstance(tables, dict):
        return {}
    return {
        "tables": {
            pair: _numbers(folder / table, both.get(pair, (str(pair),)), True)
            if isinstance(table, str)
            else table
            for pair, table in tables.items()
        }
    }


def _numbers(path: Path, names: tuple[str, ...], any_keyword: bool) -> dict[str, list[float]]:
    """Read a table; the message of an error begins in a way that read_composition knows."""
    try:
        return read_pair_table(path.expanduser(), names, any_keyword)
    except ValueError as error:
        raise ValueError(f"table {error}") from error

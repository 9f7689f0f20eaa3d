"""Read the mixture from a YAML file, such as the configuration of a study."""

from __future__ import annotations

from pathlib import Path

import yaml

from softcage.model import Composition, Mixture, kob_andersen

KOB_ANDERSEN_WORD = "kob-andersen"


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
        raise ValueError(f"{path}: its group mixture has no potential: sigma, epsilon and cutoff")
    return liquid


def read_composition(path: str | Path) -> Composition:
    """Return the mixture of a YAML file, or its species and fractions if it has no potential.

    Raises
    ------
    ValueError
        If the file is missing or has no group ``mixture``, or the group is not valid.
    """
    try:
        content = yaml.safe_load(Path(path).read_text(encoding="utf-8"))["mixture"]
        known = set(content) - {"species", "fractions", "masses"}
        return (Mixture if known else Composition).from_dict(content)
    except OSError as error:
        raise ValueError(f"{path}: cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise ValueError(
            f"{path}: needs the group mixture with species, fractions, masses, sigma, epsilon and "
            f"cutoff, as in the configuration of a study ({reason})"
        ) from error

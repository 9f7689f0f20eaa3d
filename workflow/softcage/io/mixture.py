"""Read the mixture from a YAML file, such as the configuration of a study."""

from __future__ import annotations

from pathlib import Path

import yaml

from softcage.model import Mixture, kob_andersen


def read_mixture(path: str | Path | None) -> Mixture:
    """Return the mixture of a YAML file with the group ``mixture``; Kob-Andersen by default.

    Raises
    ------
    ValueError
        If the file is missing or has no such group, or the group is not valid.
    """
    if path is None:
        return kob_andersen()
    try:
        content = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
        return Mixture.from_dict(content["mixture"])
    except OSError as error:
        raise ValueError(f"{path}: cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise ValueError(
            f"{path}: needs the group mixture with species, fractions, masses, sigma, epsilon and "
            f"cutoff, as in the configuration of a study ({reason})"
        ) from error

"""Sums of one run from which tau_alpha, p_c and u follow; the sums of several runs can be added.

They are saved with the settings of the run, so that a run made at another time or on another
machine can be added to a study without its trajectory.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from softcage.io.atomic_file import replacing
from softcage.statistics import block_slices

# Settings that may differ between runs that are added.
_MAY_DIFFER = {"replica", "seed"}


@dataclass(frozen=True, eq=False)
class Quench:
    """Sums of one run in fine time blocks.

    Attributes
    ----------
    times : (L,) array
        Lags of the displacements.
    sums : (n_fine, L, 4) array
        Sums from :func:`softcage.dynamics.relaxation.displacement_sums`.
    thermo : (n_fine, 3) array
        Sums from :func:`thermo_sums`.
    about : dict
        T, replica, seed and all other settings that determine the sums.
    solid_fraction : float
        Largest share of A particles in crystalline order; NaN if it was not computed.
    """

    times: np.ndarray
    sums: np.ndarray
    thermo: np.ndarray
    about: Mapping[str, Any]
    solid_fraction: float = float("nan")

    def save(self, path: str | Path) -> None:
        """Write the sums as npz, with ``about`` as JSON."""
        with replacing(path) as temporary:
            np.savez(temporary, **vars(self) | {"about": json.dumps(dict(self.about))})

    @classmethod
    def load(cls, path: str | Path) -> Quench:
        """Read what :meth:`save` wrote."""
        with np.load(path) as store:
            arrays = {name: store[name] for name in ("times", "sums", "thermo")}
            about = json.loads(str(store["about"]))
            return cls(**arrays, about=about, solid_fraction=float(store["solid_fraction"]))


def thermo_sums(thermo: pd.DataFrame, n_blocks: int) -> np.ndarray:
    """Return number of values, sum of u and sum of p in time blocks of the production, (n, 3)."""
    rows = thermo.loc[thermo["stage"] == "produce", ["potential_energy", "pressure"]].to_numpy()
    values = np.column_stack([np.ones(len(rows)), rows])
    parts = block_slices(len(rows), min(n_blocks, len(rows)))
    return np.array([values[part].sum(axis=0) for part in parts])


def load_quenches(paths: Sequence[str | Path]) -> list[Quench]:
    """Read the sums of runs of one temperature.

    Raises
    ------
    ValueError
        If two of them have different settings, or are the same run.
    """
    quenches = [Quench.load(path) for path in paths]
    first = quenches[0].about
    for path, quench in zip(paths, quenches, strict=True):
        for name in sorted((first.keys() | quench.about.keys()) - _MAY_DIFFER):
            if first.get(name) != quench.about.get(name):
                raise ValueError(
                    f"{path} cannot be combined with {paths[0]}: its {name} is "
                    f"{quench.about.get(name)}, there it is {first.get(name)}; run it again with "
                    "the settings of the study, or remove the file"
                )
    for (one, a), (other, b) in combinations(zip(paths, quenches, strict=True), 2):
        if a.about["seed"] == b.about["seed"]:
            raise ValueError(f"{other} is the same run as {one} (same seed): remove one of them")
    return quenches

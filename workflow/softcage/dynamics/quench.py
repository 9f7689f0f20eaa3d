"""What one run gives to tau_alpha, p_c and u: a small table of sums, which adds up with others.

It says of itself what made it, so that it can be made on another day or machine and be added to a
study without its trajectory.
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

# What may differ between runs that are added up.
_OWN = {"replica", "seed"}


@dataclass(frozen=True, eq=False)
class Quench:
    """Sums of one run in fine time blocks.

    Attributes
    ----------
    times : (L,) array
        Lags of the displacements.
    sums : (n_fine, L, 4) array
        Of :func:`softcage.dynamics.relaxation.displacement_sums`.
    thermo : (n_fine, 3) array
        Of :func:`thermo_sums`.
    about : dict
        T, replica and seed, and all that makes such sums what they are.
    solid_fraction : float
        Largest share of A particles in crystalline order; NaN if it was not looked at.
    """

    times: np.ndarray
    sums: np.ndarray
    thermo: np.ndarray
    about: Mapping[str, Any]
    solid_fraction: float = float("nan")

    def save(self, path: str | Path) -> None:
        """Write it as npz, ``about`` as JSON."""
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
    """Return number, sum of u and sum of p of the production, in time blocks, (n_blocks, 3)."""
    rows = thermo.loc[thermo["stage"] == "produce", ["potential_energy", "pressure"]].to_numpy()
    values = np.column_stack([np.ones(len(rows)), rows])
    parts = block_slices(len(rows), min(n_blocks, len(rows)))
    return np.array([values[part].sum(axis=0) for part in parts])


def load_quenches(paths: Sequence[str | Path]) -> list[Quench]:
    """Read runs of one temperature that are to be added up.

    Raises
    ------
    ValueError
        If two of them are of different settings, or are the same run.
    """
    quenches = [Quench.load(path) for path in paths]
    first = quenches[0].about
    for path, quench in zip(paths, quenches, strict=True):
        for name in sorted((first.keys() | quench.about.keys()) - _OWN):
            if first.get(name) != quench.about.get(name):
                raise ValueError(
                    f"{path} cannot be added to {paths[0]}: its {name} is "
                    f"{quench.about.get(name)}, there it is {first.get(name)}; make it again, or "
                    "take it away"
                )
    for (one, a), (other, b) in combinations(zip(paths, quenches, strict=True), 2):
        if a.about["seed"] == b.about["seed"]:
            raise ValueError(f"{other} is the same run as {one} (one seed): take one of them away")
    return quenches

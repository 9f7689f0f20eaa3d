"""Evenly spaced and log-spaced indices."""

from __future__ import annotations

import numpy as np


def evenly_spaced(n: int, most: int, down: bool = False) -> np.ndarray:
    """Return at most ``most`` evenly spaced indices of ``n`` items, including the first and the
    last.

    Parameters
    ----------
    n, most : int
    down : bool
        Round places between two items down, not to the nearest item.

    Returns
    -------
    (k,) int array
        Ascending, without repetition; empty if ``n`` or ``most`` is 0.
    """
    places = np.linspace(0, n - 1, max(min(n, most), 0))
    return np.unique((places if down else places.round()).astype(int))


def log_spaced(last: int, per_decade: int) -> np.ndarray:
    """Return log-spaced whole numbers 1, 2, 3, ... up to ``last``, ``per_decade`` in a decade,
    int64.

    Numbers that round to the same value appear once; ``last`` itself need not be among them.
    """
    count = int(np.log10(max(last, 1)) * per_decade) + 1
    return np.unique(np.rint(10.0 ** (np.arange(count) / per_decade)).astype(np.int64))

"""Which of many: evenly spaced and log-spaced indices."""

from __future__ import annotations

import numpy as np


def evenly_spaced(n: int, most: int, down: bool = False) -> np.ndarray:
    """Return at most ``most`` evenly spaced indices of ``n`` items, first and last among them.

    Parameters
    ----------
    n, most : int
    down : bool
        Places between two items go to the lower one, not to the nearest.

    Returns
    -------
    (k,) int array
        Ascending, each index once; empty if there are no items or none is wanted.
    """
    places = np.linspace(0, n - 1, max(min(n, most), 0))
    return np.unique((places if down else places.round()).astype(int))


def log_spaced(last: int, per_decade: int) -> np.ndarray:
    """Return whole numbers 1, 2, 3, ... up to ``last``, ``per_decade`` to a factor of ten, int64.

    Those that round to the same number are one; ``last`` itself need not be among them.
    """
    count = int(np.log10(max(last, 1)) * per_decade) + 1
    return np.unique(np.rint(10.0 ** (np.arange(count) / per_decade)).astype(np.int64))

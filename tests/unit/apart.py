"""Made-up positions in which no two particles lie on each other, as in no liquid they do."""

import numpy as np
from scipy.spatial import cKDTree


def pushed_apart(frames, box, least=0.55):
    """Return frames (F, N, 3) in which all pairs are ``least`` apart; their mean stays."""
    frames = np.array(frames, dtype=float)
    for x in frames:
        for _ in range(200):
            pairs = cKDTree(np.mod(x, box) % box, boxsize=box).query_pairs(
                least, output_type="ndarray"
            )
            if not len(pairs):
                break
            shift = x[pairs[:, 0]] - x[pairs[:, 1]]
            shift -= box * np.rint(shift / box)
            distance = np.linalg.norm(shift, axis=1, keepdims=True)
            push = 0.5 * (1.02 * least - distance) * shift / distance
            np.add.at(x, pairs[:, 0], push)
            np.add.at(x, pairs[:, 1], -push)
    return frames

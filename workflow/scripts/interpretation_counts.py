"""Counts in thinned frames of one run for every interpretation of Eqs. 5 and 8 and of rearranging.

Frames are evenly spaced among those that have p_hop for the default window.

Output: ``interpretations/T{T}/r{replica}.h5`` with a group for each choice of positions:
``single``, ``average_{window}`` (positions averaged over this time up to the frame) and
``inherent`` (inherent structures, of fewer frames). Each group has ``counts`` (parts, delta, forms
of Eq. 5, windows, lags, all and p_c, bins), and ``first`` and ``exponent`` (delta, forms) of the
bins (:mod:`softcage.interpretations.counts`).
"""

import functools

import numba
import numpy as np
import pandas as pd

from softcage.interpretations import questions
from softcage.interpretations.counts import labels_of_frame, write_counts
from softcage.interpretations.depth_forms import integral_tables, local_integrals
from softcage.interpretations.positions import kinds
from softcage.io.atomic_file import replacing
from softcage.io.hdf5 import open_hdf5
from softcage.io.log import logged
from softcage.io.trajectory import open_trajectory
from softcage.model import Mixture
from softcage.sampling import evenly_spaced


def main(snakemake):
    """Read trajectory, cage and hops and write the counts."""
    p, files, T = snakemake.params, snakemake.input, float(snakemake.wildcards.T)
    numba.set_num_threads(snakemake.threads)
    with logged(snakemake.log[0]) as log, open_hdf5(files.hops) as hops:
        mixture, cage = Mixture.from_dict(p.mixture), pd.read_csv(files.cage).iloc[0]
        uniform = open_trajectory(files.uniform)
        species, box = uniform.species, uniform.box
        fractions = np.bincount(species) / len(species)
        forms = np.array([form.coefficients(fractions) for form in questions.FORMS])
        r0, r_min = ([cage[f"{r}_{pair}"] for pair in mixture.pairs] for r in ("r0", "r_min"))
        density = len(species) / box**3
        tables = integral_tables(mixture.potential, T, r0, r_min, p.delta_values, density)
        default = hops[f"dt{p.windows[0]:g}"]
        thresholds = questions.thresholds(default.attrs["p_c"], T, p.p_c_paper)
        usable = default["frame"][:]
        frames = usable[evenly_spaced(len(usable), p.frames, down=True)]
        few = frames[evenly_spaced(len(frames), p.inherent_frames, down=True)]

        @functools.cache  # labels are the same for all choices of positions
        def label(frame):
            return labels_of_frame(hops, p.windows, frame, thresholds)

        def scored(chosen, positions):
            for frame, x in positions:
                integrals = local_integrals(x, species, box, tables)
                depth = (integrals @ forms.T).swapaxes(1, 2).reshape(-1, integrals.shape[1])
                place = np.searchsorted(chosen, frame)
                yield place, depth, label(frame)

        series = len(p.delta_values), len(forms)
        choices = kinds(uniform, frames, few, p.average_windows, mixture)
        with replacing(snakemake.output[0]) as path, open_hdf5(path, "w") as store:
            for name, chosen, positions in choices:
                group = store.create_group(name)
                n = write_counts(group, scored(chosen, positions), len(chosen), series)
                log.info("%s: %d frames", name, n)


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)

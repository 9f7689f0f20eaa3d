"""Descriptors of every particle in the frames of any trajectory, as one table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from softcage import __version__
from softcage.defaults import AVERAGE_WINDOW
from softcage.descriptors.frame import Liquid, Snapshot
from softcage.descriptors.table import Descriptor, all_values
from softcage.io.atomic_file import replacing
from softcage.io.particle_table import TABLE_FORMATS, table_writer
from softcage.io.progress import Progress
from softcage.io.trajectory import Trajectory, averaged_positions, check_window, numbers_of_box
from softcage.model import known_potential


@dataclass(frozen=True, eq=False)
class Description:
    """What to compute for the frames of a trajectory.

    Attributes
    ----------
    liquid : Liquid
    chosen : sequence of Descriptor
        Those that are possible, :func:`possible`.
    tagged : sequence of int
        Species whose particles are described.
    lengths : sequence of float
        Lengths L, sigma_AA, of averages over the particles of the same species
        (:mod:`softcage.descriptors.average`).
    positions : str
        ``thermal``, ``averaged`` or ``inherent``.
    window : float
        Averaged positions are averages over this length of time up to the frame. Frames that have
        no whole window before them are left out.
    every : int
        Describe every n-th frame.
    """

    liquid: Liquid
    chosen: Sequence[Descriptor]
    tagged: Sequence[int]
    lengths: Sequence[float] = ()
    positions: str = "thermal"
    window: float = AVERAGE_WINDOW
    every: int = 1

    def columns(self, ids: bool = False) -> list[str]:
        """Return the columns of the table: the name of a descriptor, and name_L1.5 of an average.

        ``ids`` says whether particles have an id in addition to their number.
        """
        identity = ["particle", "id"] if ids else ["particle"]
        ends = ["", *(f"_L{length:g}" for length in self.lengths)]
        names = [f"{one.name}{end}" for one in self.chosen for end in ends]
        return ["frame", "time", *identity, "species", *names]


def possible(
    liquid: Liquid,
    known: dict[str, Descriptor],
    positions: str,
    names: Sequence[str] | None = None,
    tagged: Sequence[int] = (),
) -> list[Descriptor]:
    """Return the descriptors that are asked for, or all that can be computed.

    Parameters
    ----------
    liquid : Liquid
    known : dict
        :func:`softcage.descriptors.table.descriptors` of its species.
    positions : str
        ``thermal``, ``averaged`` or ``inherent``.
    names : sequence of str, optional
        Those that are asked for.
    tagged : sequence of int
        Species of the particles; a line that is for none of them gives no softness.

    Raises
    ------
    ValueError
        If there is no descriptor of a name, or it cannot be computed; the message says why, or
        lists what there is.
    """
    given = liquid.known
    if tagged and liquid.line_of not in tagged:
        given = given - {"line"}
    if positions == "inherent":
        known_potential(liquid.mixture)
    there = {
        name: one
        for name, one in known.items()
        if given.issuperset(one.needs) and positions in one.positions
    }
    for name in names or ():
        if name not in known:
            raise ValueError(f"there is no descriptor {name}; there are {', '.join(there)}")
        if missing := [need for need in known[name].needs if need not in given]:
            raise ValueError(f"the descriptor {name} needs {_NEEDS[missing[0]]}")
        if name not in there:
            of = " or ".join(known[name].positions)
            raise ValueError(f"the descriptor {name} needs {of} positions, not {positions} ones")
    return [there[name] for name in (there if names is None else dict.fromkeys(names))]


_NEEDS = {
    "potential": "the pair potential of the liquid: --potential",
    "temperature": "the temperature: --temperature",
    "line": "a calibration, and what its closure needs: --calibration",
    "averaged": "averaged positions beside thermal ones, which only a study has",
}


def described_rows(
    trajectory: Trajectory,
    what: Description,
    particles: np.ndarray,
    ids: np.ndarray | None = None,
) -> Iterator[dict[str, np.ndarray]]:
    """Yield the columns (:meth:`Description.columns`) of each frame.

    Parameters
    ----------
    trajectory : Trajectory
        Unwrapped and evenly spaced, for averaged positions.
    what : Description
    particles : (N,) array
        Number in the output of each particle.
    ids : (N,) array, optional
        Id of each particle in its file.
    """
    species, names = trajectory.species, what.columns(ids is not None)
    scored = np.isin(species, what.tagged)
    order = np.flatnonzero(scored)[np.argsort(particles[scored], kind="stable")]
    of_kind = np.array(what.liquid.mixture.species, dtype=object)[species[order]]
    frames = np.arange(0, trajectory.n_frames, what.every)
    progress = Progress(len(frames), "frames")
    for done, (frame, mean) in enumerate(_means(trajectory, what, frames), start=1):
        thermal, box = trajectory.own(frame, trajectory.read([frame])[0])
        mean = None if mean is None else trajectory.own(frame, mean)[0]
        snapshot = Snapshot(thermal, species, box, what.liquid, mean)
        chosen = {one.name: one for one in what.chosen}
        values = np.full((len(chosen) * (1 + len(what.lengths)), len(species)), np.nan)
        for k in what.tagged:
            found = all_values(snapshot, chosen, what.lengths, [what.positions], tagged=k)
            values[:, species == k] = [
                found[name, what.positions, length]
                for name in chosen
                for length in (0.0, *what.lengths)
            ]
        fields = [
            np.full(len(order), frame, dtype=np.int32),
            np.full(len(order), trajectory.times[frame]),
            particles[order].astype(np.int32),
            *([] if ids is None else [ids[order]]),
            of_kind,
            *values[:, order].astype(np.float32),
        ]
        progress.update(done, "describing")
        yield dict(zip(names, fields, strict=True))


def _means(
    trajectory: Trajectory, what: Description, frames: np.ndarray
) -> Iterator[tuple[int, np.ndarray | None]]:
    """Yield the frames that are described, with averaged positions if these are asked for."""
    if what.positions != "averaged":
        yield from ((int(frame), None) for frame in frames)
        return
    check_window(trajectory, what.window)
    for part, means in averaged_positions(trajectory, trajectory.times[frames], what.window):
        yield from zip(frames[part].tolist(), means, strict=True)


def describe_trajectory(
    trajectory: Trajectory,
    what: Description,
    out: str | Path,
    order: np.ndarray | None = None,
    metadata: dict | None = None,
    ids: np.ndarray | None = None,
) -> dict:
    """Write the table of descriptors of a trajectory, a row for each frame and particle.

    Parameters
    ----------
    trajectory : Trajectory
    what : Description
    out : path
        ``.parquet`` or ``.csv`` (:mod:`softcage.io.particle_table`). The file appears only when it
        is complete.
    order : (N,) array, optional
        Number in the output of each particle, the column ``particle``; 0, 1, ... by default.
    metadata : dict, optional
        Further entries of the metadata.
    ids : (N,) array, optional
        Ids of the particles in their file, for the column ``id``.

    Returns
    -------
    dict
        The metadata of the table.

    Raises
    ------
    ValueError
        If the suffix is another one, or a descriptor cannot be computed.
    """
    out = Path(out)
    if out.suffix not in TABLE_FORMATS:
        raise ValueError(f"{out}: a table must end in {' or '.join(TABLE_FORMATS)}")
    liquid, names = what.liquid, what.liquid.mixture.species
    about = {
        "softcage": __version__,
        "temperature": liquid.temperature,
        "species": [names[k] for k in what.tagged],
        "positions": what.positions,
        "average_window": what.window if what.positions == "averaged" else None,
        "lengths": list(what.lengths),
        "box": numbers_of_box(trajectory),
        "n_frames": trajectory.n_frames,
        "n_particles": trajectory.n_particles,
        **{
            f"{name}_{pair}": float(radii[k, v])
            for name, radii in (("r0", liquid.r0), ("r_min", liquid.r_min))
            for k in what.tagged
            for v, pair in enumerate(liquid.mixture.pairs_of(k))
        },
        **(metadata or {}),
    }
    order = np.arange(trajectory.n_particles) if order is None else np.asarray(order)
    columns, n_rows = what.columns(ids is not None), 0
    with replacing(out) as temporary, table_writer(temporary, columns, about) as write:
        for part in described_rows(trajectory, what, order, ids):
            n_rows += len(part["frame"])
            write(part)
        about["n_rows"] = n_rows
    return about

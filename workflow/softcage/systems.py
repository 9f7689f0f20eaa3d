"""Positions, types and box of a frame, from what other programs hold.

The frames of freud, HOOMD-blue, GSD, garnett, MDAnalysis, OVITO and ASE are known by their
attributes: none of these programs is imported, and none has to be installed. Wherever one of them
says in which directions its box is periodic, this is taken over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from softcage.box import Box, placed

# positions (N, 2 or 3), types (N,) or None, box or None
_Parts = tuple[np.ndarray, np.ndarray | None, Box | None]


def frame_of(system: Any) -> _Parts:
    """Return positions, types and box of a frame that another program holds.

    Parameters
    ----------
    system
        What ``freud.locality.NeighborQuery.from_system`` takes, and a few more:

        - a pair (box, positions), with any box that :meth:`softcage.box.Box.of` takes; a
          ``freud.locality.AABBQuery`` or ``LinkCell``: no types
        - ``gsd.hoomd.Frame``, ``hoomd.Snapshot``, ``garnett.trajectory.Frame``: the names of types
        - ``MDAnalysis.AtomGroup`` or ``Universe`` at its present step: ``types``; a ``Timestep``
          has no types
        - ``ovito.data.DataCollection``: the names of particle types, or their numbers if they have
          no names
        - ``ase.Atoms``: the array ``type`` if there is one, otherwise the chemical symbols

    Returns
    -------
    positions : (N, 2 or 3) float64 array
        A copy, wrapped or not, in the unit of the program.
    types : (N,) array or None
        None if the system does not say them.
    box : Box or None
        Periodic where the system says so (ASE, OVITO, freud), otherwise in all directions; of two
        dimensions where the system says so (freud, HOOMD-blue, GSD, OVITO). None if there is none.

    Raises
    ------
    ValueError
        If it is none of these, or its box is none (:class:`softcage.box.Box`).
    """
    read = _reader(system)
    if read is None:
        raise ValueError(
            f"{type(system).__name__} is no frame of freud, HOOMD-blue, GSD, garnett, MDAnalysis, "
            "OVITO or ASE: give a pair (box, positions)"
        )
    positions, types, box = read(system)
    types = None if types is None else np.asarray(types)
    return np.array(positions, dtype=np.float64), types, box


def frames_of(systems: Any) -> tuple[np.ndarray, np.ndarray | None, Any] | None:
    """Return positions, types and box of a frame, or of a sequence of frames of one liquid.

    Parameters
    ----------
    systems
        What :func:`frame_of` takes, or a sequence of these, such as a trajectory of MDAnalysis or a
        part of one of GSD.

    Returns
    -------
    positions : (N, 2 or 3) or (F, N, 2 or 3) array
    types : (N,) array or None
    box : Box, list of F boxes, or None
        None if a frame has no box.

    None is returned in place of all three if it is neither, but an array.

    Raises
    ------
    ValueError
        As :func:`frame_of`, if frames differ in their particles, or if a list holds one frame
        several times.
    """
    if _reader(systems) is not None:
        return frame_of(systems)
    if not _is_sequence(systems):
        return None
    if isinstance(systems, list | tuple) and len({id(one) for one in systems}) < len(systems):
        raise ValueError(
            "the same frame is there several times: MDAnalysis reads all frames into one object; "
            "give universe.trajectory itself, or copies"
        )
    parts = [frame_of(one) for one in systems]
    positions, types, boxes = zip(*parts, strict=True)
    for number, kinds in enumerate(types):
        same = kinds is types[0] or np.array_equal(kinds, types[0])
        if not same or positions[number].shape != positions[0].shape:
            raise ValueError(
                f"frame {number} has other particles or types than frame 0: all frames must be of "
                "the same particles in the same order; otherwise score each of them alone"
            )
    known = all(box is not None for box in boxes)
    return np.stack(positions), types[0], list(boxes) if known else None


def _reader(system: Any) -> Callable[[Any], tuple[Any, Any, Box | None]] | None:
    """Return what reads this system, None if it is none."""
    if _has(system, "positions", "cell", "pbc"):
        return _of_ase
    if _has(system, "particles", "cell"):
        return _of_ovito
    if hasattr(system, "particles") and hasattr(system.particles, "position"):
        return _of_hoomd
    if hasattr(system, "dimensions") and (_has(system, "atoms") or _has(system, "positions")):
        return _of_mdanalysis
    if _has(system, "box", "position"):
        return _of_garnett
    if _has(system, "box", "points"):
        return lambda query: (query.points, None, Box.of(query.box))
    return _of_pair if _is_pair(system) else None


def _has(system: Any, *names: str) -> bool:
    return all(hasattr(system, name) for name in names)


def _is_pair(system: Any) -> bool:
    """Whether it is (box, positions), and not two frames of positions, or two systems."""
    if not (isinstance(system, Sequence) and len(system) == 2) or isinstance(system, str):
        return False
    box, positions = system
    if _reader(box) is not None:
        return False
    shape = np.shape(positions)
    return len(shape) == 2 and shape[1] in (2, 3) and np.shape(box) != shape


def _is_sequence(systems: Any) -> bool:
    if hasattr(systems, "__array__") or not _has(systems, "__len__", "__getitem__", "__iter__"):
        return False
    if isinstance(systems, str | dict) or len(systems) == 0:
        return False
    return _reader(systems[0]) is not None


def _of_pair(pair: Sequence[Any]) -> tuple[Any, None, Box]:
    box, positions = pair
    return positions, None, placed(positions, box)[1]


def _of_hoomd(frame: Any) -> tuple[Any, Any, Box]:
    """Read a frame of GSD or a snapshot of HOOMD-blue, whose box has a thickness in 2D too."""
    particles, settings = frame.particles, getattr(frame, "configuration", None)
    box = frame.box if settings is None else settings.box
    flat = getattr(box if settings is None else settings, "dimensions", 3) == 2
    typeid, names = getattr(particles, "typeid", None), getattr(particles, "types", None)
    box = Box.of(box, dimension=2 if flat else None)
    return particles.position, _named(typeid, names), box


def _named(typeid: Any, names: Any) -> np.ndarray | None:
    """Return the names of types, or their numbers where they have no names."""
    if typeid is None or names is None or len(names) == 0:
        return typeid
    return np.asarray(names)[np.asarray(typeid)]


def _of_garnett(frame: Any) -> tuple[Any, Any, Box]:
    typeid, names = getattr(frame, "typeid", None), getattr(frame, "types", None)
    return frame.position, _named(typeid, names), Box.of(frame.box)


def _of_mdanalysis(system: Any) -> tuple[Any, Any, Box | None]:
    """Read a Universe, an AtomGroup or a Timestep: a box of None, or of zeros, is none."""
    source, edges = getattr(system, "atoms", system), system.dimensions
    box = None if edges is None or not np.any(edges) else Box.of(edges)
    return source.positions, getattr(source, "types", None), box


def _of_ovito(data: Any) -> tuple[Any, Any, Box | None]:
    """Read a DataCollection: the vectors of its cell are columns, with the origin beside them."""
    types, cell = data.particles.particle_types, data.cell
    if types is not None:
        names = {kind.id: kind.name for kind in types.types}
        found, which = np.unique(np.asarray(types), return_inverse=True)
        types = np.array([names.get(k) or str(k) for k in found.tolist()])[which]
    if cell is not None:
        cell = Box.of(np.asarray(cell), dimension=2 if cell.is2D else 3, periodic=cell.pbc)
    return data.particles.positions, types, cell


def _of_ase(atoms: Any) -> tuple[Any, Any, Box | None]:
    """Read Atoms: without a cell, whose vectors are then zeros, there is no box."""
    types = atoms.arrays.get("type")
    if types is None:
        types = atoms.get_chemical_symbols()
    vectors = np.asarray(atoms.cell)
    if not vectors.any():
        return atoms.positions, types, None
    cell = np.column_stack([vectors.T, np.ravel(atoms.get_celldisp())])
    return atoms.positions, types, Box.of(cell, periodic=atoms.pbc)

"""Trajectories that were made elsewhere: checked, unwrapped and turned into our own format.

What is asked of a file: a box, the same particles in every frame, evenly spaced frames. The box may
have any shape that :class:`softcage.box.Box` has, and may change with time. Everything else ends in
a :class:`TrajectoryError`, which says what is wrong, where, and what to do.
"""

from __future__ import annotations

import itertools
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from softcage.box import Box
from softcage.defaults import PSEUDO_SPECIES
from softcage.io.frame_times import EarlyFrameError, FrameTimes, time_between_frames
from softcage.io.plausibility import core, far_off, misplaced
from softcage.io.progress import Progress
from softcage.io.readers import read_frames, read_labels
from softcage.io.readers.frame import (
    CHUNK,
    HOW_TO_NAME_PARTICLES,
    Frame,
    TrajectoryError,
    TruncatedError,
)
from softcage.io.trajectory import Trajectory, write_trajectory
from softcage.io.unwrap import Seen, follow, near_origin, without_drift
from softcage.model import Composition, Mixture, composition_of_labels, labels_of_diameters

log = logging.getLogger(__name__)

# Relative change of a box edge that single precision or rounded text can cause.
BOX_TOLERANCE = 1e-5
# Relative change of the box from a frame to the next after which all places are looked at.
_OTHER_BOX = 1e-2
# So many particles in one plane are no accident.
LAYER = 10
# Of the edge that a user types from that of the file.
_OWN_BOX_TOLERANCE = 1e-3
# Densities in sigma_AA^-d beyond which the lengths of a file must be in another unit.
DENSITIES = (0.1, 5.0)
USUAL_DENSITY = 1.2
# sigma_AA: no format rounds positions more (XTC, GRO).
_DIGITS = 1e-3
# Labels that a message names.
_NAMED = 6
# Frames whose places are looked at: the first so many, then one of as many; all where nothing says
# how far a particle may have moved.
_CHECKED = 16


def _species_of_labels(mixture: Composition, names: Mapping | None) -> dict[str, str]:
    """Return label to species: the mixture's own names, or what the user says."""
    if not names:
        return {name: name for name in mixture.species}
    of_label = {}
    for name, values in names.items():
        if name not in mixture.species:
            raise TrajectoryError(
                f"species {name} is not in the mixture, which has {', '.join(mixture.species)}"
            )
        for value in values if isinstance(values, list | tuple) else [values]:
            of_label[str(value)] = name
    return of_label


def _species(
    path: Path, labels: Sequence[str], mixture: Composition, of_label: Mapping[str, str]
) -> np.ndarray:
    """Return the species of each particle from its label, (N,) int64."""
    counts = Counter(labels)
    seen = ", ".join(f"{label} ({n})" for label, n in [*counts.items()][:_NAMED])
    if len(counts) > _NAMED:
        seen += f" and {len(counts) - _NAMED} more labels (is that column an id?)"
    example = ",".join(
        f"{name}={label}" for name, label in zip(mixture.species, counts, strict=False)
    )
    unknown = [label for label in counts if label not in of_label]
    if unknown:
        raise TrajectoryError(
            f"{path}: particles are labelled {seen}; say which is which species of the mixture "
            f"({', '.join(mixture.species)}), for example --species {example}"
        )
    index = {label: mixture.species.index(of_label[label]) for label in counts}
    species = np.array([index[label] for label in labels], dtype=np.int64)
    found = np.bincount(species, minlength=len(mixture.species))
    expected = mixture.fractions * len(species)
    if np.any(np.abs(found - expected) > 1.0):
        shares = ":".join(f"{100 * n / len(species):.4g}" for n in found)
        wanted = ":".join(f"{100 * x:.4g}" for x in mixture.fractions)
        raise TrajectoryError(
            f"{path}: the composition {':'.join(mixture.species)} is {shares}, the mixture's is "
            f"{wanted}: check --species, or give the mixture with --potential"
        )
    return species


def _own_liquid(path: Path, labels: Sequence[str], names: Mapping | None) -> Composition:
    """Return the liquid that the labels of a file make, without a potential."""
    if names is not None:
        names = {
            str(name): [str(one) for one in (some if isinstance(some, list | tuple) else [some])]
            for name, some in names.items()
        }
    try:
        return composition_of_labels(labels, names)
    except ValueError as error:
        raise TrajectoryError(f"{path}: {error}: see --species") from error


@dataclass(frozen=True, eq=False)
class External:
    """A trajectory of others whose first frame has been checked.

    Attributes
    ----------
    paths : tuple of Path
        One run, in the order of its times or steps.
    box : Box
        Of the first frame, sigma_AA, in axes in which its vectors are lower triangular.
    species : (N,) int64 array
        Sorted: all particles of the first species, then the second, ...
    order : (N,) int64 array
        Place of each of them in the file (in a LAMMPS dump: among its sorted ids).
    length_unit : float
        Numbers of the file in one sigma_AA.
    unwrapped : bool
        Whether positions are taken as unwrapped.
    first : Frame
        In sigma_AA and in the axes of the box.
    liquid : Composition
        The mixture that it was opened with, or else the species of the file.
    topology : Path or None
    own_box : Box or None
        Where the file has none, sigma_AA.
    dimension : int or None
        2 or 3, where the user says so.
    whole_frames : bool
        Whether a last frame that is not whole is left out.
    pseudo : tuple of str or None
        Labels of the particles, as those by their diameter, in place of the types of the files.
    core : float
        Distance, sigma_AA, that no pair of particles is nearer than.
    reordered : list of int
        Frames read so far that list the particles in another order than the first one.
    read : callable
        Reader of a file: ``read_frames`` of :mod:`softcage.io.readers`, or one that counts too.
    """

    paths: tuple[Path, ...]
    box: Box
    species: np.ndarray
    order: np.ndarray
    length_unit: float
    unwrapped: bool
    first: Frame
    liquid: Composition
    topology: Path | None = None
    own_box: Box | None = None
    dimension: int | None = None
    whole_frames: bool = False
    pseudo: tuple[str, ...] | None = None
    core: float = 0.0
    reordered: list[int] = field(default_factory=list)
    read: Callable[..., Iterator[Frame]] = read_frames

    @property
    def path(self) -> Path:
        """The file, or the first of several."""
        return self.paths[0]

    @property
    def name(self) -> str:
        """For messages about all frames."""
        return f"{self.path}" + (f" and {len(self.paths) - 1} more" if len(self.paths) > 1 else "")

    @property
    def ids(self) -> np.ndarray | None:
        """Of the particles, sorted by species, (N,) int64; None if the file has none.

        None too once they have been read with other types in some frames: each frame then has an
        order of its own.
        """
        known = self.first.ids is not None and not self.reordered
        return np.array(self.first.ids)[self.order] if known else None

    def frames(self, any_order: bool = False) -> Iterator[Frame]:
        """Yield every frame, checked: positions sorted by species, in sigma_AA.

        They are in axes in which the vectors of the box are lower triangular, and otherwise as in
        the file. ``box`` has the vectors, of the lattice of this frame those that are nearest to
        those of the frame before.

        With ``any_order`` particles without ids may be listed in another order in each frame, and
        those with ids may change their type, as in swap Monte Carlo.
        """
        seen, hashes = Seen(self.box), dict[int, int]()
        before = self.box.vectors
        self.reordered.clear()
        for number, (here, frame, box) in enumerate(self._raw_frames()):
            self._check(here, frame, box)
            vectors = self._vectors(box, before)
            changed = np.abs(vectors - before).max() > _OTHER_BOX * box.edges.max()
            before = vectors
            order = self.order
            if frame.labels != self.first.labels:
                order = self._other_order(here, frame, any_order)
                self.reordered.append(number)
            positions = frame.positions[order]
            whole = any_order or changed or number < _CHECKED or number % _CHECKED == 0
            self._check_places(here, positions, box, order, whole)
            twin = hashes.setdefault(hash(positions.tobytes()), number)
            now = replace(frame, positions=positions, box=vectors)
            near = seen.again(deformed(now, self.box)) if twin == number else None
            if twin != number or near is not None:
                same, k = ("has", twin) if near is None else ("has, but for rounding,", near)
                of_all = " of all files" if len(self.paths) > 1 else ""
                raise TrajectoryError(
                    f"{here} {same} the positions of frame {k}{of_all}: it was written twice, or a "
                    "run was restarted: leave out the frames that come twice"
                )
            yield now
        if self.reordered:
            what = "list particles in another order"
            if self.first.ids is not None:
                what = "have particles of another type than frame 0"
            log.warning(
                "%s: %d frames, the first of them %d, %s: the column particle counts those of a "
                "frame",
                self.name, len(self.reordered), self.reordered[0], what,
            )  # fmt: skip

    def _vectors(self, box: Box, before: np.ndarray) -> np.ndarray:
        """Return the vectors of the next frame: those of the first one, if rounding is all."""
        first = self.box.vectors
        vectors = _continued(box.vectors, before)
        same = np.abs(vectors - first).max() <= BOX_TOLERANCE * self.box.edges.max()
        return first if same else vectors

    def _raw_frames(self) -> Iterator[tuple[str, Frame, Box]]:
        """Yield the frames of all files, each with its place and box, none twice in a row."""
        before: Frame | None = None
        for path in self.paths:
            done = 0
            try:
                for done, raw in enumerate(self.read(path, self.topology), start=1):
                    here = f"{path}: frame {done - 1}"
                    if self.pseudo is not None:
                        raw = replace(raw, labels=self.pseudo)
                    frame, box = upright(here, raw, self.length_unit, self.own_box, self.dimension)
                    if before is not None and self._same_moment(before, frame, done == 1):
                        words = "%s: %s is the frame before it once more, and is left out"
                        log.warning(words, self.name, here)
                        continue
                    before = frame
                    yield here, frame, box
            except TrajectoryError as error:
                at_the_end = done and isinstance(error, TruncatedError)
                if not (self.whole_frames and at_the_end):
                    hint = "; --whole-frames leaves it out" if at_the_end else ""
                    raise TrajectoryError(f"{error}{hint}") from error
                words = "%s: %d whole frames are used, the last one is left out (%s)"
                log.warning(words, self.name, done, error)

    def _same_moment(self, before: Frame, frame: Frame, of_next_file: bool) -> bool:
        """Whether a file or block begins with the frame that ended the one before.

        A counter that has stood still since the first frame was never set, and says nothing.
        """
        moments = [(f.time, f.step) for f in (self.first, before, frame)]
        if moments[2] != moments[1] or moments[2] == (None, None):
            return False
        if moments[2] == moments[0] and not of_next_file:
            return False
        if len(frame.positions) != len(before.positions) or frame.labels != before.labels:
            return False
        shift = self.box.nearest(frame.positions - before.positions)
        return bool(np.abs(shift).max() <= _DIGITS)

    def _other_order(self, here: str, frame: Frame, allowed: bool) -> np.ndarray:
        """Return the places of the particles of a frame, sorted by species, from its labels."""
        labels = frame.labels or ()
        composed = Counter(labels) == Counter(self.first.labels)
        if not composed or (frame.ids is not None and not allowed):
            hint = "; --no-hops scores each frame by its own types" if composed else ""
            raise TrajectoryError(f"{here}: particles have changed their type{hint}")
        if not allowed:
            raise TrajectoryError(
                f"{here} lists the particles in another order, and has no ids: nothing says which "
                "is which; --no-hops needs only their species"
            )
        sorted_labels = np.array(self.first.labels)[self.order].tolist()
        species = dict(zip(sorted_labels, self.species.tolist(), strict=True))
        return np.argsort([species[label] for label in labels], kind="stable")

    def who(self, k: int, order: np.ndarray | None = None) -> str:
        """Return the name of a particle, given its number among those sorted by species."""
        place = int((self.order if order is None else order)[k])
        return f"particle {place}" if self.first.ids is None else f"id {self.first.ids[place]}"

    def _check_places(
        self, here: str, positions: np.ndarray, box: Box, order: np.ndarray, whole: bool
    ) -> None:
        """Refuse positions, sorted by species, that are not those of a liquid in this box.

        Without ``whole`` only such as are far from all others.
        """

        def who(k: int) -> str:
            return self.who(k, order)

        words = far_off(positions, float(box.edges.max()), who)
        if whole and words is None:
            try:
                words = misplaced(positions, box, self.core, who)
            except ValueError as error:
                raise TrajectoryError(f"{here}: {error}") from error
        if words:
            hint = " See --length-unit and --box" if words.endswith("?") else ""
            raise TrajectoryError(f"{here} {words}{hint}")

    def _check(self, here: str, frame: Frame, box: Box) -> None:
        if len(frame.positions) != len(self.species):
            raise TrajectoryError(
                f"{here} has {len(frame.positions)} particles, not the {len(self.species)} of the "
                "first frame: atoms are missing or others than before; dump all of them each time"
            )
        if frame.ids != self.first.ids:
            now, first = set(frame.ids or ()), set(self.first.ids or ())
            new, gone = min(now - first, default=None), min(first - now, default=None)
            raise TrajectoryError(
                f"{here} has a particle with id {new}, which the first frame has not, and none "
                f"with id {gone}: particles were created and deleted; all frames must have the same"
            )
        if not np.isfinite(frame.positions).all():
            raise TrajectoryError(f"{here} holds NaN or infinity: the file is damaged")
        cell = self.box
        if box.dimension != cell.dimension or box.periodic != cell.periodic:
            raise TrajectoryError(
                f"{here}: the box has other periodic directions than in the first frame"
            )
        changed = np.abs(box.vectors - cell.vectors).max() > BOX_TOLERANCE * cell.edges.max()
        if cell.bounded and changed:
            raise TrajectoryError(
                f"{here}: the box edge is {box.in_words()}, it was {cell.in_words()}: a box that "
                "is not periodic in all directions must stay the same"
            )


def upright(
    here: str, raw: Frame, unit: float, own: Box | None, dimension: int | None
) -> tuple[Frame, Box]:
    """Return a frame in sigma_AA, in axes in which its vectors are lower triangular, and its box.

    Depths and displacements do not depend on the axes. ``own`` and ``dimension`` are the user's,
    for a file that does not say them, or the same as the file's.
    """
    box = _box(here, raw, unit, own, dimension)
    origin = np.broadcast_to(np.asarray(raw.origin, dtype=float), 3) / unit
    positions = raw.positions / unit
    if not np.array_equal(box.rotation, np.eye(3)):
        positions, origin = positions @ box.rotation, origin @ box.rotation
    if box.dimension == 2:
        positions = np.concatenate([positions[:, :2], np.zeros((len(positions), 1))], axis=1)
    upright = Box(box.vectors, box.periodic, box.dimension, origin)
    return replace(raw, positions=positions, box=box.vectors, origin=origin), upright


def _box(here: str, raw: Frame, unit: float, own: Box | None, dimension: int | None) -> Box:
    """Return the box of a frame in sigma_AA, after checking that there is one, and what it is."""
    vectors = None if raw.box is None else np.nan_to_num(np.asarray(raw.box, dtype=float)) / unit
    if dimension is None:
        dimension = raw.dimension if own is None else own.dimension
    if vectors is None or not vectors[:2].any():
        if not raw.periodic:
            raise TrajectoryError(
                f"{here}: the box is not periodic in all directions, and the file does not say how "
                "large it is along the others: write it as extended XYZ or as a LAMMPS dump"
            )
        if own is None:
            raise TrajectoryError(f"{here} has no periodic box: give its edges with --box")
        box = own
    else:
        try:
            box = Box.of(vectors, dimension, raw.periodic)
        except ValueError as error:
            raise TrajectoryError(f"{here}: {error}") from error
        if own is not None and (own.dimension != box.dimension or not _alike(own, box)):
            raise TrajectoryError(
                f"{here}: the box edge is {box.in_words()} sigma_AA, not the {own.in_words()} of "
                "--box: leave --box out, or check --length-unit"
            )
    if len(raw.positions) < LAYER or not np.isfinite(raw.positions).all():
        return box
    flat = np.ptp(raw.positions[:, 2]) <= BOX_TOLERANCE * unit * box.edges.max()
    if box.dimension == 3 and flat:
        raise TrajectoryError(
            f"{here}: all particles are at z = {raw.positions[0, 2]:.6g}: if there are two "
            "dimensions, say so with --dimension 2"
        )
    if box.dimension == 2 and not flat:
        raise TrajectoryError(
            f"{here}: z varies by {np.ptp(raw.positions[:, 2]):.3g}, but there are to be two "
            "dimensions: give --dimension 3"
        )
    return box


def _alike(own: Box, box: Box) -> bool:
    """Whether a box that a user has typed is that of a file."""
    apart = np.abs(own.vectors - box.vectors).max()
    return bool(apart <= _OWN_BOX_TOLERANCE * box.edges.max())


def _continued(vectors: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Return vectors of the same lattice that are nearest to those of the frame before.

    A sheared cell is described by other vectors of its lattice from time to time (LAMMPS flips it).
    """
    whole = np.rint(before @ np.linalg.inv(vectors))
    return whole @ vectors if abs(abs(np.linalg.det(whole)) - 1.0) < 1e-6 else vectors


def _pseudo_species(
    path: Path, frame: Frame, diameters: str | Path, bins: int, mixture: Composition | None
) -> tuple[str, ...]:
    """Return the pseudo-species of each particle by its diameter, from a column or a file."""
    if mixture is not None:
        raise TrajectoryError(
            f"{path}: pseudo-species by diameter have no pair potential: leave --potential out, "
            "and use --closure pair"
        )
    try:
        if Path(diameters).is_file():
            values = np.loadtxt(diameters, ndmin=1)
        elif frame.column is None:
            raise KeyError("is of a format without further columns: give a file with diameters")
        else:
            values = np.asarray(frame.column(str(diameters)), dtype=float)
        if values.shape != (len(frame.positions),):
            raise ValueError(
                f"{diameters} has {values.size} numbers, but there are {len(frame.positions)} "
                "particles"
            )
        return labels_of_diameters(values, bins)
    except (KeyError, ValueError, OSError) as error:
        words = error.args[0] if isinstance(error, KeyError) else error
        raise TrajectoryError(f"{path}: --diameters {diameters}: {words}") from error


def _check_names(
    path: Path, frame: Frame, topology: Path, species: np.ndarray, mixture: Composition, names: dict
) -> None:
    """Refuse a topology that contradicts the names in the file, if there are several of them."""
    labels = np.array(frame.labels if frame.labels is not None else ())
    of_file = dict.fromkeys(labels.tolist())
    names = {name: name for name in mixture.species} | names
    if len(of_file) < 2 or len(labels) != len(species):
        return
    for label in of_file:
        found = {mixture.species[k] for k in species[labels == label]}
        if found != {names.get(label, min(found))}:
            raise TrajectoryError(
                f"{path}: its particles {label} are {' and '.join(sorted(found))} in {topology}, "
                "which is of another run or lists particles in another order: leave --top out"
            )


def files_in_order(paths: Sequence[Path], topology: Path | None) -> list[Path]:
    """Return the files of one run in the order of their first times or steps."""
    if len(paths) == 1:
        return list(paths)
    firsts = (next(read_frames(path, topology)) for path in paths)
    for values in zip(*((frame.time, frame.step) for frame in firsts), strict=True):
        if None not in values and len(set(values)) == len(values):
            return [paths[k] for k in np.argsort(values)]
    raise TrajectoryError(
        f"{', '.join(map(str, paths[:3]))}: several files are one run in the order of their times "
        "or steps, which these do not have, or share: join them in the right order"
    )


def open_external(
    path: str | Path | Sequence[str | Path],
    mixture: Composition | None,
    *,
    species: Mapping | None = None,
    topology: str | Path | None = None,
    length_unit: float | None = None,
    box: Any = None,
    dimension: int | None = None,
    unwrapped: bool | None = None,
    whole_frames: bool = False,
    diameters: str | Path | None = None,
    bins: int = PSEUDO_SPECIES,
    labels: Sequence[str] | None = None,
) -> External:
    """Read the first frame of a trajectory made elsewhere and check that it can be used.

    Parameters
    ----------
    path : path or sequence of paths
        Several are one run, in the order of their times or steps. Of any format that
        :mod:`softcage.io.readers` reads.
    mixture : Composition or None
        None: no more is known of the liquid than the file says. Its species are then those of
        ``species``, or each type of the file is one of its own name.
    species : mapping, optional
        Species of the mixture to type or name in the file (or a list of them), as
        ``{"A": 1, "B": 2}``; by default the file uses the mixture's own names.
    topology : path, optional
        What the particles are, where the trajectory does not say: see
        ``softcage.io.readers.read_labels``.
    length_unit : float, optional
        How many of the file's units of length make one sigma_AA. 1 by default; 10 for NetCDF files
        of this package. mdtraj writes 10 times its own numbers into DCD, NetCDF and LAMMPS files.
    box : optional
        What :meth:`softcage.box.Box.of` takes, in sigma_AA, for formats without a box.
    dimension : int, optional
        2 or 3, by default that of the box.
    unwrapped : bool, optional
        True: positions are unwrapped, as they are. False: they are not, whatever the file says.
        By default files with images or unwrapped coordinates say so themselves; every other one is
        unwrapped by the minimum image, which leaves positions that were already unwrapped as they
        are, if frames are close enough.
    whole_frames : bool
        Leave out the last frame of a LAMMPS dump or text file that ends in it.
    diameters : str or path, optional
        The diameter of each particle, in any unit: the name of a column of the file, or a text file
        with one number a line, in the order of the particles (of their ids, if they have any). The
        species are then ``bins`` pseudo-species of equal numbers of particles, from small to large
        (:func:`softcage.model.labels_of_diameters`).
    bins : int
        Number of pseudo-species.
    labels : sequence of str, optional
        Type of each particle, in place of what the file or ``topology`` says.

    Raises
    ------
    TrajectoryError
        If the file cannot be read or its box, species, composition or units cannot be used.
    """
    topology = None if topology is None else Path(topology)
    paths = [Path(one) for one in ([path] if isinstance(path, str | Path) else path)]
    paths = files_in_order(paths, topology)
    path, here = paths[0], f"{paths[0]}: frame 0"
    first = raw = next(read_frames(path, topology))
    own_format = first.ours
    if length_unit is None:
        length_unit = 10.0 if own_format else 1.0
    if topology is None and own_format and path.with_name("topology.pdb").is_file():
        topology = path.with_name("topology.pdb")
    pseudo = None if labels is None else tuple(labels)
    if diameters is not None:
        pseudo = _pseudo_species(path, first, diameters, bins, mixture)
    if pseudo is not None:
        first = raw = replace(first, labels=pseudo)
    labels = first.labels if topology is None or pseudo is not None else read_labels(topology)
    if labels is None:
        raise TrajectoryError(
            f"{path}: this format does not say what its particles are: {HOW_TO_NAME_PARTICLES}"
        )
    if len(labels) != len(first.positions):
        raise TrajectoryError(
            f"{topology or 'labels'} lists {len(labels)} particles, {path} has "
            f"{len(first.positions)}"
        )
    if mixture is None:
        mixture = _own_liquid(path, labels, species)
    of_label = _species_of_labels(mixture, species)
    of_file = _species(path, labels, mixture, of_label)
    if topology is not None:
        _check_names(path, first, topology, of_file, mixture, of_label)
    own = None if box is None else Box.of(box, dimension)
    first, cell = upright(here, first, length_unit, own, dimension)
    if not np.array_equal(_box(here, raw, length_unit, own, dimension).rotation, np.eye(3)):
        words = "%s: the box is turned: x, y and z are taken along its vectors"
        log.warning(words, path)
    if cell.bounded:
        edges = [
            name
            for name, along in zip("abc", cell.periodic[: cell.dimension], strict=False)
            if not along
        ]
        log.warning(
            "%s: the box is not periodic along its vector %s, as the file says: particles whose "
            "first shell reaches beyond an edge have no depth",
            path, " and ".join(edges),
        )  # fmt: skip
    density = len(of_file) / cell.volume
    if not DENSITIES[0] < density < DENSITIES[1]:
        usual = length_unit * (USUAL_DENSITY / density) ** (1 / cell.dimension)
        raise TrajectoryError(
            f"{path}: the density would be {density:.3g} per sigma_AA^{cell.dimension}, that of no "
            "liquid: are its lengths in another unit? Say how many of its units make one sigma_AA "
            f"with --length-unit (with {usual:.3g} the density would be {USUAL_DENSITY:g})"
        )
    order = np.argsort(of_file, kind="stable")
    return External(
        paths=tuple(paths),
        box=cell,
        species=of_file[order],
        order=order,
        length_unit=length_unit,
        unwrapped=first.unwrapped if unwrapped is None else unwrapped,
        first=first,
        topology=topology,
        own_box=own,
        dimension=dimension,
        whole_frames=whole_frames,
        pseudo=pseudo,
        core=core(mixture, density, dimension=cell.dimension),
        liquid=mixture,
    )


def import_trajectory(
    external: External,
    folder: str | Path,
    mixture: Composition,
    *,
    interval: float | None = None,
    file_timestep: float | None = None,
    timestep: float | None = None,
    hops: bool = True,
) -> Trajectory:
    """Write the frames of a trajectory as ``folder/uniform.nc``, unwrapped; return it.

    Drift of the centre of mass is taken out; masses that are not known count as equal. Where the
    box changes, every frame is deformed into the box of the first one (:func:`deformed`), and
    :meth:`softcage.io.trajectory.Trajectory.own` returns those in the box of each frame. Particles
    are sorted by species (``external.order`` says where they were). Memory does not grow with the
    number of frames.

    Parameters
    ----------
    external : External
    folder : path
    mixture : Composition
        ``external.liquid``, or the mixture that it was opened with.
    interval : float, optional
        Time between frames, for a file without times; one whose evenly spaced times say otherwise
        is taken with a note (:meth:`softcage.io.frame_times.FrameTimes.settled`).
    file_timestep : float, optional
        Time of one of the file's steps, for a file without times.
    timestep : float, optional
        Unit of the column ``step``, and times are then from 0; by default steps are frames and
        times those of the file.
    hops : bool
        Whether displacements are wanted. Without them, positions that are not unwrapped stay in the
        box, and frames may be far apart, unevenly spaced, without times (then NaN) and each in its
        own order.

    Raises
    ------
    TrajectoryError
        As :meth:`External.frames`, :func:`~softcage.io.unwrap.follow` and
        :meth:`softcage.io.frame_times.FrameTimes.take`.
    """
    folder = Path(folder)
    frame_times = FrameTimes(external.name, hops, interval, file_timestep)
    progress = Progress(None, "frames")
    numbers: list[int] = []  # grows while the frames are written; their times are in the table

    first = external.box
    vectors: list[np.ndarray] = []

    def sorted_frames() -> Iterator[np.ndarray]:
        frames = enumerate(external.frames(any_order=not hops))
        for number, frame in frames:
            try:
                frame_times.take(frame)
            except EarlyFrameError as error:
                if next(frames, None) is not None:
                    raise
                frame_times.drop_last()
                words = "%s: the last frame, %d, comes too early and is left out (%s)"
                log.warning(words, external.name, number, error)
                return
            numbers.append(number)
            vectors.append(first.vectors if frame.box is None else frame.box)
            progress.update(number + 1, "reading")
            yield deformed(frame, first)

    positions = sorted_frames()
    if not external.first.ours:
        positions = near_origin(positions, first, each=not (hops or external.unwrapped))
    if hops:
        positions = follow(
            positions,
            first,
            external.name,
            not external.unwrapped,
            who=external.who,
            even=frame_times.is_even,
        )
        known = mixture.masses if isinstance(mixture, Mixture) else np.ones(len(mixture.species))
        positions = without_drift(positions, known[external.species])
    box = first.edge if first.is_cube else first
    write_trajectory(folder / "uniform.nc", _chunks(positions), numbers, box)
    times, notes = frame_times.settled()
    steps = np.arange(len(times))
    if timestep is not None:
        steps, times = _on_grid(external.path, times, interval, timestep)
    for line in notes:
        log.warning("%s: %s", external.name, line)
    none, boxes = np.zeros(len(times), dtype=np.int64), None
    if any(now is not first.vectors for now in vectors):
        boxes = np.array(vectors)
        volumes = np.linalg.det(boxes[:, : first.dimension, : first.dimension])
        log.info(
            "%s: the box changes, its volume from %.6g to %.6g: displacements are given without "
            "the mean deformation",
            external.name, volumes.min(), volumes.max(),
        )  # fmt: skip
    path = folder / "uniform.nc"
    unwrapped = hops or external.unwrapped
    return Trajectory(path, box, external.species, steps, times, none, none, boxes, unwrapped)


def deformed(frame: Frame, box: Box) -> np.ndarray:
    """Return the positions of a frame whose box is deformed into another one, (N, 3).

    Places in units of the vectors of the box stay the same. A displacement between two frames then
    has no part in the mean deformation, and is that of a box that stays the same: it can be
    unwrapped by the nearest image however the true one changes (S. von Buelow, J. T. Bullerjahn,
    G. Hummer, J. Chem. Phys. 153, 021101 (2020)).
    """
    if frame.box is None or frame.box is box.vectors:
        return frame.positions
    places = (frame.positions - frame.origin) @ np.linalg.inv(frame.box)
    return places @ box.vectors + box.origin


def _on_grid(
    path: Path, times: np.ndarray, interval: float | None, timestep: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return steps and times from 0 of evenly spaced frames, which are whole numbers of steps."""
    apart = time_between_frames(times) if interval is None else interval
    stride = 1 if len(times) == 1 else round(apart / timestep)
    if stride < 1 or (len(times) > 1 and abs(stride * timestep / apart - 1) > 1e-4):
        raise TrajectoryError(
            f"{path}: the time between frames, {apart:g}, is no whole number of time steps "
            f"of {timestep:g}"
        )
    frames = np.arange(len(times))
    return stride * frames, np.round(frames * (stride * timestep), 9)


def _chunks(frames: Iterable[np.ndarray], size: int = CHUNK) -> Iterator[np.ndarray]:
    frames = iter(frames)
    while part := list(itertools.islice(frames, size)):
        yield np.array(part)

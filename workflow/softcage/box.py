r"""The box of a liquid in two or three dimensions: its vectors, and which of them are periodic.

Every function of the library that takes a ``box`` takes anything of which :meth:`Box.of` makes a
:class:`Box`, a number (the edge of a cube) included. Positions stay in the axes in which they were
given; :func:`placed` turns them into those of the vectors where these differ.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.spatial import cKDTree

#: Circumference of the unit circle and surface of the unit sphere: a shell is SPHERE r^(d-1) dr.
SPHERE = {2: 2.0 * np.pi, 3: 4.0 * np.pi}
#: Area of the unit circle and volume of the unit sphere.
BALL = {2: np.pi, 3: 4.0 / 3.0 * np.pi}
# Relative differences that single precision, or the digits of a text file, make of equal edges,
# and of tilts and coordinates that are zero.
_EDGES, _ZERO = 1e-5, 1e-6


@dataclass(frozen=True, eq=False)
class Box:
    """A cell that is repeated along its periodic vectors.

    Attributes
    ----------
    vectors : (3, 3) float64 array
        The rows are the vectors a, b and c in sigma_AA, lower triangular: a along x and b in the xy
        plane (LAMMPS, HOOMD-blue, GSD). Of the cells of one lattice it is that of the least tilt.
        Edges that differ by less than 1e-5 are those of a cube. In two dimensions c is (0, 0, 1).
    periodic : (3,) tuple of bool
        Whether the cell is repeated along a, b and c. In two dimensions it is not along c.
    dimension : int
        2 or 3.
    origin : (3,) float64 array
        Corner of the cell, in the axes of the positions. It matters only where a direction is not
        periodic.
    rotation : (3, 3) float64 array
        Row vectors in the axes of the positions times this matrix are those in the axes of the
        vectors. It is not the identity if the given vectors were not lower triangular.

    Raises
    ------
    ValueError
        If the vectors are not finite, left-handed or flat, or in two dimensions not in one plane.
    """

    vectors: np.ndarray
    periodic: tuple[bool, bool, bool] = (True, True, True)
    dimension: int = 3
    origin: np.ndarray = field(default_factory=lambda: np.zeros(3))
    rotation: np.ndarray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        vectors = np.array(self.vectors, dtype=np.float64)
        if self.dimension not in (2, 3):
            raise ValueError(f"the box has dimension {self.dimension}: it must be 2 or 3")
        if vectors.shape != (3, 3) or not np.isfinite(vectors).all():
            raise ValueError(f"the box is {vectors.tolist()}: give three vectors without NaN")
        if self.dimension == 2:
            if np.abs(vectors[:2, 2]).max() > _ZERO * np.abs(vectors).max():
                raise ValueError(
                    f"the box of two dimensions is {vectors.tolist()}: its first two vectors must "
                    "lie in the xy plane"
                )
            vectors[:2, 2], vectors[2] = 0.0, (0.0, 0.0, 1.0)
        periodic = np.broadcast_to(np.asarray(self.periodic, dtype=bool), 3).copy()
        periodic[self.dimension :] = False
        vectors, rotation = _lower_triangular(vectors, self.dimension)
        if periodic.all() and _nearly_cubic(vectors) and np.isin(rotation, (-1.0, 0.0, 1.0)).all():
            rotation = np.eye(3)  # its edges in another order: the lattice is the same
        for name, value in (
            ("vectors", _of_least_tilt(vectors, periodic)),
            ("periodic", tuple(periodic.tolist())),
            ("origin", np.array(self.origin, dtype=np.float64)),
            ("rotation", rotation),
        ):
            if isinstance(value, np.ndarray):
                value.flags.writeable = False
            object.__setattr__(self, name, value)

    @classmethod
    def of(
        cls,
        box: Any,
        dimension: int | None = None,
        periodic: Any = None,
    ) -> Box:
        """Return a box from what programs hold.

        Parameters
        ----------
        box : Box, float, (2,), (3,), (6,), (3, 2), (3, 3) or (3, 4) array, or freud.box.Box
            The edge of a cube; edges; edges with angles in degrees (MDAnalysis, ASE) or with tilt
            factors (HOOMD-blue, GSD); lowest and highest coordinates (LAMMPS); vectors as rows
            (MDAnalysis, ASE), or as columns with the origin in a fourth column (OVITO); sigma_AA.
        dimension : int, optional
            2 or 3. By default 2 if there are two edges, or if that along z is 0; otherwise 3.
        periodic : bool or (3,) array of bool, optional
            By default that of the box, or True.

        Raises
        ------
        ValueError
            If it is none of these, or as :class:`Box`.
        """
        if isinstance(box, cls):
            if dimension in (None, box.dimension) and periodic is None:
                return box
            return replace(
                box,
                vectors=box.vectors @ box.rotation.T,
                dimension=dimension or box.dimension,
                periodic=box.periodic if periodic is None else periodic,
            )
        if hasattr(box, "Lx"):  # of freud, HOOMD-blue or garnett, without importing any
            flat = getattr(box, "is2D", getattr(box, "dimensions", 3) == 2)
            dimension = 2 if dimension is None and flat else dimension
            periodic = getattr(box, "periodic", True) if periodic is None else periodic
            box = [getattr(box, name) for name in ("Lx", "Ly", "Lz", "xy", "xz", "yz")]
        if isinstance(box, int | float):
            if dimension in (None, 3) and periodic is None:
                return _cube(float(box))
            vectors, origin = float(box) * np.eye(3), np.zeros(3)
        else:
            vectors, origin = _vectors_of(np.asarray(box, dtype=np.float64))
        if dimension is None:
            dimension = 3 if vectors[2].any() else 2
        along = (True, True, True) if periodic is None else periodic
        return cls(vectors, along, dimension, origin)

    @cached_property
    def is_cube(self) -> bool:
        """Whether it is a periodic cube."""
        edge = self.vectors[0, 0]
        return all(self.periodic) and bool(np.all(self.vectors == edge * np.eye(3)))

    @cached_property
    def is_upright(self) -> bool:
        """Whether its vectors are at right angles."""
        return not np.tril(self.vectors, -1).any()

    @cached_property
    def bounded(self) -> bool:
        """Whether a direction is not periodic: what lies beyond its edges is not known."""
        return not all(self.periodic[: self.dimension])

    @property
    def edge(self) -> float:
        """The edge of the cube.

        Raises
        ------
        ValueError
            If it is no cube along x, y and z.
        """
        if not self.is_cube or self.is_turned:
            raise ValueError(
                f"the box is {self.vectors.tolist()}: only a cube along x, y and z can be used"
            )
        return float(self.vectors[0, 0])

    @property
    def edges(self) -> np.ndarray:
        """Lengths of the vectors, (dimension,)."""
        return np.sqrt((self.vectors[: self.dimension] ** 2).sum(axis=1))

    def in_words(self, digits: int = 6) -> str:
        """Return the edge of a cube, or the lengths of the vectors, and whether they are tilted."""
        if self.is_cube:
            return f"{self.vectors[0, 0]:.{digits}g}"
        tilted = "" if self.is_upright else ", not at right angles"
        return " x ".join(f"{edge:.{digits}g}" for edge in self.edges) + tilted

    @cached_property
    def heights(self) -> np.ndarray:
        """Distances between opposite faces, (dimension,)."""
        (a, _, _), (bx, b, _), (cx, cy, c) = self.vectors
        normal = np.sqrt((b * c) ** 2 + (bx * c) ** 2 + (bx * cy - b * cx) ** 2)
        heights = (a * (b * c / normal), b * (c / np.sqrt(c**2 + cy**2)), c)
        return np.array(heights[: self.dimension])

    @property
    def angles(self) -> np.ndarray:
        """Angles between b and c, a and c, a and b in degrees, (3,)."""
        unit = self.vectors / np.sqrt((self.vectors**2).sum(axis=1))[:, None]
        return np.degrees(np.arccos((unit @ unit.T)[[1, 0, 0], [2, 2, 1]]))

    @property
    def edges_and_tilts(self) -> list[float]:
        """Lx, Ly, Lz, xy, xz, yz as HOOMD-blue and freud have them; Lz is 0 in two dimensions."""
        (a, _, _), (bx, b, _), (cx, cy, c) = self.vectors.tolist()
        return [a, b, 0.0 if self.dimension == 2 else c, bx / b, cx / c, cy / c]

    @property
    def half(self) -> float:
        """Half of the smallest height: up to there, the nearest image of a particle is unique."""
        return 0.5 * float(self.heights.min())

    @property
    def volume(self) -> float:
        """Volume; area in two dimensions."""
        diagonal = np.diag(self.vectors)
        return float(diagonal[0]) ** 3 if self.is_cube else float(diagonal.prod())

    @cached_property
    def _inverse(self) -> np.ndarray:
        return np.linalg.inv(self.vectors)

    def fractions(self, positions: np.ndarray) -> np.ndarray:
        """Return positions (..., 3) from :func:`placed` in units of the vectors."""
        return positions @ self._inverse

    def shares(self, vectors: np.ndarray) -> np.ndarray:
        """Return vectors (..., 2 or 3), in the axes of the positions, in units of those of the box.

        Positions must not need the origin: it is not subtracted.
        """
        if self.is_cube and not self.is_turned:
            return np.asarray(vectors, dtype=np.float64) / self.edge
        return _in_space(np.asarray(vectors, dtype=np.float64)) @ self.rotation @ self._inverse

    def shift(self, images: np.ndarray) -> np.ndarray:
        """Return sums of whole periodic vectors (..., 3), in the axes of the positions."""
        if self.is_cube and not self.is_turned:
            return self.edge * images
        return (images * self.periodic) @ self.vectors @ self.rotation.T

    def wrap(self, positions: np.ndarray) -> np.ndarray:
        """Return positions (..., 2 or 3) folded into the cell along its periodic directions.

        They are in the axes in which they were given. The cell begins at the origin of these axes;
        along a direction that is not periodic nothing changes.
        """
        positions = np.asarray(positions, dtype=np.float64)
        if self.is_cube and not self.is_turned:
            folded = positions - self.edge * np.floor(positions / self.edge)
            # A tiny negative coordinate folds to exactly the edge in floating point.
            return np.where(folded >= self.edge, 0.0, folded)
        places = self.shares(positions)
        images = np.floor(places)
        images += places - images >= 1.0
        return positions - self.shift(images)[..., : positions.shape[-1]]

    def nearest(self, vectors: np.ndarray) -> np.ndarray:
        """Return the nearest images of differences (..., 2 or 3) between two positions.

        They are right up to :attr:`half`; a longer one may not be that of the nearest image.
        """
        vectors = np.asarray(vectors, dtype=np.float64)
        if self.is_cube and not self.is_turned:
            return vectors - self.edge * np.rint(vectors / self.edge)
        images = np.rint(self.shares(vectors))
        return vectors - self.shift(images)[..., : vectors.shape[-1]]

    def distances(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """Return nearest-image distances between all of two sets of positions, (n, m) float32.

        Parameters
        ----------
        first, second : (n, 3) and (m, 3) array
            From :func:`placed`. The box must be periodic.
        """
        square = np.zeros((len(first), len(second)), dtype=np.float32)
        if self.is_cube:
            edge = np.float32(self.vectors[0, 0])
            for axis in range(3):
                apart = (first[:, None, axis] - second[None, :, axis]).astype(np.float32)
                square += (apart - edge * np.rint(apart / edge)) ** 2
            return np.sqrt(square)
        places = [self.fractions(positions).T for positions in (first, second)]
        apart = (places[0][:, :, None] - places[1][:, None, :]).astype(np.float32)
        apart -= np.rint(apart)
        for axis_of_all in self.vectors.T.astype(np.float32):
            square += np.tensordot(axis_of_all, apart, axes=1) ** 2
        return np.sqrt(square)

    def inside(self, positions: np.ndarray, margin: float) -> np.ndarray:
        """Return which positions are at least ``margin`` from all faces that are not periodic.

        Parameters
        ----------
        positions : (..., 2 or 3) array
        margin : float
            sigma_AA.

        Returns
        -------
        (...) bool array
        """
        places = self.fractions(placed(positions, self)[0])[..., : self.dimension]
        gap = np.minimum(places, 1.0 - places) * self.heights
        return ((gap >= margin) | self.periodic[: self.dimension]).all(axis=-1)

    def scaled(self, positions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return places in a cell for kernels whose differences are folded into [-1/2, 1/2).

        Parameters
        ----------
        positions : (..., 3) array
            From :func:`placed`.

        Returns
        -------
        places : (..., 3) array
            In units of the vectors, in [0, 1).
        vectors : (3, 3) array
            Those of the box. One that is not periodic is twice as long, and places lie in its first
            half, so that no difference is folded.
        """
        places, times = self.fractions(positions), np.where(self.periodic, 1.0, 2.0)
        places = np.where(self.periodic, places - np.floor(places), 0.5 * np.clip(places, 0.0, 1.0))
        return np.where(places >= 1.0, 0.0, places), times[:, None] * self.vectors

    @cached_property
    def is_turned(self) -> bool:
        """Whether its vectors have other axes than the positions."""
        return bool(np.any(self.rotation != np.eye(3)))


# A function that is called for every frame makes the box of its edge each time.
@lru_cache(maxsize=64)
def _cube(edge: float) -> Box:
    return Box(edge * np.eye(3))


def placed(positions: ArrayLike, box: Any) -> tuple[np.ndarray, Box]:
    """Return positions (..., 3) in the axes of the vectors of a box, and the box.

    Parameters
    ----------
    positions : (..., 2) or (..., 3) array
        Wrapped or unwrapped, sigma_AA. Two coordinates make a box that does not say its dimension
        one of two dimensions; the third one is then 0.
    box : anything that :meth:`Box.of` takes

    Raises
    ------
    ValueError
        If the coordinates contradict the dimension, or a particle is outside the box along a
        direction that is not periodic.
    """
    points = np.asarray(positions, dtype=np.float64)
    coordinates = points.shape[-1] if points.ndim else 0
    if not isinstance(box, Box):
        box = Box.of(box, dimension=2 if coordinates == 2 else None)
    if coordinates not in (box.dimension, 3):
        raise ValueError(
            f"positions have shape {points.shape}, but the box has {box.dimension} dimensions: "
            "give as many coordinates, or a box of the other dimension"
        )
    if box.dimension == 2:
        if coordinates == 3 and points.size:
            spread = np.ptp(points[..., 2])
            if not spread <= _EDGES * box.edges.max():
                raise ValueError(
                    f"z varies by {spread:.3g}, but the box has two dimensions: give a box with an "
                    "edge along z, or positions in one plane"
                )
        points = _in_space(points[..., :2])
    if box.bounded:
        points = points - _in_space(box.origin[: box.dimension])
    if box.is_turned:
        points = points @ box.rotation
    if box.bounded:
        _refuse_outside(points, box)
    return points, box


def pairs_within(inside: np.ndarray, box: Box, radius: float) -> np.ndarray:
    """Return the pairs of particles that are nearer than a radius, (n, 2) int array.

    Parameters
    ----------
    inside : (N, 3) array
        From :func:`placed`.
    box : Box
    radius : float
        Below half of the smallest height of the box.
    """
    if box.is_upright:
        edges = np.diag(box.vectors)
        folded = np.where(box.periodic, np.mod(inside, edges), inside)
        folded[folded >= edges * np.where(box.periodic, 1.0, np.inf)] = 0.0
        tree = cKDTree(folded, boxsize=np.where(box.periodic, edges, 0.0))
        return tree.query_pairs(radius, output_type="ndarray")
    # The tree knows no tilted box: images within the radius of a face stand beside the particles.
    places, margin = box.fractions(inside), np.zeros(3)
    places -= np.floor(places) * box.periodic
    margin[: box.dimension] = radius / box.heights
    shifts = itertools.product(*((-1, 0, 1) if along else (0,) for along in box.periodic))
    images, whose = [places], [np.arange(len(places))]
    for shift in shifts:
        image = places + shift
        near = ((image >= -margin) & (image <= 1.0 + margin)).all(axis=1)
        if any(shift) and near.any():
            images.append(image[near])
            whose.append(np.flatnonzero(near))
    pairs = cKDTree(np.concatenate(images) @ box.vectors).query_pairs(radius, output_type="ndarray")
    pairs = np.concatenate(whose)[pairs[pairs.min(axis=1) < len(places)]]
    return np.unique(np.sort(pairs, axis=1), axis=0)


def _refuse_outside(positions: np.ndarray, box: Box) -> None:
    places = box.fractions(positions).reshape(-1, 3)[:, : box.dimension]
    outside = ~((places >= -_EDGES) & (places <= 1 + _EDGES)) & ~np.array(
        box.periodic[: box.dimension]
    )
    if outside.any():
        k, axis = np.argwhere(outside)[0]
        raise ValueError(
            f"a particle is at {places[k, axis]:.4g} of the box along its vector {'abc'[axis]}, "
            "which is not periodic: give a box, with its origin, that holds all particles"
        )


def _in_space(positions: np.ndarray) -> np.ndarray:
    """Return positions (..., 2 or 3) with three coordinates."""
    if positions.shape[-1] == 3:
        return positions
    return np.concatenate([positions, np.zeros((*positions.shape[:-1], 1))], axis=-1)


def _vectors_of(given: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return vectors as rows, and the origin, of an array that :meth:`Box.of` takes."""
    origin = np.zeros(3)
    if not np.isfinite(given).all():
        raise ValueError(f"the box is {given.tolist()}: it holds NaN or infinity")
    if given.shape == (3, 4):
        vectors, origin = given[:, :3].T.copy(), given[:, 3]
    elif given.shape == (3, 3):
        vectors = given.copy()
        tilt, limit = vectors - np.diag(np.diag(vectors)), _ZERO * np.abs(vectors).max()
        if np.abs(np.tril(tilt)).max() <= limit < np.abs(tilt).max():
            raise ValueError(
                f"the box is {given.tolist()}: these may be vectors in rows or, as in freud, in "
                "columns; give the box of freud itself, or rows with a along x and b in the plane "
                "of x and y"
            )
    elif given.shape == (3, 2):
        vectors, origin = np.diag(given[:, 1] - given[:, 0]), given[:, 0]
    elif given.shape == (6,):
        vectors, origin = _vectors_of_six(given)
    elif given.shape == (2,):
        vectors = np.diag([*given, 0.0])
    elif given.shape in ((), (1,), (3,)):
        vectors = np.diag(np.broadcast_to(given, 3))
    else:
        raise ValueError(
            f"the box has shape {given.shape}: give the edge of a cube, two or three edges, six "
            "numbers (edges with angles or tilt factors), or three vectors"
        )
    edges = np.diag(vectors)
    if _nearly_cubic(vectors):
        vectors = float(edges.mean()) * np.eye(3)
    return vectors, origin


def _vectors_of_six(given: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return vectors and origin of a box of six numbers.

    Edges and angles in degrees (MDAnalysis, ASE), edges and tilt factors (HOOMD-blue, GSD), or the
    lowest and the highest coordinates, as three and three or in pairs (LAMMPS).
    """
    (a, b, c), last = given[:3], given[3:]
    if a > 0 and b > 0 and c >= 0:
        if np.all(last > 10.0) and np.all(last < 180.0):
            last = np.where(np.abs(last - 90.0) <= 1e-3, 90.0, last)
            cosines = np.where(last == 90.0, 0.0, np.cos(np.radians(last)))
            bc, ac, ab = cosines
            sine = np.sqrt(1.0 - ab**2)
            cy = (bc - ac * ab) / sine
            height = 1.0 - ac**2 - cy**2
            if height <= 0:
                raise ValueError(f"the box is {given.tolist()}: no cell has these three angles")
            rows = [[a, 0, 0], [b * ab, b * sine, 0], [c * ac, c * cy, c * np.sqrt(height)]]
            return np.array(rows), np.zeros(3)
        if np.abs(last).max() <= 5.0:
            xy, xz, yz = last
            vectors = np.array([[a, 0, 0], [xy * b, b, 0], [xz * c, yz * c, c]])
            # HOOMD-blue's boxes are centred
            return vectors, -0.5 * vectors.sum(axis=0)
    for low, high in ((given[:3], last), (given[0::2], given[1::2])):
        if np.all(low <= 0) and np.all(high > low):
            return np.diag(high - low), low
    raise ValueError(
        f"the box is {given.tolist()}: six numbers must be edges with angles in degrees or tilt "
        "factors, or lowest and highest coordinates"
    )


def _nearly_cubic(vectors: np.ndarray) -> bool:
    edges = np.diag(vectors)
    tilt = np.abs(vectors - np.diag(edges)).max()
    return bool(edges[0] > 0 and np.ptp(edges) <= _EDGES * edges[0] and tilt <= _ZERO * edges.max())


def _lower_triangular(vectors: np.ndarray, dimension: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the vectors in axes in which they are lower triangular, and the rotation to these.

    Raises
    ------
    ValueError
        If they are left-handed or flat.
    """
    lengths = np.sqrt((vectors**2).sum(axis=1))
    share = np.linalg.det(vectors) / max(lengths.prod(), np.finfo(float).tiny)
    inside = lengths[:dimension]
    if not (abs(share) > _ZERO and inside.min() > _ZERO * inside.max()):
        raise ValueError(
            f"the box is {vectors[:dimension, :dimension].tolist()}: it is flat, without "
            f"{'volume' if dimension == 3 else 'area'}"
        )
    if share < 0:
        raise ValueError(
            f"the box is {vectors[:dimension, :dimension].tolist()}: its vectors are left-handed; "
            "give them in another order, and none of them with a negative length"
        )
    limit = _ZERO * np.abs(vectors).max()
    if np.abs(np.triu(vectors, 1)).max() <= limit and np.all(np.diag(vectors) > 0):
        rotation, turned = np.eye(3), np.tril(vectors)
    else:
        x = vectors[0] / lengths[0]
        z = np.cross(vectors[0], vectors[1])
        z /= np.sqrt((z**2).sum())
        rotation = np.stack([x, np.cross(z, x), z], axis=1)
        turned = np.tril(vectors @ rotation)
    tilt = np.tril(turned, -1)
    tilt[np.abs(tilt) <= limit] = 0.0
    return tilt + np.diag(np.diag(turned)), rotation


def _of_least_tilt(vectors: np.ndarray, periodic: np.ndarray) -> np.ndarray:
    """Return vectors of the same lattice whose tilt is at most half of the vectors before."""
    vectors = vectors.copy()
    for k, m in ((1, 0), (2, 1), (2, 0)):
        times = vectors[k, m] / vectors[m, m]
        if periodic[m] and abs(times) > 0.5 + _ZERO:
            vectors[k] -= np.rint(times) * vectors[m]
            vectors[k, np.abs(vectors[k]) <= _ZERO * vectors[m, m]] = 0.0
    edges = np.diag(vectors)
    if _nearly_cubic(vectors) and np.ptp(edges) > 0:
        return float(edges.mean()) * np.eye(3)
    return vectors

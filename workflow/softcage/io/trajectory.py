"""Trajectories on disk: AMBER NetCDF written and read with mdtraj, topology as PDB.

Each stream of frames is one file (``uniform.nc``, ``log.nc``). Beside it is a table with the exact
steps of its frames (``uniform.csv``, ``log.csv``), because the single-precision times in the file
cannot tell 4 steps from 3 in a long run. One ``topology.pdb`` has the species as names of atoms.
VMD, OVITO and mdtraj open these files; mdtraj's unit of length, the nanometre, stands for sigma_AA.
Positions are unwrapped.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from softcage.box import Box
from softcage.io.atomic_file import replacing

_FEW = 16  # frames in memory
_ANGSTROM = 10.0  # mdtraj's files are in angstrom where its objects are in nanometres


@dataclass(frozen=True, eq=False)
class Trajectory:
    """Frames of a run, read from disk when asked for.

    Attributes
    ----------
    path : Path
    box : float or Box
        Edge of the periodic cube, sigma_AA, or another box.
    species : (N,) int64 array
        Index of each particle's species; particles are in the same order in every frame.
    steps, times : (F,) array
        Step (int64) and time (float64) of each frame, from the start of production.
    block, lag : (F,) int64 array
        In the log stream, the block of each frame and its steps since the origin of the block.
    boxes : (F, 3, 3) array or None
        Vectors of the box of each frame, where it changes. Positions are then those in ``box``, to
        which every frame is deformed: :meth:`own` returns those in the box of a frame.
    unwrapped : bool
        Whether positions follow the particles from frame to frame.
    """

    path: Path
    box: Any
    species: np.ndarray
    steps: np.ndarray
    times: np.ndarray
    block: np.ndarray
    lag: np.ndarray
    boxes: np.ndarray | None = None
    unwrapped: bool = True

    @property
    def dimension(self) -> int:
        """2 or 3."""
        return Box.of(self.box).dimension

    @property
    def density(self) -> float:
        """Particles over the volume of the box; over its mean volume, where it changes."""
        if self.boxes is None:
            return self.n_particles / Box.of(self.box).volume
        d = self.dimension
        return self.n_particles / float(np.linalg.det(self.boxes[:, :d, :d]).mean())

    def own(self, frame: int, positions: np.ndarray) -> tuple[np.ndarray, Any]:
        """Return positions (N, 3) of a frame in its own box, and the box.

        They are those that were given, but where the box changes.
        """
        if self.boxes is None:
            return positions, self.box
        box, vectors = Box.of(self.box), self.boxes[frame]
        places = (positions - box.origin) @ np.linalg.inv(box.vectors)
        return places @ vectors, Box.of(vectors, box.dimension)

    def frames(self, frame_indices: Sequence[int] | np.ndarray) -> tuple[Iterator[np.ndarray], Any]:
        """Return the positions (N, 3) of frames in their own boxes, and the box.

        A few frames at a time are in memory. The box is a list with that of each frame, where it
        changes.
        """
        numbers = np.asarray(frame_indices, dtype=int)

        def positions() -> Iterator[np.ndarray]:
            for part in (numbers[k : k + _FEW] for k in range(0, len(numbers), _FEW)):
                for frame, inside in zip(part, self.read(part), strict=True):
                    yield self.own(frame, inside)[0]

        if self.boxes is None:
            return positions(), self.box
        d = self.dimension
        return positions(), [Box.of(self.boxes[frame], d) for frame in numbers]

    @property
    def n_frames(self) -> int:
        """Number of frames."""
        return len(self.steps)

    @property
    def n_particles(self) -> int:
        """Number of particles."""
        return len(self.species)

    def chunks(
        self, size: int = 64, start: int = 0, stop: int | None = None, stride: int = 1
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield ``(frame_indices (k,), positions (k, N, 3))`` for ``range(start, stop, stride)``.

        At most ``size`` frames are in memory; positions are float64, unwrapped, in sigma_AA.
        """
        frames = np.arange(start, self.n_frames if stop is None else stop, stride)
        with _open(self.path) as handle:
            for k in range(0, len(frames), size):
                part = frames[k : k + size]
                handle.seek(int(part[0]))
                yield part, _positions(handle, len(part), stride)

    def read(self, frame_indices: Sequence[int] | np.ndarray) -> np.ndarray:
        """Return the positions of the given frames, (k, N, 3) float64, unwrapped."""
        positions = np.empty((len(frame_indices), self.n_particles, 3))
        with _open(self.path) as handle:
            for k, frame in enumerate(frame_indices):
                handle.seek(int(frame))
                positions[k] = _positions(handle, 1, 1)[0]
        return positions


def open_trajectory(path: str | os.PathLike) -> Trajectory:
    """Open ``path`` (NetCDF) with the table of its frames and the topology beside it.

    Raises
    ------
    FileNotFoundError
        If one of the three files is missing; the message names it.
    ValueError
        If the files disagree about the number of frames or particles (a truncated file), or the
        box is missing or not a cube.
    """
    import mdtraj

    path = Path(path)
    table_path, topology_path = path.with_suffix(".csv"), path.with_name("topology.pdb")
    for needed in (path, table_path, topology_path):
        if not needed.exists():
            raise FileNotFoundError(
                f"{needed} is missing: a trajectory needs it beside {path.name}"
            )
    table = np.genfromtxt(table_path, delimiter=",", names=True, ndmin=1)
    names = [atom.name for atom in mdtraj.load_topology(str(topology_path)).atoms]
    order = list(dict.fromkeys(names))
    with _open(path) as handle:
        n_frames, n_atoms = handle.n_frames, handle.n_atoms
        if n_frames != len(table) or n_atoms != len(names):
            raise ValueError(
                f"{path} holds {n_frames} frames of {n_atoms} particles, but {table_path.name} "
                f"lists {len(table)} frames and {topology_path.name} {len(names)} particles: "
                "the trajectory is incomplete; delete it and simulate again"
            )
        # The NetCDF library reads arbitrary values beyond the end of a file.
        whole = 12 * n_frames * n_atoms
        if path.stat().st_size < whole:
            raise ValueError(
                f"{path} has {path.stat().st_size} bytes, but its {n_frames} frames need {whole}: "
                "the trajectory is incomplete; delete it and simulate again"
            )
        lengths = handle.read(n_frames=1)[2]
    if lengths is None or np.ptp(lengths[0]) > 1e-5 * lengths[0, 0]:
        raise ValueError(f"{path}: a cubic periodic box is needed, but its edges are {lengths}")
    return Trajectory(
        path=path,
        box=float(lengths[0, 0]) / _ANGSTROM,
        species=np.array([order.index(name) for name in names], dtype=np.int64),
        steps=table["step"].astype(np.int64),
        times=table["time"],
        block=table["block"].astype(np.int64),
        lag=table["lag"].astype(np.int64),
    )


def write_trajectory(
    path: str | os.PathLike,
    chunks: Iterable[np.ndarray],
    times: Sequence[float] | np.ndarray,
    box: Any,
) -> None:
    """Write unwrapped frames as AMBER NetCDF.

    Parameters
    ----------
    path : path
        Ends in ``.nc``; appears only when complete.
    chunks : iterable of (k, N, 3) arrays
        Positions, sigma_AA.
    times : (F,) array
        Read while the frames are written: it may grow with them.
    box : float or Box
        Edge of the periodic cube, sigma_AA, or another box.
    """
    from mdtraj.formats import NetCDFTrajectoryFile

    lengths, angles = _cell(box)
    with replacing(path) as temporary:
        with _closing(NetCDFTrajectoryFile(str(temporary), "w")) as handle:
            done = 0
            for positions in chunks:
                k = len(positions)
                handle.write(
                    np.asarray(positions, dtype=np.float32) * np.float32(_ANGSTROM),
                    time=np.asarray(times[done : done + k], dtype=np.float32),
                    cell_lengths=np.tile(lengths * _ANGSTROM, (k, 1)),
                    cell_angles=np.tile(angles, (k, 1)),
                )
                # mdtraj writes the time and the host here, which would differ between equal runs.
                handle._handle.title = "softcage"
                done += k


def _cell(box: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return the lengths of the three vectors of a box, and its angles in degrees."""
    if not isinstance(box, Box):
        return np.full(3, box), np.full(3, 90.0)
    return np.linalg.norm(box.vectors, axis=1), box.angles


def write_frame_table(
    path: str | os.PathLike,
    steps: np.ndarray,
    times: np.ndarray,
    block: int | np.ndarray = 0,
    lag: int | np.ndarray = 0,
) -> None:
    """Write step, time, block and lag of each frame of a stream, (F,) arrays, beside its frames."""
    columns = {"frame": np.arange(len(steps)), "step": steps, "time": times}
    with replacing(path) as temporary:
        table = pd.DataFrame({**columns, "block": block, "lag": lag})
        table.to_csv(temporary, index=False)


def write_stream(
    path: str | os.PathLike,
    chunks: Iterable[np.ndarray],
    box: float,
    steps: np.ndarray,
    times: np.ndarray,
    block: int | np.ndarray = 0,
    lag: int | np.ndarray = 0,
) -> None:
    """Write frames as :func:`write_trajectory` does, and their table beside them."""
    write_trajectory(path, chunks, times, box)
    write_frame_table(Path(path).with_suffix(".csv"), steps, times, block, lag)


def write_topology(
    path: str | os.PathLike,
    species: np.ndarray,
    names: tuple[str, ...],
    positions: np.ndarray,
    box: float,
) -> None:
    """Write a PDB whose atom names are the species, with ``positions`` (N, 3) in the box."""
    import mdtraj

    topology = mdtraj.Topology()
    chain = topology.add_chain()
    for index in species:
        residue = topology.add_residue(names[index], chain)
        topology.add_atom(names[index], mdtraj.element.virtual_site, residue)
    frame = mdtraj.Trajectory(
        (positions % box)[None].astype(np.float32),
        topology,
        unitcell_lengths=np.full((1, 3), box),
        unitcell_angles=np.full((1, 3), 90.0),
    )
    with replacing(path) as temporary:
        frame.save_pdb(str(temporary))
        # Remarks contain the date and are removed, and so is the column of elements, which are all
        # the same: VMD and OVITO then distinguish the species by the names of atoms.
        lines = [line[:76].rstrip() for line in temporary.read_text().splitlines()]
        kept = [line for line in lines if not line.startswith("REMARK")]
        temporary.write_text("\n".join(kept) + "\n")


@contextmanager
def _closing(handle: Any) -> Iterator[Any]:
    """Close a file that is being written; a full disk raises OSError, as for other files."""
    try:
        yield handle
        handle.close()
    except RuntimeError as error:  # raised by the NetCDF library
        # A second attempt to close it, which both wrappers would make, crashes the interpreter.
        handle._closed, handle._handle._isopen = True, 0
        raise OSError(errno.ENOSPC, f"{os.strerror(errno.ENOSPC)} ({error})") from error


def _open(path: Path) -> Any:
    from mdtraj.formats import NetCDFTrajectoryFile

    try:
        return NetCDFTrajectoryFile(str(path), "r")
    except (OSError, TypeError, ValueError) as error:
        raise ValueError(
            f"{path} is not a readable NetCDF trajectory ({error}): it may be truncated; delete it "
            "and simulate again"
        ) from error


def _positions(handle: Any, n_frames: int, stride: int) -> np.ndarray:
    positions = handle.read(n_frames=n_frames, stride=stride)[0]  # a masked array
    return np.asarray(positions, dtype=np.float64) / _ANGSTROM


def numbers_of_box(trajectory: Trajectory) -> float | list:
    """Return the edge of a cube, or the vectors of another box, in plain numbers for metadata."""
    box = trajectory.box
    return box if isinstance(box, float) else box.vectors.tolist()


def check_window(uniform: Trajectory, window: float) -> None:
    """Refuse a window of :func:`averaged_positions` in which there are not at least two frames.

    Raises
    ------
    ValueError
        Also if the frames are not evenly spaced in time.
    """
    steps = np.diff(uniform.times)
    if uniform.n_frames < 2 or not np.allclose(steps, steps[0], rtol=1e-3):
        raise ValueError("averaged positions need evenly spaced frames, whose times are known")
    if round(window / steps[0]) < 2:
        raise ValueError(
            f"positions cannot be averaged over {window:g}, which is shorter than two frames "
            f"({steps[0]:g} between frames): choose a longer window"
        )
    if window > uniform.times[-1] - uniform.times[0] + steps[0]:
        raise ValueError(
            f"positions cannot be averaged over {window:g}: the trajectory is shorter, "
            f"{uniform.times[-1] - uniform.times[0]:g}"
        )


def averaged_positions(
    uniform: Trajectory, times: np.ndarray, window: float, size: int = 32
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield positions averaged over the last ``window`` of time up to each of ``times``.

    Averaging removes the thermal vibration from the cage. The average is over the frames of the
    uniform stream in ``(t - window, t]``; positions have to be unwrapped for it.

    Parameters
    ----------
    uniform : Trajectory
        Equally spaced, unwrapped frames, :func:`softcage.io.trajectory.open_trajectory`.
    times : (n,) array
        Ascending times of the frames, which may be of this stream or of another stream of the same
        run.
    window : float
        Length of the average, rounded to whole frames, at least one.
    size : int
        Number of results per step, which limits the memory.

    Yields
    ------
    tuple
        Indices into ``times`` (k,), and mean positions (k, N, 3). Times with less than a whole
        window behind them are left out.
    """
    interval = (uniform.times[-1] - uniform.times[0]) / (uniform.n_frames - 1)
    n = max(1, round(window / interval))
    last = np.searchsorted(uniform.times, np.asarray(times) + 1e-6 * interval, side="right") - 1
    usable = np.flatnonzero(last >= n - 1)
    for k in range(0, len(usable), size):
        part = usable[k : k + size]
        first, stop = int(last[part].min()) - n + 1, int(last[part].max()) + 1
        _, positions = next(uniform.chunks(size=stop - first, start=first, stop=stop))
        sums = np.concatenate([np.zeros_like(positions[:1]), np.cumsum(positions, axis=0)])
        end = last[part] - first + 1
        yield part, (sums[end] - sums[end - n]) / n

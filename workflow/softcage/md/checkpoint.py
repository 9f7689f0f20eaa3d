"""Checkpoints: the state of a run and the frames taken so far, safe against a kill at any moment.

A folder holds segments (frames and thermodynamic rows since the checkpoint before, never changed
once written) and the two latest states, each of which names the segments before it. A segment is on
disk before the state that names it, and both are put in place by renaming. Segments that no state
names can be ignored.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import numpy as np

from softcage.io.atomic_file import replacing
from softcage.md.integrator import State

log = logging.getLogger(__name__)

_ARRAYS = (
    "positions",
    "velocities",
    "species",
    "thermostat_positions",
    "thermostat_velocities",
)


@dataclass(eq=False)
class Checkpoints:
    """A folder of checkpoints of the run with this ``fingerprint``."""

    folder: Path
    fingerprint: str
    segments: list[str] = field(default_factory=list)

    def save(self, state: State, arrays: dict[str, np.ndarray]) -> None:
        """Write ``arrays`` (what was recorded since the last save), then ``state``."""
        self.folder.mkdir(parents=True, exist_ok=True)
        name = f"segment-{state.step:012d}.npz"
        with replacing(self.folder / name) as temporary:
            np.savez(temporary, allow_pickle=False, **arrays)
        self.segments.append(name)
        with replacing(self.folder / f"state-{state.step:012d}.npz") as temporary:
            save_state(temporary, state, self.fingerprint, self.segments)
        for old in sorted(self.folder.glob("state-*.npz"))[:-2]:
            old.unlink()

    def load(self) -> State | None:
        """Return the newest readable state, or None; forget segments that came after it.

        A state that is damaged or has a damaged segment is skipped with a message, and the state
        before it is used. A state of another run is refused with a message.
        """
        for path in sorted(self.folder.glob("state-*.npz"), reverse=True):
            try:
                state, fingerprint, segments = load_state(path)
                if fingerprint != self.fingerprint:
                    log.warning("%s belongs to a run with other settings: not used", path)
                    continue
                for name in segments:
                    with zipfile.ZipFile(self.folder / name) as archive:
                        if archive.testzip() is not None:
                            raise ValueError(f"segment {name} is damaged")
            except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
                log.warning("%s cannot be used (%s): trying the one before it", path, error)
                continue
            self.segments = segments
            log.info("resuming from %s at step %d", path, state.step)
            return state
        self.segments = []
        return None

    def read(self, key: str) -> Iterator[np.ndarray]:
        """Yield the array ``key`` of every segment in turn."""
        for name in self.segments:
            with np.load(self.folder / name) as segment:
                yield segment[key]

    def clear(self) -> None:
        """Delete all checkpoints, once the run is complete and its outputs are in place."""
        for path in self.folder.glob("*.npz"):
            path.unlink(missing_ok=True)


@contextmanager
def exclusive(folder: Path, patience: float = 60.0) -> Iterator[None]:
    """Keep other processes from running the simulation of ``folder`` inside the block.

    Wait for a process that is about to end, for example because its Snakemake was killed. The lock
    is released when the process ends, however it ends.

    Raises
    ------
    RuntimeError
        If another process still has the lock after ``patience`` seconds.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / ".lock", "a") as handle:
        deadline = time.monotonic() + patience
        while not _locked(handle):
            if time.monotonic() > deadline:
                raise RuntimeError(
                    f"another process is running this simulation ({folder} is locked): wait for "
                    "it or stop it, then try again"
                )
            log.info("waiting for another process that uses %s", folder)
            time.sleep(1.0)
        yield


def _locked(handle: IO) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        pass
    return True


def save_state(
    path: str | os.PathLike, state: State, fingerprint: str = "", segments: list[str] | None = None
) -> None:
    """Save ``state`` as npz (full float64); any run of the same mixture can start from it."""
    np.savez(
        path,
        box=state.box,
        step=state.step,
        twice_kinetic=state.twice_kinetic,
        header=json.dumps({"fingerprint": fingerprint, "segments": segments or []}),
        **{name: getattr(state, name) for name in _ARRAYS},
    )


def load_state(path: str | os.PathLike) -> tuple[State, str, list[str]]:
    """Return what :func:`save_state` wrote: state, fingerprint and names of segments."""
    with np.load(path) as archive:
        header = json.loads(str(archive["header"]))
        arrays = {name: archive[name] for name in _ARRAYS}
        numbers = {"box": float, "step": int, "twice_kinetic": float}
        arrays |= {name: convert(archive[name]) for name, convert in numbers.items()}
        state = State(**arrays)
    return state, header["fingerprint"], header["segments"]

"""The decorator of every kernel: Numba compiles it and keeps the code in files that are checked.

Numba trusts the files of its cache. One that is empty, cut or overwritten with zeros, as a full
disk, a quota or a crash leaves it, would end every later run in an error, and one with a wrong byte
may hold other machine code. Here each file ends in a digest of what is before it. A file without
its digest, or one that cannot be read, counts as missing: the kernel is compiled again, and the
file replaced.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from numba import njit
from numba.core.caching import IndexDataCacheFile


def kernel(function: Callable | None = None, **options: Any) -> Any:
    """Compile a function with ``numba.njit`` and keep the code in checked files.

    Parameters
    ----------
    function : callable
    options
        Of ``numba.njit``: ``parallel``, ``fastmath``, ...

    Returns
    -------
    Dispatcher
        The compiled function, or the decorator of a function if options alone are given.

    Raises
    ------
    RuntimeError
        If there is no folder for the code (``NO_CACHE`` in :mod:`softcage.compiled.caches`).
    """
    if function is None:
        return partial(kernel, **options)
    compiled = njit(cache=True, **options)(function)
    if (cache := getattr(compiled, "_cache", None)) is not None:  # none with NUMBA_DISABLE_JIT
        cache._cache_file.__class__ = _CheckedFiles
    return compiled


class _CheckedFiles(IndexDataCacheFile):
    """The index and the code of one kernel on disk."""

    def save(self, key: Any, data: Any) -> None:
        """Write the code of a signature, if there is room; otherwise the next run compiles it."""
        with suppress(OSError):
            super().save(key, (key, data))

    def load(self, key: Any) -> Any:
        """Return the code of a signature, None where there is none.

        Two processes that write at once may give one name to the code of two signatures.
        """
        found = super().load(key)
        return found[1] if found and found[0] == key else None

    def _load_index(self) -> dict:
        return super()._load_index() if _is_whole(self._index_path) else {}

    def _load_data(self, name: str) -> Any:
        if not _is_whole(self._data_path(name)):
            raise FileNotFoundError(name)  # which Numba expects
        return super()._load_data(name)

    @contextmanager
    def _open_for_write(self, filepath: str) -> Iterator[io.BytesIO]:
        content = io.BytesIO()
        yield content
        with super()._open_for_write(filepath) as file:
            file.write(content.getvalue() + _digest(content.getvalue()))


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def _is_whole(path: str) -> bool:
    """Return whether a file can be read and ends in the digest of what is before it."""
    try:
        content = Path(path).read_bytes()
    except OSError:
        return False
    size = len(content) - hashlib.sha256().digest_size
    return size > 0 and content[size:] == _digest(content[:size])

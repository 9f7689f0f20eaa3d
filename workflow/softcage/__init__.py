"""softcage: local softness of the mean-field cage in supercooled liquids.

Plain functions on NumPy arrays in reduced Lennard-Jones units (length sigma_AA, energy
epsilon_AA, time sqrt(m sigma_AA^2 / epsilon_AA), k_B = 1). There is one folder for each topic; each
module can be imported alone, and none reads a configuration file.

The functions that most programs need are available as ``softcage.<name>``. Their modules are
imported on first use, so that ``import softcage`` takes no time and changes nothing::

    import softcage

    frames = softcage.open_trajectory("uniform.nc").read([0, 1])

Where neither the library's folder nor the user's cache folder can be written, as in a container
without a home folder, call ``softcage.use_writable_cache()`` first, or name a folder in
``NUMBA_CACHE_DIR``. Otherwise Numba has no place for its compiled code and raises an error.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from softcage.box import Box
    from softcage.cage.calibration import read_line
    from softcage.cage.frames import score_frames
    from softcage.cage.local_depth import local_depth
    from softcage.compiled.caches import use_writable_cache
    from softcage.dynamics.hops import p_hop
    from softcage.io.external import import_trajectory, open_external
    from softcage.io.particle_table import read_metadata
    from softcage.io.trajectory import open_trajectory
    from softcage.md.minimise import minimise
    from softcage.md.simulation import Protocol, simulate
    from softcage.model import Composition, Mixture, kob_andersen
    from softcage.systems import frame_of

__version__ = "0.1.0"

__all__ = [
    "Box",
    "Composition",
    "Mixture",
    "Protocol",
    "frame_of",
    "import_trajectory",
    "kob_andersen",
    "local_depth",
    "minimise",
    "open_external",
    "open_trajectory",
    "p_hop",
    "read_line",
    "read_metadata",
    "score_frames",
    "simulate",
    "use_writable_cache",
]

_MODULES = {
    "Box": "box",
    "Composition": "model",
    "Mixture": "model",
    "Protocol": "md.simulation",
    "frame_of": "systems",
    "import_trajectory": "io.external",
    "kob_andersen": "model",
    "local_depth": "cage.local_depth",
    "minimise": "md.minimise",
    "open_external": "io.external",
    "open_trajectory": "io.trajectory",
    "p_hop": "dynamics.hops",
    "read_line": "cage.calibration",
    "read_metadata": "io.particle_table",
    "score_frames": "cage.frames",
    "simulate": "md.simulation",
    "use_writable_cache": "compiled.caches",
}


def __getattr__(name: str) -> Any:
    """Import a public name from its module, on first use."""
    if name not in _MODULES:
        raise AttributeError(f"module 'softcage' has no attribute {name!r}")
    try:
        value = getattr(import_module(f"softcage.{_MODULES[name]}"), name)
    except RuntimeError as error:
        if "cannot cache function" not in str(error):
            raise
        advice = import_module("softcage.compiled.caches").NO_CACHE
        raise RuntimeError(f"{advice}, or call softcage.use_writable_cache() first") from error
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the names of the module, including those that are not imported yet."""
    return sorted({*globals(), *__all__})

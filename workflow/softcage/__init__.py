"""softcage: local softness of the mean-field cage in supercooled liquids.

Plain functions on NumPy arrays in reduced Lennard-Jones units (length sigma_AA, energy
epsilon_AA, time sqrt(m sigma_AA^2 / epsilon_AA), k_B = 1). A folder a topic; each module can be
imported alone and none reads a configuration file.
"""

import os

from softcage.compiled.cache_folder import use_writable_cache

__version__ = "0.1.0"

use_writable_cache()  # before Numba and Matplotlib look for theirs
# Before HDF5 is loaded: no file of this package needs its locks, as each is written aside and
# renamed when it is whole, and on file systems without locks nothing could be written or read.
os.environ.setdefault("HDF5_USE_FILE_LOCKING", "FALSE")

"""The study as a table: what the configuration says, whether it makes sense, and its runs.

Used by the Snakefile (and by tests), never by the library or the scripts: those get plain
numbers. Nothing here starts a simulation, so everything wrong with a configuration is said
before the first one.
"""
# ruff: noqa: F401  (the names that rules and tools use)

from softcage.compiled.caches import drop_stale_kernels, no_compiler
from study.checks import problems, refused_beyond, unwritable
from study.code_inputs import WORKFLOW, code, library
from study.config import complete
from study.jobs import cluster_messages, missing_conda, prepare_environment, resources
from study.ownership import of_another_configuration
from study.reading import load, misread, read_groups
from study.runs import (
    COPIES,
    about_run,
    any_of,
    batches,
    configuration_file,
    configurations,
    copied_configurations,
    copy_seed,
    draws,
    further_quenches,
    import_protocol,
    imported,
    imported_temperatures,
    label,
    protocol,
    public_files,
    ranked_temperatures,
    recording_times,
    results,
    seed,
    starts,
    state_point,
    state_points,
    temperatures_of_files,
    topologies,
)

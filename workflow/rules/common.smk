import re
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

sys.path.insert(0, str(Path(workflow.current_basedir).parent))

from study import lock
import study

study.prepare_environment()
study.read_groups(config, workflow.config_settings.config)

if found := [*study.misread(workflow.configfiles), *study.problems(config)]:
    raise WorkflowError("\n".join(["The configuration was refused:", *found]))
study.complete(config)

if refused := (
    study.of_another_configuration(config)
    or study.missing_conda(workflow.deployment_settings)
    or study.no_compiler()
):
    raise WorkflowError(refused)

if workflow.remote_exec:  # a job on a node, which may have caches of its own
    study.drop_stale_kernels()

RESULTS = study.results(config)
TEMPERATURES = [study.label(t) for t in sorted(p["T"] for p in config["state_points"])]
LOWEST = TEMPERATURES[0]
DELTA = study.label(config["softness"]["delta"])
DELTAS = [study.label(delta) for delta in config["softness"]["delta_values"]]
REPLICAS = [str(replica) for replica in range(config["replicas"])]
HOP_WINDOWS = [
    config["dynamics"]["hop_window"],
    *config["dynamics"]["hop_window_alternatives"],
]
CONFIGURATIONS = study.configurations(config)  # T: how many have their propensity measured
COPIED_CONFIGURATIONS = study.copied_configurations(config)  # T: how many have copies
RANKED_TEMPERATURES = study.ranked_temperatures(config)
# Sums are kept in blocks that are finer than any in use; their length comes from tau_alpha.
FINE_BLOCKS = 8 * config["statistics"]["blocks"]


# The study's own, in its own spelling: T0.70 for 0.7 would be simulated a second time.
wildcard_constraints:
    T="|".join(map(re.escape, [*TEMPERATURES, *CONFIGURATIONS])),
    delta="|".join(map(re.escape, DELTAS)),
    replica="|".join(REPLICAS),


# the script and the modules that it imports, for `params:`
code = study.code


def resources_of(name):
    """Return what a job of this class asks for, for `resources:` (see config/README.md)."""
    return study.resources(config, name)


# ---------------------------------------------------------------- files that many rules name
RUN_FILES = {
    name: f"{RESULTS}/md/T{{T}}/r{{replica}}/{file}"
    for name, file in {
        "uniform": "uniform.nc",
        "uniform_table": "uniform.csv",
        "log": "log.nc",
        "log_table": "log.csv",
        "topology": "topology.pdb",
        "thermo": "thermo.csv",
        "state": "final.npz",
    }.items()
}


def frames(*streams):
    """Return the frames of a run and what says which they are, for `input:`."""
    names = [*streams, *(f"{stream}_table" for stream in streams), "topology"]
    return {name: RUN_FILES[name] for name in names}


def replicas(paths):
    """Return a path, or each of some by their names, for all replicas."""
    if isinstance(paths, dict):
        return {name: replicas(path) for name, path in paths.items()}
    return expand(paths, replica=REPLICAS, allow_missing=True)


def further_quenches(wildcards):
    """Return the sums of runs of a temperature that are not among its replicas, for `input:`."""
    return study.further_quenches(config, wildcards.T)


def configuration_frames(wildcards):
    """Return the frames of the run that a configuration is taken from, for `input:`."""
    replica = int(wildcards.configuration) % len(REPLICAS)
    return {
        name: path.format(T=wildcards.T, replica=replica)
        for name, path in frames("uniform").items()
    }


def copied_propensities(wildcards):
    """Return the propensities of the configurations that have copies, and of these, for `input:`."""
    of_configuration = f"{RESULTS}/propensity/T{wildcards.T}/c{{number}}"
    numbers = range(COPIED_CONFIGURATIONS[wildcards.T])
    paths = {copy: f"{of_configuration}/{copy}.npz" for copy in study.COPIES}
    return {
        name: expand(path, number=numbers)
        for name, path in {"originals": f"{of_configuration}.npz", **paths}.items()
    }


def beyond_results(wildcards):
    """Return the tables and figures that go beyond the paper, for `input:`."""
    if refusal := study.refused_beyond(config):
        raise WorkflowError(refusal)
    if not RANKED_TEMPERATURES:
        raise WorkflowError(
            "propensity.temperatures names none of the study's temperatures, T = "
            f"{', '.join(TEMPERATURES)}: say there where the propensity is to be measured"
        )
    return [
        *(f"{RESULTS}/beyond/{name}.csv" for name in ("scores", "hops", "survival")),
        *rules.hop_environment.output,
        *figures_of("beyond"),
        *rules.animation.output,
    ]


def production_time(wildcards):
    """Return the length of the runs of a temperature, for `params:`."""
    return study.state_point(config, wildcards.T, 0)["production_time"]


def simulated_steps(wildcards):
    """Return the length of a run with all that comes before its production, for `priority:`."""
    plan = study.protocol(config, wildcards.T, wildcards.replica)
    return sum(plan[stage] for stage in ("melt", "cool", "equilibrate", "produce"))


def table_and_page(name, words, category):
    """Return a table of the report and the same as a page, for `output:`."""
    return {
        kind: report(
            f"{RESULTS}/{name}.{suffix}",
            caption=f"../report/{name}.rst",
            category=category,
            labels={"table": words, "format": form},
        )
        for kind, suffix, form in (("table", "csv", "table (CSV)"), ("page", "html", "page"))
    }

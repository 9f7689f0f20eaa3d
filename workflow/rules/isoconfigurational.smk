# Beyond the paper: runs from one configuration with many velocities.
OF_CONFIGURATION = f"{RESULTS}/propensity/T{{T}}/c{{configuration}}"
ANY_COPY = "|".join(study.COPIES)
ENGINE_OF_DRAWS = {
    name: config["md"][name]
    for name in ("timestep", "thermostat_time", "thermostat_chain", "precision")
}


# A copy of configuration 3 is the configuration 3/same_cages, for example.
wildcard_constraints:
    configuration=rf"\d+(?:/(?:{ANY_COPY}))?",
    original=r"\d+",
    shared=ANY_COPY,
    batch=r"\d+",


rule configuration:
    """One configuration of an equilibrated run, and the times to look at it again."""
    input:
        unpack(configuration_frames),
        # Not when tau_alpha is known a little better: that would make all runs anew.
        relaxation=ancient(f"{RESULTS}/relaxation/summary/T{{T}}.csv"),
    output:
        f"{OF_CONFIGURATION}/start.npz",
    log:
        f"{RESULTS}/logs/configuration/T{{T}}/c{{configuration}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/configuration/T{{T}}/c{{configuration}}.tsv"
    wildcard_constraints:
        configuration=r"\d+",
    conda:
        "../../envs/md.yaml"
    threads: 1
    resources:
        **resources_of("short"),
    params:
        *code("configuration.py", ignore=["io.log"]),
        runs=len(REPLICAS),
        timestep=config["md"]["timestep"],
        times=lambda wildcards: study.recording_times(config, wildcards.T),
        average_window=config["descriptors"]["average_window"],
    script:
        "../scripts/configuration.py"


# Temperatures with `files` in propensity.temperatures: their configurations are read.
ruleorder: configuration_of_file > configuration


rule configuration_of_file:
    """One configuration of others, and the times to look at it again."""
    input:
        lambda wildcards: study.configuration_file(config, wildcards.T, wildcards.configuration),
    output:
        f"{OF_CONFIGURATION}/start.npz",
    log:
        f"{RESULTS}/logs/configuration_of_file/T{{T}}/c{{configuration}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/configuration_of_file/T{{T}}/c{{configuration}}.tsv"
    wildcard_constraints:
        T=study.temperatures_of_files(config),
        configuration=r"\d+",
    conda:
        "../../envs/md.yaml"
    threads: 1
    resources:
        **resources_of("short"),
    params:
        *code("configuration_of_file.py", ignore=["io.log"]),
        mixture=config["mixture"],
        density=config["system"]["density"],
        timestep=config["md"]["timestep"],
        times=lambda wildcards: study.recording_times(config, wildcards.T),
    script:
        "../scripts/configuration_of_file.py"


rule copied_configuration:
    """A configuration that shares the cages, or a sphere, with another one and is new otherwise."""
    input:
        start=f"{RESULTS}/propensity/T{{T}}/c{{original}}/start.npz",
        relaxation=ancient(f"{RESULTS}/relaxation/summary/T{{T}}.csv"),
    output:
        f"{RESULTS}/propensity/T{{T}}/c{{original}}/{{shared}}/start.npz",
    log:
        f"{RESULTS}/logs/copied_configuration/T{{T}}/c{{original}}/{{shared}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/copied_configuration/T{{T}}/c{{original}}/{{shared}}.tsv"
    conda:
        "../../envs/md.yaml"
    threads: 1
    resources:
        **resources_of("simulation"),
    params:
        *code(
            "copied_configuration.py",
            ignore=["io.log", "compiled.decorator", "compiled.kernels", "md.interruption"],
        ),
        mixture=config["mixture"],
        seed=lambda wildcards: study.copy_seed(
            config, wildcards.T, wildcards.original, wildcards.shared
        ),
        engine=ENGINE_OF_DRAWS
        | {name: config["md"][name] for name in ("melt_temperature", "melt_time")},
    script:
        "../scripts/copied_configuration.py"


rule isoconfigurational_runs:
    """A batch of runs from one configuration, each with velocities of its own."""
    input:
        start=f"{OF_CONFIGURATION}/start.npz",
    output:
        f"{OF_CONFIGURATION}/b{{batch}}.npz",
    log:
        f"{RESULTS}/logs/isoconfigurational_runs/T{{T}}/c{{configuration}}/b{{batch}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/isoconfigurational_runs/T{{T}}/c{{configuration}}/b{{batch}}.tsv"
    conda:
        "../../envs/md.yaml"
    threads: 1
    resources:
        **resources_of("simulation"),
    params:
        *code(
            "isoconfigurational_runs.py",
            ignore=[
                "io.log",
                "compiled.decorator",
                "compiled.kernels",
                "md.interruption",
            ],
        ),
        mixture=config["mixture"],
        draws=lambda wildcards: study.draws(
            config, wildcards.T, wildcards.configuration, wildcards.batch
        ),
        overlap_radius=config["dynamics"]["overlap_radius"],
        engine=ENGINE_OF_DRAWS,
    script:
        "../scripts/isoconfigurational_runs.py"


rule propensity:
    """Mean displacement and 1 - overlap of every particle of one configuration."""
    input:
        start=f"{OF_CONFIGURATION}/start.npz",
        batches=expand(
            f"{OF_CONFIGURATION}/b{{batch}}.npz", batch=study.batches(config), allow_missing=True
        ),
    output:
        f"{OF_CONFIGURATION}.npz",
    log:
        f"{RESULTS}/logs/propensity/T{{T}}/c{{configuration}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/propensity/T{{T}}/c{{configuration}}.tsv"
    conda:
        "../../envs/md.yaml"
    threads: 1
    resources:
        **resources_of("short"),
    params:
        *code("propensity.py", ignore=["io.log"]),
    script:
        "../scripts/propensity.py"


rule propensities:
    """The propensity of all configurations, ranked or not."""
    input:
        [
            f"{RESULTS}/propensity/T{T}/c{configuration}.npz"
            for T, number in CONFIGURATIONS.items()
            for configuration in range(number)
        ],


rule bounds:
    """What a part of the structure determines of the propensity, from copies that share it."""
    input:
        unpack(copied_propensities),
    output:
        f"{RESULTS}/beyond/T{{T}}/bounds.csv",
    log:
        f"{RESULTS}/logs/bounds/T{{T}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/bounds/T{{T}}.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        **resources_of("short"),
    params:
        *code("bounds.py", ignore=["io.log"]),
        mixture=config["mixture"],
        density=config["system"]["density"],
        resamples=config["statistics"]["resamples"],
        seed=config["seed"],
    script:
        "../scripts/bounds.py"

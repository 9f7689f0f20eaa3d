# Temperatures with `trajectory` in the configuration: their runs are read, not simulated.
ruleorder: import_trajectory > simulate


rule import_trajectory:
    """Turn a trajectory made elsewhere into the files of a simulated run."""
    input:
        trajectory=lambda wildcards: study.imported(config, wildcards.T, wildcards.replica)["path"],
        particles=lambda wildcards: study.topologies(config, wildcards.T, wildcards.replica),
    output:
        **RUN_FILES,
    log:
        f"{RESULTS}/logs/import_trajectory/T{{T}}/r{{replica}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/import_trajectory/T{{T}}/r{{replica}}.tsv"
    wildcard_constraints:
        T=study.imported_temperatures(config),
    conda:
        "../../envs/md.yaml"
    threads: 1
    resources:
        **resources_of("analysis"),
    params:
        *code(
            "import_trajectory.py",
            ignore=["compiled.decorator", "compiled.kernels", "io.log"],
        ),
        mixture=config["mixture"],
        source=lambda wildcards: study.imported(config, wildcards.T, wildcards.replica),
        protocol=lambda wildcards: study.import_protocol(config, wildcards.T),
        hop_windows=HOP_WINDOWS,
    script:
        "../scripts/import_trajectory.py"

rule simulate:
    """Melt, cool, equilibrate and produce one state point: uniform and log-spaced frames."""
    input:
        start=lambda wildcards: study.starts(config, wildcards.T),
    output:
        **RUN_FILES,
    log:
        f"{RESULTS}/logs/simulate/T{{T}}/r{{replica}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/simulate/T{{T}}/r{{replica}}.tsv"
    priority: simulated_steps  # before all else, the longest first
    conda:
        "../../envs/md.yaml"
    threads: config["md"]["threads"]
    resources:
        **resources_of("simulation"),
    params:
        # What cannot change a trajectory is left out: the log, and where and when kernels are
        # compiled.
        *code(
            "simulate.py",
            ignore=[
                "io.log",
                "compiled.decorator",
                "compiled.kernels",
                "md.interruption",
            ],
        ),
        mixture=config["mixture"],
        protocol=lambda wildcards: study.protocol(config, wildcards.T, wildcards.replica),
        # Not an output: Snakemake deletes the outputs of a job that fails.
        checkpoints=f"{RESULTS}/checkpoints/T{{T}}/r{{replica}}",
    script:
        "../scripts/simulate.py"

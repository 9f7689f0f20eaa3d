from softcage.io.provenance import configuration_text


rule resolved_config:
    """What was run: the configuration with all overlays, and the runs with their seeds."""
    output:
        config=f"{RESULTS}/config.yaml",
        runs=f"{RESULTS}/state_points.csv",
    log:
        f"{RESULTS}/logs/resolved_config.log",
    benchmark:
        f"{RESULTS}/benchmarks/resolved_config.tsv"
    localrule: True
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        **resources_of("short"),
    params:
        *code("resolved_config.py"),
        text=configuration_text(config),
        points=study.state_points(config),
    script:
        "../scripts/resolved_config.py"

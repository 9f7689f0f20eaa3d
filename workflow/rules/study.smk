from softcage.io.provenance import configuration_text


rule resolved_config:
    """The configuration as it was run: defaults, overlay and command line merged."""
    input:
        code=library("resolved_config.py"),
    output:
        f"{RESULTS}/config.yaml",
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
        text=configuration_text(config),
    script:
        "../scripts/resolved_config.py"


rule state_points:
    """The runs of the study: T, replica, seed, and the length of each stage."""
    input:
        code=library("state_points.py"),
    output:
        f"{RESULTS}/state_points.csv",
    log:
        f"{RESULTS}/logs/state_points.log",
    benchmark:
        f"{RESULTS}/benchmarks/state_points.tsv"
    localrule: True
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        **resources_of("short"),
    params:
        points=study.state_points(config),
    script:
        "../scripts/state_points.py"

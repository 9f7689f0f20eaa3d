rule softness:
    """Depth and softness of every A particle in the frames of one run (Eqs. 5-8)."""
    input:
        **frames("uniform", "log"),
        cages=f"{RESULTS}/calibration/cage.csv",  # read with the line that is beside it
        calibration=f"{RESULTS}/calibration/calibration.csv",
    output:
        f"{RESULTS}/softness/T{{T}}/d{{delta}}/r{{replica}}.h5",
    log:
        f"{RESULTS}/logs/softness/T{{T}}/d{{delta}}/r{{replica}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/softness/T{{T}}/d{{delta}}/r{{replica}}.tsv"
    group:
        "scoring"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        **resources_of("scoring"),
    params:
        *code("softness.py"),
        mixture=config["mixture"],
        closure=config["softness"]["closure"],
        q_max=config["structure"]["q_max"],
        route=config["structure"]["route"],
        stride=config["softness"]["stride"],
        average_window=config["softness"]["average_window"],
        with_log=lambda wildcards: wildcards.delta == DELTA,
    script:
        "../scripts/softness.py"


rule local_rdf:
    """Radial distribution functions of single particles at the lowest temperature."""
    input:
        uniform=f"{RESULTS}/md/T{LOWEST}/r{REPLICAS[0]}/uniform.nc",
        table=f"{RESULTS}/md/T{LOWEST}/r{REPLICAS[0]}/uniform.csv",
        topology=f"{RESULTS}/md/T{LOWEST}/r{REPLICAS[0]}/topology.pdb",
        cage=f"{RESULTS}/cage/T{LOWEST}.npz",
        softness=f"{RESULTS}/softness/T{LOWEST}/d{DELTA}/r{REPLICAS[0]}.h5",
        hops=f"{RESULTS}/hops/T{LOWEST}/r{REPLICAS[0]}.h5",
    output:
        f"{RESULTS}/softness/local_rdf.csv",
    log:
        f"{RESULTS}/logs/local_rdf.log",
    benchmark:
        f"{RESULTS}/benchmarks/local_rdf.tsv"
    group:
        "analysis"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        **resources_of("analysis"),
    params:
        *code("local_rdf.py"),
        mixture=config["mixture"],
        delta=config["softness"]["delta"],
        delta_values=config["softness"]["delta_values"],
        hop_window=config["dynamics"]["hop_window"],
    script:
        "../scripts/local_rdf.py"

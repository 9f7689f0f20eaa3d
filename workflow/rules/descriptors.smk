# Beyond the paper: every descriptor in frames of the study's own runs.
rule descriptors:
    """Every descriptor of every A particle, in some frames of one run."""
    input:
        **frames("uniform"),
        curves=f"{RESULTS}/cage/T{{T}}.npz",
        cages=f"{RESULTS}/calibration/cage.csv",  # read with the line that is beside it
        calibration=f"{RESULTS}/calibration/calibration.csv",
    output:
        f"{RESULTS}/descriptors/T{{T}}/r{{replica}}.h5",
    log:
        f"{RESULTS}/logs/descriptors/T{{T}}/r{{replica}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/descriptors/T{{T}}/r{{replica}}.tsv"
    conda:
        "../../envs/propensity.yaml"
    threads: 1
    resources:
        **resources_of("analysis"),
    params:
        *code("descriptors.py", ignore=["io.log"]),
        mixture=config["mixture"],
        q_max=config["structure"]["q_max"],
        route=config["structure"]["route"],
        hop_window=config["dynamics"]["hop_window"],
        frames=config["descriptors"]["frames"],
        average_window=config["descriptors"]["average_window"],
        lengths=config["descriptors"]["lengths"],
        delta=config["softness"]["delta"],
        delta_values=config["softness"]["delta_values"],
    script:
        "../scripts/descriptors.py"

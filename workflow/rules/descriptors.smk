# Beyond the paper: every descriptor in frames of the study's own runs, and the hops that follow.
rule descriptors:
    """Every descriptor of every A particle, in some frames of one run."""
    input:
        **frames("uniform"),
        curves=f"{RESULTS}/cage/T{{T}}.npz",
        cages=f"{RESULTS}/calibration/cage.csv",  # read with the line that is beside it
        calibration=f"{RESULTS}/calibration/calibration.csv",
        code=library("descriptors.py", ignore=["io.log"]),
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
        mixture=config["mixture"],
        q_max=config["structure"]["q_max"],
        route=config["structure"]["route"],
        hop_window=config["dynamics"]["hop_window"],
        frames=config["descriptors"]["frames"],
        average_window=config["descriptors"]["average_window"],
        lengths=config["descriptors"]["lengths"],
    script:
        "../scripts/descriptors.py"


rule hop_scores:
    """Every descriptor against a hop now and the first hop to come, at all temperatures."""
    input:
        descriptors=expand(
            f"{RESULTS}/descriptors/T{{T}}/r{{replica}}.h5", T=TEMPERATURES, replica=REPLICAS
        ),
        events=expand(
            f"{RESULTS}/hops/T{{T}}/r{{replica}}_events.parquet", T=TEMPERATURES, replica=REPLICAS
        ),
        relaxation=expand(f"{RESULTS}/relaxation/summary/T{{T}}.csv", T=TEMPERATURES),
        code=library("hop_scores.py", ignore=["io.log"]),
    output:
        scores=f"{RESULTS}/beyond/hops.csv",
        survival=f"{RESULTS}/beyond/survival.csv",
        png=[
            *(
                beyond_figure("hops", "every descriptor against hops", folder=f"beyond/T{T}", T=T)
                for T in TEMPERATURES
            ),
            beyond_figure("survival", "how long soft particles stay"),
        ],
        pdf=[
            *expand(f"{RESULTS}/beyond/T{{T}}/hops.pdf", T=TEMPERATURES),
            f"{RESULTS}/beyond/survival.pdf",
        ],
    log:
        f"{RESULTS}/logs/hop_scores.log",
    benchmark:
        f"{RESULTS}/benchmarks/hop_scores.tsv"
    conda:
        "../../envs/propensity.yaml"
    threads: 1
    resources:
        **resources_of("analysis"),
    params:
        temperatures=[float(T) for T in TEMPERATURES],
        hop_window=config["dynamics"]["hop_window"],
        interval=config["md"]["frame_interval"],
        dpi=config["figures"]["dpi"],
    script:
        "../scripts/hop_scores.py"

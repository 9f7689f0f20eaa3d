rule reading_scores:
    """Scores of thinned frames with other terms and positions, for other readings of the paper."""
    input:
        **frames("uniform"),
        cage=f"{RESULTS}/cage/T{{T}}.csv",
        hops=f"{RESULTS}/hops/T{{T}}/r{{replica}}.h5",
        code=library("reading_scores.py"),
    output:
        f"{RESULTS}/readings/T{{T}}/r{{replica}}.h5",
    log:
        f"{RESULTS}/logs/reading_scores/T{{T}}/r{{replica}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/reading_scores/T{{T}}/r{{replica}}.tsv"
    group:
        "scoring"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        **resources_of("scoring"),
    params:
        mixture=config["mixture"],
        delta=config["softness"]["delta"],
        window=config["dynamics"]["hop_window"],
        frames=config["readings"]["frames"],
        average_windows=config["readings"]["average_windows"],
        inherent_frames=lambda wildcards: (
            config["readings"]["inherent_frames"] if wildcards.T == LOWEST else 0
        ),
    script:
        "../scripts/reading_scores.py"


rule readings:
    """What each reading of the paper gives, where it is open to more than one."""
    input:
        scores=expand(
            f"{RESULTS}/readings/T{{T}}/r{{replica}}.h5", T=TEMPERATURES, replica=REPLICAS
        ),
        hops=expand(f"{RESULTS}/hops/T{{T}}/r{{replica}}.h5", T=TEMPERATURES, replica=REPLICAS),
        curves=expand(f"{RESULTS}/cage/T{{T}}.npz", T=TEMPERATURES),
        cages=f"{RESULTS}/calibration/cage.csv",
        lines=f"{RESULTS}/calibration/calibration.csv",
        blocks=[
            f"{RESULTS}/prediction/T{T}/d{delta}/blocks.npz"
            for delta in DELTAS
            for T in TEMPERATURES
        ],
        summaries=[f"{RESULTS}/prediction/T{LOWEST}/d{delta}/summary.csv" for delta in DELTAS],
        relaxation=expand(f"{RESULTS}/relaxation/summary/T{{T}}.csv", T=TEMPERATURES),
        code=library("readings.py"),
    output:
        **table_and_page("readings", "readings of the paper", "Comparison with the paper"),
    log:
        f"{RESULTS}/logs/readings.log",
    benchmark:
        f"{RESULTS}/benchmarks/readings.tsv"
    group:
        "analysis"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        **resources_of("analysis"),
    params:
        study=config["study"],
        mixture=config["mixture"],
        temperatures=[float(T) for T in TEMPERATURES],
        q_max=config["structure"]["q_max"],
        q_max_alternatives=config["structure"]["q_max_alternatives"],
        route=config["structure"]["route"],
        delta=config["softness"]["delta"],
        delta_values=config["softness"]["delta_values"],
        average_windows=config["readings"]["average_windows"],
        window=config["dynamics"]["hop_window"],
        windows=HOP_WINDOWS,
        p_c=config["dynamics"]["p_c"],
        p_c_paper={str(T): p_c for T, p_c in config["dynamics"]["p_c_paper"].items()},
        softness_bins=config["prediction"]["softness_bins"],
        fit=ARRHENIUS_FIT,
    script:
        "../scripts/readings.py"

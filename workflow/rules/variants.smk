# What the paper leaves open: the questions of softcage.paper.readings, with the study's own answers.
QUESTIONS = {
    "delta": config["softness"]["delta"],
    "delta_values": config["softness"]["delta_values"],
    "average_windows": config["readings"]["average_windows"],
    "inherent_frames": config["readings"]["inherent_frames"],
    "q_max": config["structure"]["q_max"],
    "q_max_alternatives": config["structure"]["q_max_alternatives"],
    "route": config["structure"]["route"],
    "windows": HOP_WINDOWS,
    "p_c": config["dynamics"]["p_c"],
}
P_C_PAPER = {str(T): p_c for T, p_c in config["dynamics"]["p_c_paper"].items()}


rule reading_scores:
    """Counts of thinned frames for every form of the depth, positions and labels."""
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
    priority: 1  # so that the readings, one long job, do not run alone at the end
    group:
        "scoring"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        **resources_of("scoring"),
    params:
        mixture=config["mixture"],
        delta_values=config["softness"]["delta_values"],
        windows=HOP_WINDOWS,
        p_c_paper=P_C_PAPER,
        frames=config["readings"]["frames"],
        average_windows=config["readings"]["average_windows"],
        inherent_frames=config["readings"]["inherent_frames"],
    script:
        "../scripts/reading_scores.py"


rule readings:
    """What each reading of the paper gives, and whether one gives all of its numbers."""
    input:
        counts=expand(
            f"{RESULTS}/readings/T{{T}}/r{{replica}}.h5", T=TEMPERATURES, replica=REPLICAS
        ),
        curves=expand(f"{RESULTS}/cage/T{{T}}.npz", T=TEMPERATURES),
        cages=f"{RESULTS}/calibration/cage.csv",
        relaxation=expand(f"{RESULTS}/relaxation/summary/T{{T}}.csv", T=TEMPERATURES),
        equilibration=f"{RESULTS}/equilibration.csv",
        code=library("readings.py"),
    output:
        **table_and_page("readings", "readings of the paper", "Comparison with the paper"),
        **dict(
            zip(
                ("combinations", "combinations_page"),
                table_and_page(
                    "combinations", "all readings", "Comparison with the paper"
                ).values(),
            )
        ),
        numbers=f"{RESULTS}/readings/numbers.csv",
        given=f"{RESULTS}/readings/given.csv",
        options=f"{RESULTS}/readings/options.csv",
        constraint=f"{RESULTS}/readings/constraint.csv",
        verdict=f"{RESULTS}/readings/verdict.md",
    log:
        f"{RESULTS}/logs/readings.log",
    benchmark:
        f"{RESULTS}/benchmarks/readings.tsv"
    priority: 1
    group:
        "figures"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        **resources_of("analysis"),
    params:
        study=config["study"],
        mixture=config["mixture"],
        density=config["system"]["density"],
        temperatures=[float(T) for T in TEMPERATURES],
        questions=QUESTIONS,
        p_c_paper=P_C_PAPER,
        harmonic_range=config["structure"]["harmonic_range"],
        softness_bins=config["prediction"]["softness_bins"],
        bins={
            "groups": config["prediction"]["softness_groups"],
            "minimum_hops": config["prediction"]["minimum_hops"],
            "minimum_temperatures": config["prediction"]["arrhenius_temperatures"],
        },
        claims=[dict(claim) for claim in config["claims"]],
    script:
        "../scripts/readings.py"


rule q_max:
    """What q_max and the range of the parabola change in the softness, and what they do not."""
    input:
        cage=f"{RESULTS}/calibration/cage.csv",
        calibration=f"{RESULTS}/calibration/calibration.csv",
        counts=replicas(f"{RESULTS}/readings/T{LOWEST}/r{{replica}}.h5"),
        code=library("q_max.py"),
    output:
        f"{RESULTS}/prediction/q_max.csv",
    log:
        f"{RESULTS}/logs/q_max.log",
    benchmark:
        f"{RESULTS}/benchmarks/q_max.tsv"
    group:
        "analysis"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        **resources_of("analysis"),
    params:
        place_of_delta=config["softness"]["delta_values"].index(config["softness"]["delta"]),
        place_of_p_c=int(config["dynamics"]["p_c"] == "paper"),
    script:
        "../scripts/q_max.py"

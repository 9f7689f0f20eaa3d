# What the paper leaves open: the questions of softcage.interpretations.questions, with the study's own answers.
QUESTIONS = {
    "delta": config["softness"]["delta"],
    "delta_values": config["softness"]["delta_values"],
    "average_windows": config["interpretations"]["average_windows"],
    "inherent_frames": config["interpretations"]["inherent_frames"],
    "q_max": config["structure"]["q_max"],
    "q_max_alternatives": config["structure"]["q_max_alternatives"],
    "route": config["structure"]["route"],
    "windows": HOP_WINDOWS,
    "p_c": config["dynamics"]["p_c"],
}
P_C_PAPER = {str(T): p_c for T, p_c in config["dynamics"]["p_c_paper"].items()}


rule interpretation_counts:
    """Counts of thinned frames for every form of the depth, positions and labels."""
    input:
        **frames("uniform"),
        cage=f"{RESULTS}/cage/T{{T}}.csv",
        hops=f"{RESULTS}/hops/T{{T}}/r{{replica}}.h5",
    output:
        f"{RESULTS}/interpretations/T{{T}}/r{{replica}}.h5",
    log:
        f"{RESULTS}/logs/interpretation_counts/T{{T}}/r{{replica}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/interpretation_counts/T{{T}}/r{{replica}}.tsv"
    priority: 1  # so that the interpretations, one long job, do not run alone at the end
    group:
        "scoring"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        **resources_of("scoring"),
    params:
        *code("interpretation_counts.py"),
        mixture=config["mixture"],
        delta_values=config["softness"]["delta_values"],
        windows=HOP_WINDOWS,
        p_c_paper=P_C_PAPER,
        frames=config["interpretations"]["frames"],
        average_windows=config["interpretations"]["average_windows"],
        inherent_frames=config["interpretations"]["inherent_frames"],
    script:
        "../scripts/interpretation_counts.py"


rule interpretations:
    """What each interpretation of the paper gives, and whether one gives all of its numbers."""
    input:
        counts=expand(
            f"{RESULTS}/interpretations/T{{T}}/r{{replica}}.h5", T=TEMPERATURES, replica=REPLICAS
        ),
        curves=expand(f"{RESULTS}/cage/T{{T}}.npz", T=TEMPERATURES),
        cages=f"{RESULTS}/calibration/cage.csv",
        relaxation=expand(f"{RESULTS}/relaxation/summary/T{{T}}.csv", T=TEMPERATURES),
        equilibration=f"{RESULTS}/equilibration.csv",
    output:
        **table_and_page(
            "interpretations", "interpretations of the paper", "Comparison with the paper"
        ),
        **dict(
            zip(
                ("combinations", "combinations_page"),
                table_and_page(
                    "combinations", "all interpretations", "Comparison with the paper"
                ).values(),
            )
        ),
        numbers=f"{RESULTS}/interpretations/numbers.csv",
        given=f"{RESULTS}/interpretations/given.csv",
        options=f"{RESULTS}/interpretations/options.csv",
        constraint=f"{RESULTS}/interpretations/constraint.csv",
        verdict=f"{RESULTS}/interpretations/verdict.md",
    log:
        f"{RESULTS}/logs/interpretations.log",
    benchmark:
        f"{RESULTS}/benchmarks/interpretations.tsv"
    priority: 1
    group:
        "figures"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        **resources_of("analysis"),
    params:
        *code("interpretations.py"),
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
        "../scripts/interpretations.py"


rule q_max:
    """What q_max and the range of the parabola change in the softness, and what they do not."""
    input:
        cage=f"{RESULTS}/calibration/cage.csv",
        calibration=f"{RESULTS}/calibration/calibration.csv",
        counts=replicas(f"{RESULTS}/interpretations/T{LOWEST}/r{{replica}}.h5"),
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
        *code("q_max.py"),
        place_of_delta=config["softness"]["delta_values"].index(config["softness"]["delta"]),
        place_of_p_c=int(config["dynamics"]["p_c"] == "paper"),
    script:
        "../scripts/q_max.py"

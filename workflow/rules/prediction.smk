# What an Arrhenius fit needs: of a bin, and of the bootstrap for its errors.
ARRHENIUS_FIT = {
    "minimum_hops": config["prediction"]["minimum_hops"],
    "minimum_temperatures": config["prediction"]["arrhenius_temperatures"],
    "resamples": config["statistics"]["resamples"],
    "seed": config["seed"],
    "n_runs": len(REPLICAS),
}


rule prediction:
    """Distributions of all and of rearranging particles, P_R, shares and ROC AUC."""
    input:
        softness=replicas(f"{RESULTS}/softness/T{{T}}/d{{delta}}/r{{replica}}.h5"),
        hops=replicas(f"{RESULTS}/hops/T{{T}}/r{{replica}}.h5"),
        relaxation=f"{RESULTS}/relaxation/summary/T{{T}}.csv",
    output:
        distributions=f"{RESULTS}/prediction/T{{T}}/d{{delta}}/distributions.csv",
        curves=f"{RESULTS}/prediction/T{{T}}/d{{delta}}/curves.csv",
        summary=f"{RESULTS}/prediction/T{{T}}/d{{delta}}/summary.csv",
        blocks=f"{RESULTS}/prediction/T{{T}}/d{{delta}}/blocks.npz",
    log:
        f"{RESULTS}/logs/prediction/T{{T}}/d{{delta}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/prediction/T{{T}}/d{{delta}}.tsv"
    group:
        "scoring"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        **resources_of("scoring"),
    params:
        *code("prediction.py"),
        # every window for the default delta, the default window for the others
        windows=lambda wildcards: HOP_WINDOWS if wildcards.delta == DELTA else HOP_WINDOWS[:1],
        softness_bins=config["prediction"]["softness_bins"],
        depth_bins=config["prediction"]["depth_bins"],
        resamples=config["statistics"]["resamples"],
        seed=config["seed"],
    script:
        "../scripts/prediction.py"


rule rearranging_rdf:
    """g(r) around all A particles and around the rearranging ones."""
    input:
        **replicas(frames("uniform")),
        hops=replicas(f"{RESULTS}/hops/T{{T}}/r{{replica}}.h5"),
        relaxation=f"{RESULTS}/relaxation/summary/T{{T}}.csv",
    output:
        f"{RESULTS}/prediction/T{{T}}/rearranging_rdf.csv",
    log:
        f"{RESULTS}/logs/rearranging_rdf/T{{T}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/rearranging_rdf/T{{T}}.tsv"
    group:
        "analysis"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        **resources_of("analysis"),
    params:
        *code("rearranging_rdf.py"),
        species=config["mixture"]["species"],
        window=config["dynamics"]["hop_window"],
        frames=config["structure"]["frames"],
        r_max=2.5,
        r_bin=0.02,
        resamples=config["statistics"]["resamples"],
        seed=config["seed"],
    script:
        "../scripts/rearranging_rdf.py"


rule arrhenius:
    """Arrhenius fits of P_R over the temperatures, and where their lines cross."""
    input:
        blocks=expand(
            f"{RESULTS}/prediction/T{{T}}/d{{delta}}/blocks.npz",
            T=TEMPERATURES,
            allow_missing=True,
        ),
    output:
        arrhenius=f"{RESULTS}/prediction/d{{delta}}/arrhenius.csv",
        points=f"{RESULTS}/prediction/d{{delta}}/arrhenius_points.csv",
        crossing=f"{RESULTS}/prediction/d{{delta}}/crossing.csv",
    log:
        f"{RESULTS}/logs/arrhenius/d{{delta}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/arrhenius/d{{delta}}.tsv"
    group:
        "analysis"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        **resources_of("analysis"),
    params:
        *code("arrhenius.py"),
        temperatures=[float(T) for T in TEMPERATURES],
        # every window for the default delta, the default window for the others
        windows=lambda wildcards: HOP_WINDOWS if wildcards.delta == DELTA else HOP_WINDOWS[:1],
        fit=ARRHENIUS_FIT,
    script:
        "../scripts/arrhenius.py"


rule extrapolation:
    """What the laws of the study foresee for a colder liquid."""
    input:
        relaxation=expand(f"{RESULTS}/relaxation/summary/T{{T}}.csv", T=TEMPERATURES),
        cage=f"{RESULTS}/calibration/cage.csv",
        summary=expand(f"{RESULTS}/prediction/T{{T}}/d{DELTA}/summary.csv", T=TEMPERATURES),
        distributions=expand(
            f"{RESULTS}/prediction/T{{T}}/d{DELTA}/distributions.csv", T=TEMPERATURES
        ),
    output:
        table=f"{RESULTS}/prediction/extrapolation.csv",
        curves=f"{RESULTS}/prediction/extrapolation_curves.csv",
    log:
        f"{RESULTS}/logs/extrapolation.log",
    benchmark:
        f"{RESULTS}/benchmarks/extrapolation.tsv"
    group:
        "analysis"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        **resources_of("short"),
    params:
        *code("extrapolation.py"),
        T=config["prediction"]["colder"],
        temperatures=[float(T) for T in TEMPERATURES],
        q_max=config["structure"]["q_max"],
        route=config["structure"]["route"],
        window=config["dynamics"]["hop_window"],
        minimum_hops=ARRHENIUS_FIT["minimum_hops"],
        minimum_temperatures=ARRHENIUS_FIT["minimum_temperatures"],
    script:
        "../scripts/extrapolation.py"


rule correlation:
    """Softness at each delta against softness at the default delta, lowest temperature."""
    input:
        softness=expand(
            f"{RESULTS}/softness/T{LOWEST}/d{{delta}}/r{{replica}}.h5",
            delta=DELTAS,
            replica=REPLICAS,
        ),
        relaxation=f"{RESULTS}/relaxation/summary/T{LOWEST}.csv",
    output:
        histogram=f"{RESULTS}/prediction/correlation.csv",
        summary=f"{RESULTS}/prediction/correlation_summary.csv",
    log:
        f"{RESULTS}/logs/correlation.log",
    benchmark:
        f"{RESULTS}/benchmarks/correlation.tsv"
    group:
        "analysis"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        **resources_of("analysis"),
    params:
        *code("correlation.py"),
        delta=config["softness"]["delta"],
        delta_values=config["softness"]["delta_values"],
        frames=config["structure"]["frames"],
    script:
        "../scripts/correlation.py"

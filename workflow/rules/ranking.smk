# Beyond the paper: what predicts the propensity, and what predicts hops.
# What softcage.ranking.save writes, for a study and for files made elsewhere.
RANKING_TABLES = ("scores", "lengths", "coefficients", "importances", "fits", "predicted")
FIT_TABLES = ("scores", "coefficients", "importances", "fits")  # of regressions alone


rule rank_propensity:
    """Descriptors and learned predictors against the propensity of one temperature."""
    input:
        configurations=lambda wildcards: expand(
            f"{OF_CONFIGURATION}.npz",
            T=wildcards.T,
            configuration=range(CONFIGURATIONS[wildcards.T]),
        ),
        curves=f"{RESULTS}/cage/T{{T}}.npz",
        cages=f"{RESULTS}/calibration/cage.csv",  # read with the line that is beside it
        calibration=f"{RESULTS}/calibration/calibration.csv",
    output:
        **{name: f"{RESULTS}/beyond/T{{T}}/{name}.csv" for name in RANKING_TABLES},
    log:
        f"{RESULTS}/logs/rank_propensity/T{{T}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/rank_propensity/T{{T}}.tsv"
    priority: 1  # long: not alone at the end
    conda:
        "../../envs/propensity.yaml"
    threads: 1
    resources:
        **resources_of("analysis"),
    params:
        *code("rank_propensity.py", ignore=["io.log"]),
        mixture=config["mixture"],
        density=config["system"]["density"],
        q_max=config["structure"]["q_max"],
        route=config["structure"]["route"],
        lengths=config["descriptors"]["lengths"],
        delta=config["softness"]["delta"],
        delta_values=config["softness"]["delta_values"],
        resamples=config["statistics"]["resamples"],
        seed=config["seed"],
    script:
        "../scripts/rank_propensity.py"


rule ranking:
    """The tables of all temperatures in one."""
    input:
        scores=expand(f"{RESULTS}/beyond/T{{T}}/scores.csv", T=RANKED_TEMPERATURES),
    output:
        f"{RESULTS}/beyond/scores.csv",
    log:
        f"{RESULTS}/logs/ranking.log",
    benchmark:
        f"{RESULTS}/benchmarks/ranking.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        **resources_of("short"),
    params:
        *code("ranking.py", ignore=["io.log"]),
        temperatures=[float(T) for T in RANKED_TEMPERATURES],
    script:
        "../scripts/ranking.py"


rule rank_hops:
    """Every descriptor against a hop now and the first hop to come, at all temperatures."""
    input:
        descriptors=expand(
            f"{RESULTS}/descriptors/T{{T}}/r{{replica}}.h5", T=TEMPERATURES, replica=REPLICAS
        ),
        events=expand(
            f"{RESULTS}/hops/T{{T}}/r{{replica}}_events.parquet", T=TEMPERATURES, replica=REPLICAS
        ),
        relaxation=expand(f"{RESULTS}/relaxation/summary/T{{T}}.csv", T=TEMPERATURES),
    output:
        scores=f"{RESULTS}/beyond/hops.csv",
        survival=f"{RESULTS}/beyond/survival.csv",
    log:
        f"{RESULTS}/logs/rank_hops.log",
    benchmark:
        f"{RESULTS}/benchmarks/rank_hops.tsv"
    conda:
        "../../envs/propensity.yaml"
    threads: 1
    resources:
        **resources_of("analysis"),
    params:
        *code("rank_hops.py", ignore=["io.log"]),
        temperatures=[float(T) for T in TEMPERATURES],
        hop_window=config["dynamics"]["hop_window"],
        interval=config["md"]["frame_interval"],
        delta=config["softness"]["delta"],
        resamples=config["statistics"]["resamples"],
        seed=config["seed"],
    script:
        "../scripts/rank_hops.py"

# Beyond the paper: runs from one configuration with many velocities, and what predicts them.
OF_CONFIGURATION = f"{RESULTS}/propensity/T{{T}}/c{{configuration}}"
PROPENSITY_FIGURES = {
    "scores": "every predictor",
    "lengths": "averages against L",
    "coefficients": "what the fits rest on",
    "predicted": "predicted and measured, a map",
}


wildcard_constraints:
    configuration=r"\d+",
    batch=r"\d+",


rule configuration:
    """One configuration of an equilibrated run, and the times to look at it again."""
    input:
        unpack(configuration_frames),
        # Not when tau_alpha is known a little better: that would make all runs anew.
        relaxation=ancient(f"{RESULTS}/relaxation/summary/T{{T}}.csv"),
        code=library("configuration.py", ignore=["io.log"]),
    output:
        f"{OF_CONFIGURATION}/start.npz",
    log:
        f"{RESULTS}/logs/configuration/T{{T}}/c{{configuration}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/configuration/T{{T}}/c{{configuration}}.tsv"
    conda:
        "../../envs/md.yaml"
    threads: 1
    resources:
        **resources_of("short"),
    params:
        runs=len(REPLICAS),
        timestep=config["md"]["timestep"],
        times=config["propensity"]["times"],
        average_window=config["descriptors"]["average_window"],
    script:
        "../scripts/configuration.py"


rule draws:
    """A batch of runs from one configuration, each with velocities of its own."""
    input:
        start=f"{OF_CONFIGURATION}/start.npz",
        code=library(
            "draws.py",
            ignore=["caches", "io.log", "kernels", "md.interruption", "md.kernel_cache"],
        ),
    output:
        f"{OF_CONFIGURATION}/b{{batch}}.npz",
    log:
        f"{RESULTS}/logs/draws/T{{T}}/c{{configuration}}/b{{batch}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/draws/T{{T}}/c{{configuration}}/b{{batch}}.tsv"
    conda:
        "../../envs/md.yaml"
    threads: 1
    resources:
        **resources_of("simulation"),
    params:
        mixture=config["mixture"],
        draws=lambda wildcards: study.draws(
            config, wildcards.T, wildcards.configuration, wildcards.batch
        ),
        overlap_radius=config["dynamics"]["overlap_radius"],
        engine={
            name: config["md"][name]
            for name in ("timestep", "thermostat_time", "thermostat_chain", "precision")
        },
    script:
        "../scripts/draws.py"


rule propensity:
    """Mean displacement and 1 - overlap of every particle of one configuration."""
    input:
        start=f"{OF_CONFIGURATION}/start.npz",
        batches=expand(
            f"{OF_CONFIGURATION}/b{{batch}}.npz", batch=study.batches(config), allow_missing=True
        ),
        code=library("propensity.py", ignore=["io.log"]),
    output:
        f"{OF_CONFIGURATION}.npz",
    log:
        f"{RESULTS}/logs/propensity/T{{T}}/c{{configuration}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/propensity/T{{T}}/c{{configuration}}.tsv"
    conda:
        "../../envs/md.yaml"
    threads: 1
    resources:
        **resources_of("short"),
    script:
        "../scripts/propensity.py"


rule propensity_scores:
    """Descriptors and learned predictors against the propensity of one temperature."""
    input:
        configurations=lambda wildcards: expand(
            f"{OF_CONFIGURATION}.npz",
            T=wildcards.T,
            configuration=range(CONFIGURATIONS[wildcards.T]),
        ),
        cage=f"{RESULTS}/calibration/cage.csv",  # read with the line that is beside it
        calibration=f"{RESULTS}/calibration/calibration.csv",
        code=library("propensity_scores.py", ignore=["io.log"]),
    output:
        # what softcage.propensity.save writes
        **{
            name: f"{RESULTS}/beyond/T{{T}}/{name}.csv"
            for name in ("scores", "lengths", "coefficients", "importances")
        },
        png=[
            beyond_figure(name, words, folder="beyond/T{T}", T="{T}")
            for name, words in PROPENSITY_FIGURES.items()
        ],
        pdf=expand(
            f"{RESULTS}/beyond/T{{T}}/{{name}}.pdf", name=PROPENSITY_FIGURES, allow_missing=True
        ),
    log:
        f"{RESULTS}/logs/propensity_scores/T{{T}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/propensity_scores/T{{T}}.tsv"
    priority: 1  # long: not alone at the end
    conda:
        "../../envs/propensity.yaml"
    threads: 1
    resources:
        **resources_of("analysis"),
    params:
        mixture=config["mixture"],
        density=config["system"]["density"],
        q_max=config["structure"]["q_max"],
        route=config["structure"]["route"],
        dpi=config["figures"]["dpi"],
    script:
        "../scripts/propensity_scores.py"


rule propensity_times:
    """The tables of all temperatures in one, and how well the best predict at each time and T."""
    input:
        scores=expand(f"{RESULTS}/beyond/T{{T}}/scores.csv", T=CONFIGURATIONS),
        relaxation=expand(f"{RESULTS}/relaxation/summary/T{{T}}.csv", T=CONFIGURATIONS),
        code=library("propensity_times.py", ignore=["io.log"]),
    output:
        scores=f"{RESULTS}/beyond/scores.csv",
        png=beyond_figure("times", "predictors against time and T"),
        pdf=f"{RESULTS}/beyond/times.pdf",
    log:
        f"{RESULTS}/logs/propensity_times.log",
    benchmark:
        f"{RESULTS}/benchmarks/propensity_times.tsv"
    conda:
        "../../envs/propensity.yaml"
    threads: 1
    resources:
        **resources_of("short"),
    params:
        temperatures=[float(T) for T in CONFIGURATIONS],
        dpi=config["figures"]["dpi"],
    script:
        "../scripts/propensity_times.py"

# Beyond the paper: softness around hops, beside controls, and what hops do to their neighbours.
rule hop_environment_sums:
    """Softness around the events of one run and of their neighbours, as sums in time blocks."""
    input:
        **frames("uniform"),
        softness=f"{RESULTS}/softness/T{{T}}/d{DELTA}/r{{replica}}.h5",
        hops=f"{RESULTS}/hops/T{{T}}/r{{replica}}.h5",
        relaxation=f"{RESULTS}/relaxation/summary/T{{T}}.csv",
    output:
        f"{RESULTS}/hop_environment/T{{T}}/r{{replica}}.npz",
    log:
        f"{RESULTS}/logs/hop_environment_sums/T{{T}}/r{{replica}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/hop_environment_sums/T{{T}}/r{{replica}}.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        **resources_of("analysis"),
    params:
        *code("hop_environment_sums.py", ignore=["io.log"]),
        window=config["dynamics"]["hop_window"],
        mixture=config["mixture"],
        production_time=production_time,
        seed=config["seed"],
    script:
        "../scripts/hop_environment_sums.py"


rule hop_environment:
    """Softness around events, how far ahead hops are seen, and facilitation, at all temperatures."""
    input:
        sums=expand(
            f"{RESULTS}/hop_environment/T{{T}}/r{{replica}}.npz", T=TEMPERATURES, replica=REPLICAS
        ),
        relaxation=expand(f"{RESULTS}/relaxation/summary/T{{T}}.csv", T=TEMPERATURES),
    output:
        **{
            name: f"{RESULTS}/beyond/hop_environment/{name}.csv"
            for name in ("around", "lead", "change", "hazard", "ratio")
        },
    log:
        f"{RESULTS}/logs/hop_environment.log",
    benchmark:
        f"{RESULTS}/benchmarks/hop_environment.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        **resources_of("short"),
    params:
        *code("hop_environment.py", ignore=["io.log"]),
        temperatures=[float(T) for T in TEMPERATURES],
        resamples=config["statistics"]["resamples"],
        seed=config["seed"],
    script:
        "../scripts/hop_environment.py"

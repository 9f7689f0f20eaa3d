# Beyond the paper: slices of the sample, to be looked at.
rule maps:
    """Slices of the first run in time, with softness and the hops that follow."""
    input:
        uniform=RUN_FILES["uniform"].replace("{replica}", REPLICAS[0]),
        table=RUN_FILES["uniform_table"].replace("{replica}", REPLICAS[0]),
        topology=RUN_FILES["topology"].replace("{replica}", REPLICAS[0]),
        softness=f"{RESULTS}/softness/T{{T}}/d{DELTA}/r{REPLICAS[0]}.h5",
        p_hop=f"{RESULTS}/hops/T{{T}}/r{REPLICAS[0]}.h5",
        events=f"{RESULTS}/hops/T{{T}}/r{REPLICAS[0]}_events.parquet",
        relaxation=f"{RESULTS}/relaxation/summary/T{{T}}.csv",
    output:
        f"{RESULTS}/maps/T{{T}}.npz",
    log:
        f"{RESULTS}/logs/maps/T{{T}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/maps/T{{T}}.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        **resources_of("short"),
    params:
        *code("maps.py", ignore=["io.log"]),
        mixture=config["mixture"],
        window=config["dynamics"]["hop_window"],
    script:
        "../scripts/maps.py"

# Beyond the paper: the sample to look at, coldest beside hottest.
SHOWN = list(dict.fromkeys([LOWEST, TEMPERATURES[-1]]))


rule maps:
    """A slice coloured by softness, with the hops that follow: figure and animation."""
    input:
        uniform=expand(RUN_FILES["uniform"], T=SHOWN, replica=REPLICAS[0]),
        tables=expand(RUN_FILES["uniform_table"], T=SHOWN, replica=REPLICAS[0]),
        topology=expand(RUN_FILES["topology"], T=SHOWN, replica=REPLICAS[0]),
        softness=expand(
            f"{RESULTS}/softness/T{{T}}/d{DELTA}/r{{replica}}.h5", T=SHOWN, replica=REPLICAS[0]
        ),
        p_hop=expand(f"{RESULTS}/hops/T{{T}}/r{{replica}}.h5", T=SHOWN, replica=REPLICAS[0]),
        events=expand(
            f"{RESULTS}/hops/T{{T}}/r{{replica}}_events.parquet", T=SHOWN, replica=REPLICAS[0]
        ),
        relaxation=expand(f"{RESULTS}/relaxation/summary/T{{T}}.csv", T=SHOWN),
        code=library("maps.py", ignore=["io.log"]),
    output:
        png=beyond_figure("maps", "softness and hops"),
        pdf=f"{RESULTS}/beyond/maps.pdf",
        gif=beyond_figure("maps", "softness and hops, in motion", suffix="gif"),
    log:
        f"{RESULTS}/logs/maps.log",
    benchmark:
        f"{RESULTS}/benchmarks/maps.tsv"
    conda:
        "../../envs/propensity.yaml"
    threads: 1
    resources:
        **resources_of("short"),
    params:
        mixture=config["mixture"],
        window=config["dynamics"]["hop_window"],
        temperatures=[float(T) for T in SHOWN],
        dpi=config["figures"]["dpi"],
    script:
        "../scripts/maps.py"

rule animation:
    """The figure of the maps in motion; its resolution is that of a screen."""
    input:
        films=expand(f"{RESULTS}/maps/T{{T}}.npz", T=FILMED),
        equilibration=f"{RESULTS}/equilibration.csv",
    output:
        report(
            f"{RESULTS}/figures/maps.gif",
            caption="../report/maps.rst",
            category="Beyond the paper",
            labels={"figure": "softness and hops, in motion"},
        ),
    log:
        f"{RESULTS}/logs/animation.log",
    benchmark:
        f"{RESULTS}/benchmarks/animation.tsv"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        **resources_of("short"),
    params:
        *code("animation.py", ignore=["io.log"]),
        **look(dpi=75),
        shown=[float(T) for T in FILMED],
    script:
        "../scripts/animation.py"

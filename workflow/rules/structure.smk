rule structure:
    """Partial g(r) and lattice S(q) of one run, in time blocks."""
    input:
        **frames("uniform"),
    output:
        f"{RESULTS}/structure/T{{T}}/r{{replica}}.npz",
    log:
        f"{RESULTS}/logs/structure/T{{T}}/r{{replica}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/structure/T{{T}}/r{{replica}}.tsv"
    group:
        "structure"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        **resources_of("analysis"),
    params:
        *code("structure.py"),
        r_bin=config["structure"]["r_bin"],
        frames=config["structure"]["frames"],
        q_max=config["structure"]["q_max"],
        q_match=config["structure"]["q_match"],
        q_bin=config["structure"]["q_bin"],
        q_vectors=config["structure"]["q_vectors"],
        blocks=FINE_BLOCKS,
        seed=config["seed"],
    script:
        "../scripts/structure.py"


rule cage:
    """Depth and softness of the mean-field cage and its radii at one temperature."""
    input:
        structure=replicas(f"{RESULTS}/structure/T{{T}}/r{{replica}}.npz"),
        relaxation=f"{RESULTS}/relaxation/summary/T{{T}}.csv",
    output:
        curves=f"{RESULTS}/cage/T{{T}}.npz",
        table=f"{RESULTS}/cage/T{{T}}.csv",
    log:
        f"{RESULTS}/logs/cage/T{{T}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/cage/T{{T}}.tsv"
    group:
        "structure"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        **resources_of("analysis"),
    params:
        *code("cage.py"),
        mixture=config["mixture"],
        closure=config["softness"]["closure"],
        q_max=config["structure"]["q_max"],
        q_max_alternatives=config["structure"]["q_max_alternatives"],
        q_bin=config["structure"]["q_bin"],
        q_match=config["structure"]["q_match"],
        harmonic_range=config["structure"]["harmonic_range"],
        harmonic_range_alternatives=config["structure"]["harmonic_range_alternatives"],
        core_threshold=config["structure"]["core_threshold"],
        resamples=config["statistics"]["resamples"],
        seed=config["seed"],
    script:
        "../scripts/cage.py"


rule calibration:
    """The linear relations between softness and depth over all temperatures (Eq. 7)."""
    input:
        cages=expand(f"{RESULTS}/cage/T{{T}}.csv", T=TEMPERATURES),
    output:
        cages=f"{RESULTS}/calibration/cage.csv",
        lines=f"{RESULTS}/calibration/calibration.csv",
    log:
        f"{RESULTS}/logs/calibration.log",
    benchmark:
        f"{RESULTS}/benchmarks/calibration.tsv"
    group:
        "structure"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        **resources_of("analysis"),
    params:
        *code("calibration.py"),
    script:
        "../scripts/calibration.py"

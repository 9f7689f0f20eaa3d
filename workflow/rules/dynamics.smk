rule relaxation:
    """Mean squared displacement, non-Gaussian parameter, overlap and energy of one run."""
    input:
        **frames("uniform", "log"),
        thermo=RUN_FILES["thermo"],
    output:
        table=f"{RESULTS}/relaxation/T{{T}}/r{{replica}}.csv",
        sums=f"{RESULTS}/relaxation/T{{T}}/r{{replica}}.npz",
    log:
        f"{RESULTS}/logs/relaxation/T{{T}}/r{{replica}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/relaxation/T{{T}}/r{{replica}}.tsv"
    group:
        "dynamics"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        **resources_of("analysis"),
    params:
        *code("relaxation.py"),
        about=lambda wildcards: study.about_run(config, wildcards.T, wildcards.replica)
        | {"fine_blocks": FINE_BLOCKS},
        overlap_radius=config["dynamics"]["overlap_radius"],
        production_time=production_time,
        fine_blocks=FINE_BLOCKS,
        blocks=config["statistics"]["blocks"],
        block_relaxation_times=config["statistics"]["block_relaxation_times"],
        resamples=config["statistics"]["resamples"],
        seed=config["seed"],
    script:
        "../scripts/relaxation.py"


rule quench:
    """What one run gives to tau_alpha, p_c and u, to be added to a study without its trajectory."""
    input:
        **frames("uniform"),
        sums=f"{RESULTS}/relaxation/T{{T}}/r{{replica}}.npz",
    output:
        f"{RESULTS}/quenches/T{{T}}/r{{replica}}.npz",
    log:
        f"{RESULTS}/logs/quench/T{{T}}/r{{replica}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/quench/T{{T}}/r{{replica}}.tsv"
    group:
        "dynamics"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        **resources_of("analysis"),
    params:
        *code("quench.py"),
    script:
        "../scripts/quench.py"


rule relaxation_summary:
    """tau_alpha, p_c, D and u of one temperature, over its replicas and further quenches."""
    input:
        sums=replicas(f"{RESULTS}/relaxation/T{{T}}/r{{replica}}.npz"),
        further=further_quenches,
    output:
        table=f"{RESULTS}/relaxation/T{{T}}.csv",
        summary=f"{RESULTS}/relaxation/summary/T{{T}}.csv",
    log:
        f"{RESULTS}/logs/relaxation_summary/T{{T}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/relaxation_summary/T{{T}}.tsv"
    group:
        "dynamics"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        **resources_of("analysis"),
    params:
        *code("relaxation_summary.py"),
        production_time=production_time,
        blocks=config["statistics"]["blocks"],
        block_relaxation_times=config["statistics"]["block_relaxation_times"],
        resamples=config["statistics"]["resamples"],
        seed=config["seed"],
    script:
        "../scripts/relaxation_summary.py"


rule hops:
    """p_hop of every A particle and the rearrangements of one run, for each window."""
    input:
        **frames("uniform"),
        summary=f"{RESULTS}/relaxation/summary/T{{T}}.csv",
    output:
        p_hop=f"{RESULTS}/hops/T{{T}}/r{{replica}}.h5",
        events=f"{RESULTS}/hops/T{{T}}/r{{replica}}_events.parquet",
    log:
        f"{RESULTS}/logs/hops/T{{T}}/r{{replica}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/hops/T{{T}}/r{{replica}}.tsv"
    group:
        "dynamics"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        **resources_of("analysis"),
    params:
        *code("hops.py"),
        windows=HOP_WINDOWS,
        p_c=config["dynamics"]["p_c"],
        p_c_paper=config["dynamics"]["p_c_paper"],
    script:
        "../scripts/hops.py"


rule hop_example:
    """p_hop(t) of one particle with a few rearrangements, lowest T."""
    input:
        p_hop=f"{RESULTS}/hops/T{LOWEST}/r{REPLICAS[0]}.h5",
        events=f"{RESULTS}/hops/T{LOWEST}/r{REPLICAS[0]}_events.parquet",
    output:
        f"{RESULTS}/hops/example.csv",
    log:
        f"{RESULTS}/logs/hop_example.log",
    benchmark:
        f"{RESULTS}/benchmarks/hop_example.tsv"
    group:
        "dynamics"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        **resources_of("analysis"),
    params:
        *code("hop_example.py"),
        window=config["dynamics"]["hop_window"],
        T=float(LOWEST),
    script:
        "../scripts/hop_example.py"


rule propagator:
    """C_S(t), G(S, S0, t), mean softness of groups and q(S, t) of one temperature."""
    input:
        **replicas(frames("uniform", "log")),
        softness=replicas(f"{RESULTS}/softness/T{{T}}/d{DELTA}/r{{replica}}.h5"),
        relaxation=f"{RESULTS}/relaxation/summary/T{{T}}.csv",
    output:
        correlation=f"{RESULTS}/propagator/T{{T}}/correlation.csv",
        propagator=f"{RESULTS}/propagator/T{{T}}/propagator.csv",
        mean_softness=f"{RESULTS}/propagator/T{{T}}/mean_softness.csv",
        overlap=f"{RESULTS}/propagator/T{{T}}/overlap.csv",
    log:
        f"{RESULTS}/logs/propagator/T{{T}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/propagator/T{{T}}.tsv"
    group:
        "analysis"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        **resources_of("analysis"),
    params:
        *code("propagator.py"),
        cage_displacement=config["prediction"]["cage_displacement"],
        overlap_radius=config["dynamics"]["overlap_radius"],
        softness_bins=config["prediction"]["softness_bins"],
        groups=config["prediction"]["softness_groups"],
        times=config["prediction"]["propagator_times"],
        hard=config["prediction"]["hard_softness"],
        resamples=config["statistics"]["resamples"],
        seed=config["seed"],
    script:
        "../scripts/propagator.py"

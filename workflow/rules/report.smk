rule equilibration:
    """Checks of every run: relaxation times, drift, reference energy, crystalline order."""
    input:
        sums=expand(
            f"{RESULTS}/relaxation/T{{T}}/r{{replica}}.npz", T=TEMPERATURES, replica=REPLICAS
        ),
        further=[path for T in TEMPERATURES for path in study.further_quenches(config, T)],
        uniform=expand(
            f"{RESULTS}/md/T{{T}}/r{{replica}}/uniform.nc", T=TEMPERATURES, replica=REPLICAS
        ),
        tables=expand(
            f"{RESULTS}/md/T{{T}}/r{{replica}}/uniform.csv", T=TEMPERATURES, replica=REPLICAS
        ),
        topology=expand(
            f"{RESULTS}/md/T{{T}}/r{{replica}}/topology.pdb", T=TEMPERATURES, replica=REPLICAS
        ),
        summary=expand(f"{RESULTS}/relaxation/summary/T{{T}}.csv", T=TEMPERATURES),
    output:
        **table_and_page("equilibration", "equilibration", "How it was run"),
    log:
        f"{RESULTS}/logs/equilibration.log",
    benchmark:
        f"{RESULTS}/benchmarks/equilibration.tsv"
    group:
        "figures"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        **resources_of("short"),
    params:
        *code("equilibration.py", data=["dynamics/reference.csv"]),
        study=config["study"],
        mixture=config["mixture"],
        density=config["system"]["density"],
        block_relaxation_times=config["statistics"]["block_relaxation_times"],
        minimum_relaxation_times=config["equilibration"]["minimum_relaxation_times"],
    script:
        "../scripts/equilibration.py"


rule comparison:
    """The paper's numbers and statements beside ours, with error bars and verdicts."""
    input:
        relaxation=expand(f"{RESULTS}/relaxation/summary/T{{T}}.csv", T=TEMPERATURES),
        summary=expand(
            f"{RESULTS}/prediction/T{{T}}/d{{delta}}/summary.csv", T=TEMPERATURES, delta=DELTAS
        ),
        distributions=f"{RESULTS}/prediction/T{LOWEST}/d{DELTA}/distributions.csv",
        arrhenius=f"{RESULTS}/prediction/d{DELTA}/arrhenius.csv",
        crossing=f"{RESULTS}/prediction/d{DELTA}/crossing.csv",
        correlation=f"{RESULTS}/prediction/correlation_summary.csv",
        groups=expand(f"{RESULTS}/propagator/T{{T}}/mean_softness.csv", T=TEMPERATURES),
        c_s=f"{RESULTS}/propagator/T{LOWEST}/correlation.csv",
        propagator=f"{RESULTS}/propagator/T{LOWEST}/propagator.csv",
        overlap=f"{RESULTS}/relaxation/T{LOWEST}.csv",
        equilibration=f"{RESULTS}/equilibration.csv",
    output:
        **table_and_page("comparison", "comparison with the paper", "Comparison with the paper"),
    log:
        f"{RESULTS}/logs/comparison.log",
    benchmark:
        f"{RESULTS}/benchmarks/comparison.tsv"
    group:
        "figures"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        **resources_of("short"),
    params:
        *code("comparison.py"),
        study=config["study"],
        mixture=config["mixture"],
        density=config["system"]["density"],
        temperatures=[float(T) for T in TEMPERATURES],
        delta=config["softness"]["delta"],
        delta_values=config["softness"]["delta_values"],
        window=config["dynamics"]["hop_window"],
        claims=[dict(claim) for claim in config["claims"]],
    script:
        "../scripts/comparison.py"


rule costs:
    """Seconds and memory of every job, gathered from the benchmark files."""
    input:
        # Benchmark files are no outputs; the ends of the study stand for all jobs before them.
        ends=[
            f"{RESULTS}/comparison.csv",
            f"{RESULTS}/provenance.csv",
            *figures_of("all"),
        ],
    output:
        **table_and_page("costs", "costs", "How it was run"),
    log:
        f"{RESULTS}/logs/costs.log",
    benchmark:
        f"{RESULTS}/benchmarks/costs.tsv"
    group:
        "figures"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        **resources_of("short"),
    params:
        *code("costs.py"),
        study=config["study"],
        benchmarks=f"{RESULTS}/benchmarks",
    script:
        "../scripts/costs.py"


rule provenance:
    """What made the comparison: commit, versions, machine, date; a new commit changes nothing."""
    input:
        comparison=f"{RESULTS}/comparison.csv",
    output:
        **table_and_page("provenance", "provenance", "How it was run"),
    log:
        f"{RESULTS}/logs/provenance.log",
    benchmark:
        f"{RESULTS}/benchmarks/provenance.tsv"
    group:
        "figures"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        **resources_of("short"),
    params:
        *code("provenance.py"),
        study=config["study"],
    script:
        "../scripts/provenance.py"


rule summary:
    """The whole outcome on one page of Markdown."""
    input:
        comparison=f"{RESULTS}/comparison.csv",
        equilibration=f"{RESULTS}/equilibration.csv",
        interpretations=f"{RESULTS}/interpretations.csv",
        verdict=f"{RESULTS}/interpretations/verdict.md",
        costs=f"{RESULTS}/costs.csv",
        provenance=f"{RESULTS}/provenance.csv",
    output:
        f"{RESULTS}/SUMMARY.md",
    log:
        f"{RESULTS}/logs/summary.log",
    benchmark:
        f"{RESULTS}/benchmarks/summary.tsv"
    group:
        "figures"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        **resources_of("short"),
    params:
        *code("summary.py"),
        study=config["study"],
    script:
        "../scripts/summary.py"


rule pages:
    """Tables of the documentation: predictors of the propensity and of hops."""
    input:
        propensity=f"{RESULTS}/beyond/scores.csv",
        hops=f"{RESULTS}/beyond/hops.csv",
    output:
        propensity=f"{RESULTS}/beyond/tables/propensity.md",
        hops=f"{RESULTS}/beyond/tables/hops.md",
    log:
        f"{RESULTS}/logs/pages.log",
    benchmark:
        f"{RESULTS}/benchmarks/pages.tsv"
    conda:
        "../../envs/propensity.yaml"
    threads: 1
    resources:
        **resources_of("short"),
    params:
        *code("pages.py"),
        delta=config["softness"]["delta"],
        temperatures=[float(T) for T in RANKED_TEMPERATURES],
    script:
        "../scripts/pages.py"


rule public_page:
    """The same of files made elsewhere."""
    input:
        propensity=f"{OF_PUBLIC}/scores.csv",
    output:
        propensity=f"{OF_PUBLIC}/table.md",
    log:
        f"{RESULTS}/logs/public_page/{{public}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/public_page/{{public}}.tsv"
    conda:
        "../../envs/propensity.yaml"
    threads: 1
    resources:
        **resources_of("short"),
    params:
        *code("pages.py"),
        delta=config["softness"]["delta"],
    script:
        "../scripts/pages.py"

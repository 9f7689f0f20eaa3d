rule fig01:
    """Depth of the mean cage against its softness, with the lines that calibrate it."""
    input:
        cage=f"{RESULTS}/calibration/cage.csv",
        calibration=f"{RESULTS}/calibration/calibration.csv",
        equilibration=f"{RESULTS}/equilibration.csv",
        code=library("figures/fig01.py"),
    output:
        pdf=f"{RESULTS}/figures/fig01.pdf",
        png=report(
            f"{RESULTS}/figures/fig01.png",
            caption="../report/fig01.rst",
            category="Figures",
            labels={"figure": "01", "what": "mean cage: depth and softness"},
        ),
        csv=f"{RESULTS}/figures/fig01.csv",
    log:
        f"{RESULTS}/logs/fig01.log",
    benchmark:
        f"{RESULTS}/benchmarks/fig01.tsv"
    group:
        "figures"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        **resources_of("short"),
    params:
        **FIGURE_STYLE,
        q_max=config["structure"]["q_max"],
        route=config["structure"]["route"],
    script:
        "../scripts/figures/fig01.py"


rule fig02:
    """Distributions of local depth and softness at every temperature."""
    input:
        distributions=expand(
            f"{RESULTS}/prediction/T{{T}}/d{DELTA}/distributions.csv", T=TEMPERATURES
        ),
        equilibration=f"{RESULTS}/equilibration.csv",
        code=library("figures/fig02.py"),
    output:
        pdf=f"{RESULTS}/figures/fig02.pdf",
        png=report(
            f"{RESULTS}/figures/fig02.png",
            caption="../report/fig02.rst",
            category="Figures",
            labels={"figure": "02", "what": "distributions of depth and softness"},
        ),
        csv=f"{RESULTS}/figures/fig02.csv",
    log:
        f"{RESULTS}/logs/fig02.log",
    benchmark:
        f"{RESULTS}/benchmarks/fig02.tsv"
    group:
        "figures"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        **resources_of("short"),
    params:
        **FIGURE_STYLE,
        temperatures=[float(T) for T in TEMPERATURES],
        window=config["dynamics"]["hop_window"],
    script:
        "../scripts/figures/fig02.py"


rule fig03:
    """How long softness lasts: correlation, propagator, mean of groups."""
    input:
        correlation=expand(f"{RESULTS}/propagator/T{{T}}/correlation.csv", T=some(0, 1, -1)),
        overlap=expand(f"{RESULTS}/relaxation/T{{T}}.csv", T=some(0, 1, -1)),
        propagator=f"{RESULTS}/propagator/T{LOWEST}/propagator.csv",
        mean_softness=f"{RESULTS}/propagator/T{LOWEST}/mean_softness.csv",
        distributions=f"{RESULTS}/prediction/T{LOWEST}/d{DELTA}/distributions.csv",
        summary=f"{RESULTS}/prediction/T{LOWEST}/d{DELTA}/summary.csv",
        equilibration=f"{RESULTS}/equilibration.csv",
        code=library("figures/fig03.py"),
    output:
        pdf=f"{RESULTS}/figures/fig03.pdf",
        png=report(
            f"{RESULTS}/figures/fig03.png",
            caption="../report/fig03.rst",
            category="Figures",
            labels={"figure": "03", "what": "memory of softness"},
        ),
        csv=f"{RESULTS}/figures/fig03.csv",
    log:
        f"{RESULTS}/logs/fig03.log",
    benchmark:
        f"{RESULTS}/benchmarks/fig03.tsv"
    group:
        "figures"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        **resources_of("short"),
    params:
        **FIGURE_STYLE,
        temperatures=[float(T) for T in some(0, 1, -1)],
        window=config["dynamics"]["hop_window"],
    script:
        "../scripts/figures/fig03.py"


rule fig04:
    """Softness of all and of rearranging particles at three temperatures."""
    input:
        distributions=expand(
            f"{RESULTS}/prediction/T{{T}}/d{DELTA}/distributions.csv", T=some(0, MIDDLE, -2)
        ),
        summaries=expand(f"{RESULTS}/prediction/T{{T}}/d{DELTA}/summary.csv", T=some(0, MIDDLE, -2)),
        equilibration=f"{RESULTS}/equilibration.csv",
        code=library("figures/fig04.py"),
    output:
        pdf=f"{RESULTS}/figures/fig04.pdf",
        png=report(
            f"{RESULTS}/figures/fig04.png",
            caption="../report/fig04.rst",
            category="Figures",
            labels={"figure": "04", "what": "softness of rearranging particles"},
        ),
        csv=f"{RESULTS}/figures/fig04.csv",
    log:
        f"{RESULTS}/logs/fig04.log",
    benchmark:
        f"{RESULTS}/benchmarks/fig04.tsv"
    group:
        "figures"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        **resources_of("short"),
    params:
        **FIGURE_STYLE,
        temperatures=[float(T) for T in some(0, MIDDLE, -2)],
        window=config["dynamics"]["hop_window"],
    script:
        "../scripts/figures/fig04.py"


rule fig05:
    """Rearranging fraction, its Arrhenius lines and barriers, overlap by softness."""
    input:
        distributions=expand(
            f"{RESULTS}/prediction/T{{T}}/d{DELTA}/distributions.csv", T=TEMPERATURES
        ),
        arrhenius=f"{RESULTS}/prediction/d{DELTA}/arrhenius.csv",
        points=f"{RESULTS}/prediction/d{DELTA}/arrhenius_points.csv",
        crossing=f"{RESULTS}/prediction/d{DELTA}/crossing.csv",
        overlap=expand(f"{RESULTS}/propagator/T{{T}}/overlap.csv", T=some(0, MIDDLE)),
        equilibration=f"{RESULTS}/equilibration.csv",
        code=library("figures/fig05.py"),
    output:
        pdf=f"{RESULTS}/figures/fig05.pdf",
        png=report(
            f"{RESULTS}/figures/fig05.png",
            caption="../report/fig05.rst",
            category="Figures",
            labels={"figure": "05", "what": "rearrangement and softness"},
        ),
        csv=f"{RESULTS}/figures/fig05.csv",
    log:
        f"{RESULTS}/logs/fig05.log",
    benchmark:
        f"{RESULTS}/benchmarks/fig05.tsv"
    group:
        "figures"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        **resources_of("short"),
    params:
        **FIGURE_STYLE,
        temperatures=[float(T) for T in TEMPERATURES],
        overlap_temperatures=[float(T) for T in some(0, MIDDLE)],
        window=config["dynamics"]["hop_window"],
    script:
        "../scripts/figures/fig05.py"


rule fig06:
    """p_hop of one particle with a few rearrangements."""
    input:
        example=f"{RESULTS}/hops/example.csv",
        equilibration=f"{RESULTS}/equilibration.csv",
        code=library("figures/fig06.py"),
    output:
        pdf=f"{RESULTS}/figures/fig06.pdf",
        png=report(
            f"{RESULTS}/figures/fig06.png",
            caption="../report/fig06.rst",
            category="Figures",
            labels={"figure": "06", "what": "p_hop of one particle"},
        ),
        csv=f"{RESULTS}/figures/fig06.csv",
    log:
        f"{RESULTS}/logs/fig06.log",
    benchmark:
        f"{RESULTS}/benchmarks/fig06.tsv"
    group:
        "figures"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        **resources_of("short"),
    params:
        **FIGURE_STYLE,
    script:
        "../scripts/figures/fig06.py"


rule fig07:
    """g(r) around all and around rearranging A particles."""
    input:
        rdf=f"{RESULTS}/prediction/T{LOWEST}/rearranging_rdf.csv",
        equilibration=f"{RESULTS}/equilibration.csv",
        code=library("figures/fig07.py"),
    output:
        pdf=f"{RESULTS}/figures/fig07.pdf",
        png=report(
            f"{RESULTS}/figures/fig07.png",
            caption="../report/fig07.rst",
            category="Figures",
            labels={"figure": "07", "what": "surroundings of rearranging particles"},
        ),
        csv=f"{RESULTS}/figures/fig07.csv",
    log:
        f"{RESULTS}/logs/fig07.log",
    benchmark:
        f"{RESULTS}/benchmarks/fig07.tsv"
    group:
        "figures"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        **resources_of("short"),
    params:
        **FIGURE_STYLE,
        temperature=float(LOWEST),
    script:
        "../scripts/figures/fig07.py"


rule fig08:
    """Mean of the smeared single-particle g(r) for each delta beside the histogram."""
    input:
        local_rdf=f"{RESULTS}/softness/local_rdf.csv",
        equilibration=f"{RESULTS}/equilibration.csv",
        code=library("figures/fig08.py"),
    output:
        pdf=f"{RESULTS}/figures/fig08.pdf",
        png=report(
            f"{RESULTS}/figures/fig08.png",
            caption="../report/fig08.rst",
            category="Figures",
            labels={"figure": "08", "what": "smeared g(r)"},
        ),
        csv=f"{RESULTS}/figures/fig08.csv",
    log:
        f"{RESULTS}/logs/fig08.log",
    benchmark:
        f"{RESULTS}/benchmarks/fig08.tsv"
    group:
        "figures"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        **resources_of("short"),
    params:
        **FIGURE_STYLE,
        temperature=float(LOWEST),
    script:
        "../scripts/figures/fig08.py"


rule fig09:
    """g(r) of one particle in one snapshot for each delta."""
    input:
        local_rdf=f"{RESULTS}/softness/local_rdf.csv",
        equilibration=f"{RESULTS}/equilibration.csv",
        code=library("figures/fig09.py"),
    output:
        pdf=f"{RESULTS}/figures/fig09.pdf",
        png=report(
            f"{RESULTS}/figures/fig09.png",
            caption="../report/fig09.rst",
            category="Figures",
            labels={"figure": "09", "what": "g(r) of one particle"},
        ),
        csv=f"{RESULTS}/figures/fig09.csv",
    log:
        f"{RESULTS}/logs/fig09.log",
    benchmark:
        f"{RESULTS}/benchmarks/fig09.tsv"
    group:
        "figures"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        **resources_of("short"),
    params:
        **FIGURE_STYLE,
        temperature=float(LOWEST),
    script:
        "../scripts/figures/fig09.py"


rule fig10:
    """Local g(r) of a rearranging and of a caged particle."""
    input:
        local_rdf=f"{RESULTS}/softness/local_rdf.csv",
        equilibration=f"{RESULTS}/equilibration.csv",
        code=library("figures/fig10.py"),
    output:
        pdf=f"{RESULTS}/figures/fig10.pdf",
        png=report(
            f"{RESULTS}/figures/fig10.png",
            caption="../report/fig10.rst",
            category="Figures",
            labels={"figure": "10", "what": "local g(r), rearranging and caged"},
        ),
        csv=f"{RESULTS}/figures/fig10.csv",
    log:
        f"{RESULTS}/logs/fig10.log",
    benchmark:
        f"{RESULTS}/benchmarks/fig10.tsv"
    group:
        "figures"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        **resources_of("short"),
    params:
        **FIGURE_STYLE,
        temperature=float(LOWEST),
    script:
        "../scripts/figures/fig10.py"


rule fig11:
    """Distribution of softness for each delta."""
    input:
        distributions=expand(
            f"{RESULTS}/prediction/T{LOWEST}/d{{delta}}/distributions.csv", delta=DELTAS
        ),
        equilibration=f"{RESULTS}/equilibration.csv",
        code=library("figures/fig11.py"),
    output:
        pdf=f"{RESULTS}/figures/fig11.pdf",
        png=report(
            f"{RESULTS}/figures/fig11.png",
            caption="../report/fig11.rst",
            category="Figures",
            labels={"figure": "11", "what": "softness for each delta"},
        ),
        csv=f"{RESULTS}/figures/fig11.csv",
    log:
        f"{RESULTS}/logs/fig11.log",
    benchmark:
        f"{RESULTS}/benchmarks/fig11.tsv"
    group:
        "figures"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        **resources_of("short"),
    params:
        **FIGURE_STYLE,
        temperature=float(LOWEST),
        deltas=list(map(float, DELTAS)),
        window=config["dynamics"]["hop_window"],
    script:
        "../scripts/figures/fig11.py"


rule fig12:
    """Softness at each delta against softness at the default delta."""
    input:
        correlation=f"{RESULTS}/prediction/correlation.csv",
        summary=f"{RESULTS}/prediction/correlation_summary.csv",
        equilibration=f"{RESULTS}/equilibration.csv",
        code=library("figures/fig12.py"),
    output:
        pdf=f"{RESULTS}/figures/fig12.pdf",
        png=report(
            f"{RESULTS}/figures/fig12.png",
            caption="../report/fig12.rst",
            category="Figures",
            labels={"figure": "12", "what": "softness across delta"},
        ),
        csv=f"{RESULTS}/figures/fig12.csv",
    log:
        f"{RESULTS}/logs/fig12.log",
    benchmark:
        f"{RESULTS}/benchmarks/fig12.tsv"
    group:
        "figures"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        **resources_of("short"),
    params:
        **FIGURE_STYLE,
        temperature=float(LOWEST),
        delta=float(DELTA),
    script:
        "../scripts/figures/fig12.py"


rule fig13:
    """Softness of all and of rearranging particles for each delta."""
    input:
        distributions=expand(
            f"{RESULTS}/prediction/T{LOWEST}/d{{delta}}/distributions.csv", delta=DELTAS
        ),
        summaries=expand(f"{RESULTS}/prediction/T{LOWEST}/d{{delta}}/summary.csv", delta=DELTAS),
        equilibration=f"{RESULTS}/equilibration.csv",
        code=library("figures/fig13.py"),
    output:
        pdf=f"{RESULTS}/figures/fig13.pdf",
        png=report(
            f"{RESULTS}/figures/fig13.png",
            caption="../report/fig13.rst",
            category="Figures",
            labels={"figure": "13", "what": "rearranging particles for each delta"},
        ),
        csv=f"{RESULTS}/figures/fig13.csv",
    log:
        f"{RESULTS}/logs/fig13.log",
    benchmark:
        f"{RESULTS}/benchmarks/fig13.tsv"
    group:
        "figures"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        **resources_of("short"),
    params:
        **FIGURE_STYLE,
        temperature=float(LOWEST),
        deltas=list(map(float, DELTAS)),
        window=config["dynamics"]["hop_window"],
    script:
        "../scripts/figures/fig13.py"


rule fig14:
    """Rearranging fraction against softness for each delta and temperature."""
    input:
        distributions=expand(
            f"{RESULTS}/prediction/T{{T}}/d{{delta}}/distributions.csv",
            T=TEMPERATURES,
            delta=DELTAS,
        ),
        equilibration=f"{RESULTS}/equilibration.csv",
        code=library("figures/fig14.py"),
    output:
        pdf=f"{RESULTS}/figures/fig14.pdf",
        png=report(
            f"{RESULTS}/figures/fig14.png",
            caption="../report/fig14.rst",
            category="Figures",
            labels={"figure": "14", "what": "rearranging fraction for each delta"},
        ),
        csv=f"{RESULTS}/figures/fig14.csv",
    log:
        f"{RESULTS}/logs/fig14.log",
    benchmark:
        f"{RESULTS}/benchmarks/fig14.tsv"
    group:
        "figures"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        **resources_of("short"),
    params:
        **FIGURE_STYLE,
        temperatures=[float(T) for T in TEMPERATURES],
        deltas=list(map(float, DELTAS)),
        window=config["dynamics"]["hop_window"],
    script:
        "../scripts/figures/fig14.py"


rule fig15:
    """The depth of the local cage as a predictor, as figures 4 and 5 for softness."""
    input:
        distributions=expand(
            f"{RESULTS}/prediction/T{{T}}/d{DELTA}/distributions.csv", T=TEMPERATURES
        ),
        summary=f"{RESULTS}/prediction/T{LOWEST}/d{DELTA}/summary.csv",
        arrhenius=f"{RESULTS}/prediction/d{DELTA}/arrhenius.csv",
        points=f"{RESULTS}/prediction/d{DELTA}/arrhenius_points.csv",
        crossing=f"{RESULTS}/prediction/d{DELTA}/crossing.csv",
        equilibration=f"{RESULTS}/equilibration.csv",
        code=library("figures/fig15.py"),
    output:
        pdf=f"{RESULTS}/figures/fig15.pdf",
        png=report(
            f"{RESULTS}/figures/fig15.png",
            caption="../report/fig15.rst",
            category="Figures",
            labels={"figure": "15", "what": "rearrangement and depth"},
        ),
        csv=f"{RESULTS}/figures/fig15.csv",
    log:
        f"{RESULTS}/logs/fig15.log",
    benchmark:
        f"{RESULTS}/benchmarks/fig15.tsv"
    group:
        "figures"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        **resources_of("short"),
    params:
        **FIGURE_STYLE,
        temperatures=[float(T) for T in TEMPERATURES],
        window=config["dynamics"]["hop_window"],
    script:
        "../scripts/figures/fig15.py"


rule figS1:
    """What q_max, the range of the parabola and delta change in the softness."""
    input:
        cage=f"{RESULTS}/calibration/cage.csv",
        calibration=f"{RESULTS}/calibration/calibration.csv",
        choices=f"{RESULTS}/prediction/q_max.csv",
        summaries=expand(
            f"{RESULTS}/prediction/T{{T}}/d{{delta}}/summary.csv", T=TEMPERATURES, delta=DELTAS
        ),
        correlation=f"{RESULTS}/prediction/correlation_summary.csv",
        equilibration=f"{RESULTS}/equilibration.csv",
        code=library("figures/figS1.py"),
    output:
        pdf=f"{RESULTS}/figures/figS1.pdf",
        png=report(
            f"{RESULTS}/figures/figS1.png",
            caption="../report/figS1.rst",
            category="Supplementary figures",
            labels={"figure": "S1", "what": "choices behind the softness"},
        ),
        csv=f"{RESULTS}/figures/figS1.csv",
    log:
        f"{RESULTS}/logs/figS1.log",
    benchmark:
        f"{RESULTS}/benchmarks/figS1.tsv"
    group:
        "figures"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        **resources_of("short"),
    params:
        **FIGURE_STYLE,
        temperatures=[float(T) for T in TEMPERATURES],
        delta_values=config["softness"]["delta_values"],
        defaults={
            "q_max": config["structure"]["q_max"],
            "route": config["structure"]["route"],
            "harmonic_range": config["structure"]["harmonic_range"],
            "delta": config["softness"]["delta"],
            "window": config["dynamics"]["hop_window"],
        },
    script:
        "../scripts/figures/figS1.py"


rule figS2:
    """How long before a rearrangement softness announces it."""
    input:
        summaries=expand(f"{RESULTS}/prediction/T{{T}}/d{DELTA}/summary.csv", T=TEMPERATURES),
        equilibration=f"{RESULTS}/equilibration.csv",
        code=library("figures/figS2.py"),
    output:
        pdf=f"{RESULTS}/figures/figS2.pdf",
        png=report(
            f"{RESULTS}/figures/figS2.png",
            caption="../report/figS2.rst",
            category="Supplementary figures",
            labels={"figure": "S2", "what": "softness before rearrangements"},
        ),
        csv=f"{RESULTS}/figures/figS2.csv",
    log:
        f"{RESULTS}/logs/figS2.log",
    benchmark:
        f"{RESULTS}/benchmarks/figS2.tsv"
    group:
        "figures"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        **resources_of("short"),
    params:
        **FIGURE_STYLE,
        temperatures=[float(T) for T in TEMPERATURES],
        window=config["dynamics"]["hop_window"],
    script:
        "../scripts/figures/figS2.py"


rule figS3:
    """Rearranging fraction and ROC AUC for every hop window."""
    input:
        distributions=expand(
            f"{RESULTS}/prediction/T{{T}}/d{DELTA}/distributions.csv", T=TEMPERATURES
        ),
        summaries=expand(f"{RESULTS}/prediction/T{{T}}/d{DELTA}/summary.csv", T=TEMPERATURES),
        equilibration=f"{RESULTS}/equilibration.csv",
        code=library("figures/figS3.py"),
    output:
        pdf=f"{RESULTS}/figures/figS3.pdf",
        png=report(
            f"{RESULTS}/figures/figS3.png",
            caption="../report/figS3.rst",
            category="Supplementary figures",
            labels={"figure": "S3", "what": "other hop windows"},
        ),
        csv=f"{RESULTS}/figures/figS3.csv",
    log:
        f"{RESULTS}/logs/figS3.log",
    benchmark:
        f"{RESULTS}/benchmarks/figS3.tsv"
    group:
        "figures"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        **resources_of("short"),
    params:
        **FIGURE_STYLE,
        temperatures=[float(T) for T in TEMPERATURES],
        windows=HOP_WINDOWS,
    script:
        "../scripts/figures/figS3.py"


rule figS4:
    """Equilibration checks of every state point."""
    input:
        relaxation=expand(f"{RESULTS}/relaxation/T{{T}}.csv", T=TEMPERATURES),
        equilibration=f"{RESULTS}/equilibration.csv",
        code=library("figures/figS4.py"),
    output:
        pdf=f"{RESULTS}/figures/figS4.pdf",
        png=report(
            f"{RESULTS}/figures/figS4.png",
            caption="../report/figS4.rst",
            category="Supplementary figures",
            labels={"figure": "S4", "what": "equilibration"},
        ),
        csv=f"{RESULTS}/figures/figS4.csv",
    log:
        f"{RESULTS}/logs/figS4.log",
    benchmark:
        f"{RESULTS}/benchmarks/figS4.tsv"
    group:
        "figures"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        **resources_of("short"),
    params:
        **FIGURE_STYLE,
        temperatures=[float(T) for T in TEMPERATURES],
    script:
        "../scripts/figures/figS4.py"


rule figS5:
    """Partial g(r) and S(q) at every temperature."""
    input:
        cages=expand(f"{RESULTS}/cage/T{{T}}.npz", T=TEMPERATURES),
        equilibration=f"{RESULTS}/equilibration.csv",
        code=library("figures/figS5.py"),
    output:
        pdf=f"{RESULTS}/figures/figS5.pdf",
        png=report(
            f"{RESULTS}/figures/figS5.png",
            caption="../report/figS5.rst",
            category="Supplementary figures",
            labels={"figure": "S5", "what": "g(r) and S(q)"},
        ),
        csv=f"{RESULTS}/figures/figS5.csv",
    log:
        f"{RESULTS}/logs/figS5.log",
    benchmark:
        f"{RESULTS}/benchmarks/figS5.tsv"
    group:
        "figures"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        **resources_of("short"),
    params:
        **FIGURE_STYLE,
        temperatures=[float(T) for T in TEMPERATURES],
        species=config["mixture"]["species"],
        q_max=config["structure"]["q_max"],
        q_match=config["structure"]["q_match"],
    script:
        "../scripts/figures/figS5.py"


rule figS6:
    """What each reading of the paper gives, where it is open to more than one."""
    input:
        readings=f"{RESULTS}/readings.csv",
        equilibration=f"{RESULTS}/equilibration.csv",
        code=library("figures/figS6.py"),
    output:
        pdf=f"{RESULTS}/figures/figS6.pdf",
        png=report(
            f"{RESULTS}/figures/figS6.png",
            caption="../report/figS6.rst",
            category="Supplementary figures",
            labels={"figure": "S6", "what": "readings of the paper"},
        ),
        csv=f"{RESULTS}/figures/figS6.csv",
    log:
        f"{RESULTS}/logs/figS6.log",
    benchmark:
        f"{RESULTS}/benchmarks/figS6.tsv"
    group:
        "figures"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        **resources_of("short"),
    params:
        **FIGURE_STYLE,
        temperatures=[float(T) for T in TEMPERATURES],
        claims=[dict(claim) for claim in config["claims"]],
    script:
        "../scripts/figures/figS6.py"

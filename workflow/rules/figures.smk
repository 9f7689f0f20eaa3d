MIDDLE = len(TEMPERATURES) // 2
BINNED = "prediction/T{T}/d{delta}"
WINDOW = {"window": config["dynamics"]["hop_window"]}
ENOUGH = {"minimum_hops": config["prediction"]["minimum_hops"]}
WIDTHS = {"deltas": [float(delta) for delta in DELTAS]}


def some(*places):
    """Return the temperatures at these places of the list, cold first; negative: from the end."""
    chosen = {place % len(TEMPERATURES) for place in places}
    return [T for place, T in enumerate(TEMPERATURES) if place in chosen]


def shown(temperatures):
    """Return the parameter that names the temperatures of a figure's lists of tables."""
    return {"shown": [float(T) for T in temperatures]}


def tables(folder, *names, **values):
    """Return name -> table in a folder of the results, or tables of all these T and delta."""
    paths = {name: f"{RESULTS}/{folder}/{name}.csv" for name in names}
    return {name: expand(path, **values) if values else path for name, path in paths.items()}


LINES = tables(f"prediction/d{DELTA}", "arrhenius", "arrhenius_points", "crossing")

# Of each figure: what it shows, tables and parameters, by the names of the arguments of its draw().
FIGURES = {
    "fig01": (
        "mean cage: depth and softness",
        tables("calibration", "cage", "calibration"),
        {"q_max": config["structure"]["q_max"], "route": config["structure"]["route"]},
    ),
    "fig02": (
        "distributions of depth and softness",
        tables(BINNED, "curves", T=TEMPERATURES, delta=DELTA),
        {},
    ),
    "fig03": (
        "memory of softness",
        tables("propagator/T{T}", "correlation", T=some(0, 1, -1))
        | {"overlap": expand(f"{RESULTS}/relaxation/T{{T}}.csv", T=some(0, 1, -1))}
        | tables(f"propagator/T{LOWEST}", "propagator", "mean_softness")
        | tables(f"prediction/T{LOWEST}/d{DELTA}", "distributions", "summary"),
        WINDOW | shown(some(0, 1, -1)),
    ),
    "fig04": (
        "softness of rearranging particles",
        tables(BINNED, "curves", "summary", T=some(0, MIDDLE, -2), delta=DELTA),
        WINDOW | shown(some(0, MIDDLE, -2)),
    ),
    "fig05": (
        "rearrangement and softness",
        tables(BINNED, "distributions", T=TEMPERATURES, delta=DELTA)
        | tables("propagator/T{T}", "overlap", T=some(0, MIDDLE))
        | LINES,
        WINDOW | ENOUGH | shown(some(0, MIDDLE)),
    ),
    "fig06": ("p_hop of one particle", tables("hops", "example"), {}),
    "fig07": (
        "surroundings of rearranging particles",
        tables(f"prediction/T{LOWEST}", "rearranging_rdf"),
        {},
    ),
    "fig08": ("smeared g(r)", tables("softness", "local_rdf"), {}),
    "fig09": ("g(r) of one particle", tables("softness", "local_rdf"), {}),
    "fig10": ("local g(r), rearranging and caged", tables("softness", "local_rdf"), {}),
    "fig11": (
        "softness for each delta",
        tables(BINNED, "curves", T=LOWEST, delta=DELTAS),
        WIDTHS,
    ),
    "fig12": (
        "softness across delta",
        tables("prediction", "correlation", "correlation_summary"),
        {"delta": float(DELTA)},
    ),
    "fig13": (
        "rearranging particles for each delta",
        tables(BINNED, "curves", "summary", T=LOWEST, delta=DELTAS),
        WINDOW | WIDTHS,
    ),
    "fig14": (
        "rearranging fraction for each delta",
        tables(BINNED, "distributions", T=TEMPERATURES, delta=DELTAS),
        WINDOW | ENOUGH | WIDTHS,
    ),
    "fig15": (
        "rearrangement and depth",
        tables(BINNED, "distributions", T=TEMPERATURES, delta=DELTA)
        | tables(f"prediction/T{LOWEST}/d{DELTA}", "curves", "summary")
        | LINES,
        WINDOW | ENOUGH,
    ),
    "figS1": (
        "choices behind the softness",
        tables("calibration", "cage", "calibration")
        | {"choices": f"{RESULTS}/prediction/q_max.csv"}
        | tables(BINNED, "summary", T=TEMPERATURES, delta=DELTAS)
        | tables("prediction", "correlation_summary"),
        {key: config["structure"][key] for key in ("q_max", "route", "harmonic_range")}
        | {"delta": config["softness"]["delta"]}
        | WINDOW
        | WIDTHS,
    ),
    "figS2": (
        "softness before rearrangements",
        tables(BINNED, "summary", T=TEMPERATURES, delta=DELTA),
        WINDOW,
    ),
    "figS3": (
        "other hop windows",
        tables(BINNED, "distributions", "summary", T=TEMPERATURES, delta=DELTA),
        ENOUGH | {"windows": HOP_WINDOWS},
    ),
    "figS4": (
        "equilibration",
        {"relaxation": expand(f"{RESULTS}/relaxation/T{{T}}.csv", T=TEMPERATURES)},
        {},
    ),
    "figS5": (
        "g(r) and S(q)",
        {"cages": expand(f"{RESULTS}/cage/T{{T}}.npz", T=TEMPERATURES)},
        {"species": config["mixture"]["species"]}
        | {key: config["structure"][key] for key in ("q_max", "q_match")},
    ),
    "figS6": (
        "interpretations of the paper",
        {"interpretations": f"{RESULTS}/interpretations.csv"},
        {"claims": [dict(claim) for claim in config["claims"]]},
    ),
    "figS7": (
        "all interpretations of the paper together",
        tables("interpretations", "numbers", "given", "constraint"),
        {},
    ),
}


# A function and no bare loop: Snakemake evaluates `script:` again when the job runs, and a loop's
# variables would then have their last values.
def figure(name, what, tables, parameters):
    """Add the rule of a figure."""

    rule:
        """A figure as PDF and PNG, and every point drawn in it as CSV."""
        name:
            name
        input:
            **tables,
            equilibration=f"{RESULTS}/equilibration.csv",
            code=library(f"figures/{name}.py"),
        output:
            pdf=f"{RESULTS}/figures/{name}.pdf",
            png=report(
                f"{RESULTS}/figures/{name}.png",
                caption=f"../report/{name}.rst",
                category="Supplementary figures" if "S" in name else "Figures",
                labels={"figure": name.removeprefix("fig"), "what": what},
            ),
            csv=f"{RESULTS}/figures/{name}.csv",
        log:
            f"{RESULTS}/logs/{name}.log",
        benchmark:
            f"{RESULTS}/benchmarks/{name}.tsv"
        group:
            "figures"
        conda:
            "../../envs/figures.yaml"
        threads: 1
        resources:
            **resources_of("short"),
        params:
            **parameters,
            width=config["figures"]["width"],
            dpi=config["figures"]["dpi"],
            # all of the study, so that one looks the same in every figure
            temperatures=[float(T) for T in TEMPERATURES],
        script:
            f"../scripts/figures/{name}.py"


for name, entry in FIGURES.items():
    figure(name, *entry)

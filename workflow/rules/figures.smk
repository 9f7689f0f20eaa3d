from softcage.report.titles import TITLES

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

OF_PREDICTORS = {
    "T": lambda wildcards: float(wildcards.T),
    "delta": config["softness"]["delta"],
}
FILMED = list(dict.fromkeys([LOWEST, TEMPERATURES[-1]]))  # the coldest beside the hottest


# What is drawn of a ranking, a study's own or one of files made elsewhere: what it shows, its tables,
# and parameters besides T.
RANKED = {
    "predictors": (
        "every predictor of the propensity",
        ["scores"],
        {"delta": OF_PREDICTORS["delta"]},
    ),
    "averaging_lengths": ("averaged descriptors against L", ["lengths", "scores"], {}),
    "coefficients": ("what the regressions rest on", ["coefficients", "importances"], {}),
    "predicted_map": ("displacements measured and predicted", ["predicted"], {}),
}


def beyond(what, tables, parameters, temperatures=None):
    """Return a row of a figure beyond the paper; of each of these temperatures, if given."""
    return what, tables, parameters, "beyond", temperatures


# Of each figure: what it shows, tables and parameters, by the names of the arguments of its draw();
# then, where it is no figure of the paper's, the target that it belongs to, and the temperatures of
# which there is one each.
FIGURES = {
    "fig01": (
        TITLES["fig01"],
        tables("calibration", "cage", "calibration"),
        {"q_max": config["structure"]["q_max"], "route": config["structure"]["route"]},
    ),
    "fig02": (
        TITLES["fig02"],
        tables(BINNED, "curves", T=TEMPERATURES, delta=DELTA),
        {},
    ),
    "fig03": (
        TITLES["fig03"],
        tables("propagator/T{T}", "correlation", T=some(0, 1, -1))
        | {"overlap": expand(f"{RESULTS}/relaxation/T{{T}}.csv", T=some(0, 1, -1))}
        | tables(f"propagator/T{LOWEST}", "propagator", "mean_softness")
        | tables(f"prediction/T{LOWEST}/d{DELTA}", "distributions", "summary"),
        WINDOW | shown(some(0, 1, -1)),
    ),
    "fig04": (
        TITLES["fig04"],
        tables(BINNED, "curves", "summary", T=some(0, MIDDLE, -2), delta=DELTA),
        WINDOW | shown(some(0, MIDDLE, -2)),
    ),
    "fig05": (
        TITLES["fig05"],
        tables(BINNED, "distributions", T=TEMPERATURES, delta=DELTA)
        | tables("propagator/T{T}", "overlap", T=some(0, MIDDLE))
        | LINES,
        WINDOW | ENOUGH | shown(some(0, MIDDLE)),
    ),
    "fig06": (TITLES["fig06"], tables("hops", "example"), {}),
    "fig07": (
        TITLES["fig07"],
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
        TITLES["structure"],
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
    "figS8": (
        "what is foreseen for a colder liquid",
        tables("prediction", "extrapolation", "extrapolation_curves")
        | tables(BINNED, "distributions", T=some(0, 1), delta=DELTA),
        WINDOW | ENOUGH | shown(some(0, 1)) | {"T": config["prediction"]["colder"]},
    ),
    **{
        name: beyond(
            what,
            tables("beyond/T{T}", *names),
            {"T": OF_PREDICTORS["T"]} | parameters,
            RANKED_TEMPERATURES,
        )
        for name, (what, names, parameters) in RANKED.items()
    },
    "bounds": beyond(
        "what structure can know of the propensity",
        tables("beyond/T{T}", "bounds"),
        {"T": OF_PREDICTORS["T"]},
        COPIED_CONFIGURATIONS,
    ),
    "predictors_in_time": beyond(
        "predictors against time and T",
        tables("beyond", "scores")
        | {"relaxation": expand(f"{RESULTS}/relaxation/summary/T{{T}}.csv", T=RANKED_TEMPERATURES)},
        {"delta": OF_PREDICTORS["delta"]} | shown(RANKED_TEMPERATURES),
    ),
    "hop_predictors": beyond(
        "every descriptor against hops",
        tables("beyond", "hops"),
        OF_PREDICTORS,
        TEMPERATURES,
    ),
    "survival": beyond("how long soft particles stay", tables("beyond", "survival"), {}),
    "before_and_after_hops": beyond(
        "softness before and after a hop", tables("beyond/hop_environment", "around"), WINDOW
    ),
    "facilitation": beyond(
        "what a hop does to its neighbours",
        tables("beyond/hop_environment", "change", "hazard", "ratio"),
        {},
    ),
    "maps": beyond(
        "softness and hops in a slice",
        {"films": expand(f"{RESULTS}/maps/T{{T}}.npz", T=FILMED)},
        shown(FILMED),
    ),
}


def figures_of(target):
    """Return the PNG files of the figures that belong to a target, for `input:`."""
    names = []
    for name, (_, _, _, *more) in FIGURES.items():
        belongs, temperatures = more or ("all", None)
        if belongs == target:
            names += [name] if temperatures is None else [f"{name}_T{T}" for T in temperatures]
    return expand(f"{RESULTS}/figures/{{name}}.png", name=names)


def look(dpi=config["figures"]["dpi"]):
    """Return the parameters that all figures have, for `params:`."""
    return {
        "width": config["figures"]["width"],
        "dpi": dpi,
        # all of the study, so that one looks the same in every figure
        "temperatures": [float(T) for T in TEMPERATURES],
    }


def temperature_of_public(wildcards):
    """Return the temperature of a set of files made elsewhere, for `params:`."""
    return PUBLIC[wildcards.public]["temperature"]


# A function and no bare loop: Snakemake evaluates `script:` again when the job runs, and a loop's
# variables would then have their last values.
def figure(name, what, tables, parameters, target="all", temperatures=None, of=OF_PUBLIC):
    """Add the rule of a figure; the rules of figures have names that begin with fig.

    Those of the target public belong to a folder ``of`` it.
    """
    job = name if target == "all" else f"figure_{name}"
    place, folder, file = job, f"{RESULTS}/figures", name
    checks = {"equilibration": f"{RESULTS}/equilibration.csv"}
    if target == "all":
        category = "Supplementary figures" if "S" in name else "Figures"
        labels = {"figure": name.removeprefix("fig"), "what": what}
    else:
        category = "Beyond the paper"
        labels = {"figure": what}
    if temperatures is not None:
        file, place, labels = f"{name}_T{{T}}", f"{job}/T{{T}}", labels | {"T": "{T}"}
    if target == "public":
        job, folder, checks = f"figure_public_{name}", f"{of}/figures", {}
        place, category = job, "Files made elsewhere"
        if of == OF_PUBLIC:
            place, labels = f"{job}/{{public}}", labels | {"files": "{public}"}

    rule:
        """A figure as PDF and PNG, and every point drawn in it as CSV."""
        name:
            job
        input:
            **tables,
            **checks,
        output:
            pdf=f"{folder}/{file}.pdf",
            png=report(
                f"{folder}/{file}.png",
                caption=f"../report/{name}.rst",
                category=category,
                labels=labels,
            ),
            csv=f"{folder}/{file}.csv",
        log:
            f"{RESULTS}/logs/{place}.log",
        benchmark:
            f"{RESULTS}/benchmarks/{place}.tsv"
        group:
            "figures"
        conda:
            "../../envs/figures.yaml"
        threads: 1
        resources:
            **resources_of("short"),
        params:
            *code(f"figures/{name}.py"),
            **(look() | parameters),
        script:
            f"../scripts/figures/{name}.py"


for name, entry in FIGURES.items():
    figure(name, *entry)
OF_SET = {"T": temperature_of_public, "temperatures": lambda w: [temperature_of_public(w)]}
for name, (what, names, parameters) in RANKED.items():
    figure(name, what, tables("public/{public}", *names), OF_SET | parameters, "public")
figure(
    "published",
    "fits beside published networks",
    tables("public/{public}", "published"),
    OF_SET,
    "public",
)
figure(
    "transfer",
    "fits at other temperatures",
    tables("public/transfer", "transfer", "joint"),
    {"temperatures": sorted(PUBLIC[name]["temperature"] for name in TRANSFERRED)},
    "public",
    of=f"{RESULTS}/public/transfer",
)

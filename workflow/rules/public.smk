# Isoconfigurational files that others have published: what predicts their propensity.
PUBLIC = {entry["name"]: entry for entry in config["public"]}
OF_PUBLIC = f"{RESULTS}/public/{{public}}"
# sets of which only some regressions are fitted; all others are ranked as a study is
FITTED_PUBLIC = [name for name, entry in PUBLIC.items() if "predictors" in entry]
RANKED_PUBLIC = [name for name in PUBLIC if name not in FITTED_PUBLIC]
COMPARED_PUBLIC = [name for name, entry in PUBLIC.items() if "published" in entry]
TRANSFERRED = [name for name, entry in PUBLIC.items() if entry["transfer"]]


wildcard_constraints:
    public=study.any_of(PUBLIC),


rule rank_public:
    """Every predictor of the propensity in files made elsewhere."""
    input:
        files=lambda wildcards: study.public_files(config, wildcards.public, "files"),
        unseen=lambda wildcards: study.public_files(config, wildcards.public, "unseen"),
        # read with cage.csv beside it
        calibration=lambda wildcards: study.public_files(config, wildcards.public, "calibration"),
    output:
        expand(f"{OF_PUBLIC}/{{name}}.csv", name=RANKING_TABLES, allow_missing=True),
    log:
        f"{RESULTS}/logs/rank_public/{{public}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/rank_public/{{public}}.tsv"
    wildcard_constraints:
        public=study.any_of(RANKED_PUBLIC),
    conda:
        "../../envs/propensity.yaml"
    threads: 1
    resources:
        **resources_of("analysis"),
    params:
        *code("rank_public.py", ignore=["io.log"]),
        temperature=lambda wildcards: PUBLIC[wildcards.public]["temperature"],
        density=lambda wildcards: PUBLIC[wildcards.public]["density"],
        time=lambda wildcards: PUBLIC[wildcards.public].get("time"),
        predictors=lambda wildcards: PUBLIC[wildcards.public].get("predictors"),
        mixture=config["mixture"],
    script:
        "../scripts/rank_public.py"


use rule rank_public as fit_public with:
    output:
        expand(f"{OF_PUBLIC}/{{name}}.csv", name=FIT_TABLES, allow_missing=True),
    log:
        f"{RESULTS}/logs/fit_public/{{public}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/fit_public/{{public}}.tsv"
    wildcard_constraints:
        public=study.any_of(FITTED_PUBLIC),


rule beside_published:
    """Learned predictors beside the best published one at the same temperature and time."""
    input:
        scores=f"{OF_PUBLIC}/scores.csv",
        published=lambda wildcards: PUBLIC[wildcards.public]["published"],
    output:
        f"{OF_PUBLIC}/published.csv",
    log:
        f"{RESULTS}/logs/beside_published/{{public}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/beside_published/{{public}}.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        **resources_of("short"),
    params:
        *code("beside_published.py", ignore=["io.log"]),
        temperature=lambda wildcards: PUBLIC[wildcards.public]["temperature"],
    script:
        "../scripts/beside_published.py"


rule transfer:
    """Fits of the propensity at one temperature and time, tested at all others."""
    input:
        lambda wildcards: [
            file for name in TRANSFERRED for file in study.public_files(config, name, "files")
        ],
    output:
        transfer=f"{RESULTS}/public/transfer/transfer.csv",
        joint=f"{RESULTS}/public/transfer/joint.csv",
    log:
        f"{RESULTS}/logs/transfer.log",
    benchmark:
        f"{RESULTS}/benchmarks/transfer.tsv"
    conda:
        "../../envs/propensity.yaml"
    threads: workflow.cores
    resources:
        **resources_of("analysis"),
    params:
        *code("transfer.py", ignore=["io.log"]),
        mixture=config["mixture"],
        sets=lambda wildcards: [
            {key: PUBLIC[name].get(key) for key in ("temperature", "density", "time")}
            | {"files": study.public_files(config, name, "files")}
            for name in TRANSFERRED
        ],
    script:
        "../scripts/transfer.py"

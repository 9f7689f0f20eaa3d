# Isoconfigurational files that others have published: what predicts their propensity.
PUBLIC = {entry["name"]: entry for entry in config["public"]}
OF_PUBLIC = f"{RESULTS}/public/{{public}}"


wildcard_constraints:
    public="|".join(map(re.escape, PUBLIC)) or "(?!)",


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
    conda:
        "../../envs/propensity.yaml"
    threads: 1
    resources:
        **resources_of("analysis"),
    params:
        *code("rank_public.py", ignore=["io.log"]),
        temperature=lambda wildcards: PUBLIC[wildcards.public]["temperature"],
        density=lambda wildcards: PUBLIC[wildcards.public]["density"],
        mixture=config["mixture"],
    script:
        "../scripts/rank_public.py"

# Each simulation takes this file as ancient, and Snakemake (9.27) has two traps there. A job that
# has a reason of its own to run, and whose output others take so, hides their reasons: that run
# would do it alone and say that all is done. And if it runs because the file is missing, all
# simulations run after it. So this rule has no input and no params (nor a record of older ones),
# and is there only until a simulation is done; after that the file always exists, and simulations
# compile by themselves what an edit has made new.
KERNELS = Path(f"{RESULTS}/md/.kernels")
if not KERNELS.exists() and any(KERNELS.parent.glob("T*/r*/final.npz")):
    KERNELS.touch()
if not KERNELS.exists():
    records.forget(f"{RESULTS}/md/.kernels")

    rule compile_kernels:
        """Compile the Numba kernels once, before parallel jobs would all do it."""
        output:
            touch(f"{RESULTS}/md/.kernels"),
        log:
            f"{RESULTS}/logs/compile_kernels.log",
        benchmark:
            f"{RESULTS}/benchmarks/compile_kernels.tsv"
        conda:
            "../../envs/analysis.yaml"  # it compiles the kernels of the analysis too
        threads: 1
        resources:
            **resources_of("short"),
        script:
            "../scripts/compile_kernels.py"


rule simulate:
    """Melt, cool, equilibrate and produce one state point: uniform and log-spaced frames."""
    input:
        # Compiled code is a convenience, not an input: it must not restart a simulation.
        kernels=ancient(f"{RESULTS}/md/.kernels"),
        # Progress and log lines cannot change a trajectory, so they are left out here.
        code=library("simulate.py", ignore=["io.log", "io.progress", "md.interruption"]),
        start=lambda wildcards: study.starts(config, wildcards.T),
    output:
        uniform=f"{RESULTS}/md/T{{T}}/r{{replica}}/uniform.nc",
        uniform_table=f"{RESULTS}/md/T{{T}}/r{{replica}}/uniform.csv",
        log=f"{RESULTS}/md/T{{T}}/r{{replica}}/log.nc",
        log_table=f"{RESULTS}/md/T{{T}}/r{{replica}}/log.csv",
        topology=f"{RESULTS}/md/T{{T}}/r{{replica}}/topology.pdb",
        thermo=f"{RESULTS}/md/T{{T}}/r{{replica}}/thermo.csv",
        state=f"{RESULTS}/md/T{{T}}/r{{replica}}/final.npz",
    log:
        f"{RESULTS}/logs/simulate/T{{T}}/r{{replica}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/simulate/T{{T}}/r{{replica}}.tsv"
    priority: 10  # the longest jobs first
    conda:
        "../../envs/md.yaml"
    threads: config["md"]["threads"]
    resources:
        **resources_of("simulation"),
    params:
        mixture=config["mixture"],
        protocol=lambda wildcards: study.protocol(config, wildcards.T, wildcards.replica),
        # Not an output: Snakemake deletes the outputs of a job that fails.
        checkpoints=f"{RESULTS}/checkpoints/T{{T}}/r{{replica}}",
    script:
        "../scripts/simulate.py"

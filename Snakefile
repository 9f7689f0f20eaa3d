# The entry point: `snakemake --cores 2` runs the study of config/config.yaml (paper scale),
# `snakemake --cores 2 --configfile config/demo.yaml` the small one.
include: "workflow/Snakefile"


rule study:
    """Everything: figures, tables, the resolved configuration."""
    default_target: True
    input:
        rules.all.input,

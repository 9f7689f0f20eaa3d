"""Check a configuration by hand: ``python -m study config/config.yaml config/mine.yaml``."""

import sys

import yaml

import study

try:
    found = study.repeated_keys(sys.argv[1:]) + study.problems(study.load(*sys.argv[1:]))
except (OSError, yaml.YAMLError, ValueError, RecursionError) as error:
    found = [f"the configuration cannot be read: {error}"]
print("\n".join(found) or "the configuration makes sense")
sys.exit(bool(found))

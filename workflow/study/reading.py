"""Configuration files: merged as Snakemake merges them, and looked at for what YAML misreads."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from typing import Any

import yaml
from snakemake.utils import update_config

from study.sentences import full_name, shown


def load(*paths: str | os.PathLike) -> dict:
    """Return configuration files merged left to right: groups key by key, lists as a whole.

    Raises
    ------
    OSError, yaml.YAMLError, ValueError
        If a file cannot be read, is no YAML, or holds something else than keys and values.
    """
    config: dict = {}
    for path in paths:
        with open(path, "rb") as file:  # a file, not its text: YAML's errors then name it
            content = yaml.safe_load(file)
        if not isinstance(content, Mapping | None):
            raise ValueError(f"{path} holds {shown(content)}; it must be a group of keys")
        update_config(config, content or {})
    return config


def read_groups(config: dict, given: Mapping[str, Any]) -> None:
    """Read the numbers in groups and lists of ``--config``, which Snakemake takes for text."""
    for name, value in given.items():
        if isinstance(value, Mapping | list):
            config[name] = _read(config[name])


def _read(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {_read(name): _read(entry) for name, entry in value.items()}
    if isinstance(value, list):
        return [_read(entry) for entry in value]
    if not isinstance(value, str) or _OTHER_BASE.fullmatch(value):
        return value
    try:
        return yaml.safe_load(value)
    except yaml.YAMLError:
        return value


# Numbers that YAML reads in base 60 (2:00:00 is 7200) or in base 8 (010 is 8).
_OTHER_BASE = re.compile(r"[-+]?(\d[\d_]*(:[0-5]?\d)+(\.\d*)?|0[\d_]+)")


_NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")


def _in_other_base(node: yaml.ScalarNode) -> str:
    """Return what such a number is to YAML, and what to write."""
    text, value = node.value, yaml.safe_load(node.value)
    if ":" in text:
        return f"{text}, which YAML reads in base 60 as {value}: write one number, in its unit"
    return f"{text}, which YAML reads in base 8 as {value}: write it without the leading 0"


def misread(paths: Iterable[str | os.PathLike]) -> list[str]:
    """Return a sentence for each value of the files that YAML reads as something else.

    Of a key that is given twice in a group YAML takes the last. 2:00:00 is 7200 to it, and 010 is
    8.
    """
    found = []
    for path in paths:
        with open(path, "rb") as file:
            todo: list[tuple[Any, tuple]] = [(yaml.compose(file, yaml.SafeLoader), ())]
        seen = set()  # an alias may hold itself
        for node, above in todo:  # which grows
            if isinstance(node, yaml.ScalarNode) and node.tag in _NUMBERS:
                if _OTHER_BASE.fullmatch(node.value):
                    found.append(f"{path}: {full_name(above)} is {_in_other_base(node)}")
                continue
            if not isinstance(node, yaml.CollectionNode) or id(node) in seen:
                continue
            seen.add(id(node))
            lines: dict[str, int] = {}
            for place, entry in enumerate(node.value):
                if isinstance(node, yaml.SequenceNode):
                    todo.append((entry, (*above, place)))
                    continue
                name, line = str(entry[0].value), entry[0].start_mark.line + 1
                todo.append((entry[1], (*above, name)))
                if name in lines:
                    twice = f"given twice, in lines {lines[name]} and {line}: remove one of them"
                    found.append(f"{path}: {full_name((*above, name))} is {twice}")
                lines[name] = line
    return found

"""What is wrong with a key, for people: its full name, its value, and what it must be."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable
from typing import Any

from pydantic_core import ErrorDetails

from softcage.potentials import KEYS
from study.config import keys

# of pydantic's errors; those of our own bring their words along
WORDS = {
    "float_type": "it must be a number",
    "finite_number": "it must be a finite number",
    "int_type": "it must be a whole number",
    "bool_type": "it must be true or false",
    "string_type": "it must be text",
    "string_unicode": "it must be text",
    "string_too_short": "it must not be empty",
    "list_type": "it must be a list",
    "dict_type": "it must be a group of keys",
    "model_type": "it must be a group of keys",
    "literal_error": "it must be {expected}",
    "greater_than": "it must be greater than {gt:g}",
    "greater_than_equal": "it must be at least {ge:g}",
    "less_than": "it must be less than {lt:g}",
    "less_than_equal": "it must be at most {le:g}",
    "too_short": "it needs at least {min_length} entries",
    "too_long": "it takes at most {max_length} entries",
}

OF_OTHER_POTENTIALS = {"potential", *(key for keys in KEYS.values() for key in keys)}
ONLY_12_6 = (
    "its liquid is Lennard-Jones 12-6, also where runs are imported: for another potential use "
    "softcage score and calibrate with --potential"
)


def sentence(error: ErrorDetails) -> str:
    """Return what an error of pydantic means, in words, with the key's full name and its value."""
    path = [part for part in error["loc"] if part not in ("<number>", "<matrix>")]  # of a cut-off
    name, value, kind = full_name(path), error["input"], error["type"]
    if kind == "missing":
        return f"{name} is missing"
    if path[:1] == ["mixture"] and path[-1] in OF_OTHER_POTENTIALS:
        return f"{name} is no key of a study; {ONLY_12_6}"
    if kind in ("extra_forbidden", "invalid_key"):
        return f"{full_name([*path[:-1], str(path[-1])])} is an unknown key; {_known(path)}"
    words = WORDS[kind].format(**error.get("ctx", {})) if kind in WORDS else error["msg"]
    if path[-1:] == ["[key]"]:
        return f"{full_name(path[:-2])} has the key {shown(value)}; {words}"
    hint = _hint(value) if isinstance(value, str) and "number" in words else ""
    return f"{name} is {shown(value)}; {words}{hint}"


def _known(path: list) -> str:
    """Return what may have been meant by an unknown key, or what is known in its group."""
    group = re.sub(r"\[\d+\]", "[]", full_name(path[:-1])) + "." if path[1:] else ""
    unknown, known = str(path[-1]), [name for name, _ in keys()]
    here = [name.removeprefix(group) for name in known if name.startswith(group)]
    here = [name for name in here if "." not in name]
    meant = [full_name([*path[:-1], name]) for name in difflib.get_close_matches(unknown, here, 1)]
    meant += [name for name in known if name.split(".")[-1] == unknown]
    return f"did you mean {meant[0]}?" if meant else f"known here: {', '.join(here)}"


def full_name(path: Iterable) -> str:
    """Return a key's full name, such as ``state_points[0].T``."""
    name = ""
    for part in path:
        if isinstance(part, int):
            name += f"[{part}]"
            continue
        plain = part.isprintable() and part.strip() == part != ""
        word = cut(part if plain else repr(part))
        name += f".{word}" if name else word
    return name or "the configuration"


def shown(value: Any) -> str:
    """Return a value as it stands in a sentence, cut where it is long."""
    if value is None:
        return "empty"
    if isinstance(value, int) and abs(value) >= 2**63:
        return f"a number of {value.bit_length() * math.log10(2):.0f} digits"
    try:
        return cut(repr(value))
    except ValueError:  # Python writes no numbers of thousands of digits
        return f"a {type(value).__name__} of huge numbers"


def written(value: Any) -> str:
    """Return a value of a configuration that has been checked as it stands in a sentence."""
    return shown(short(value))


def short(value: Any) -> Any:
    """Return a value with its whole numbers as people write them: 25 in place of 25.0."""
    if isinstance(value, dict):
        return {short(name): short(entry) for name, entry in value.items()}
    if isinstance(value, list):
        return [short(entry) for entry in value]
    whole = isinstance(value, float) and value.is_integer() and abs(value) < 1e15
    return int(value) if whole else value


def cut(text: str) -> str:
    """Return a text of at most 60 characters."""
    return text if len(text) <= 60 else f"{text[:57]}..."


def _hint(text: str) -> str:
    """Return how a number became text, if it did."""
    number = re.fullmatch(r"([+-]?[\d.]+)(?:[eE]([+-]?)(\d+))?", text)
    if not number:
        return ""
    mantissa, sign, exponent = number.groups()
    written = f"{mantissa}{'' if '.' in mantissa else '.0'}e{sign or '+'}{exponent}"
    if exponent and written != text:
        return f" (YAML reads {text} as text: write {written})"
    return " (text: write it without quotes)"

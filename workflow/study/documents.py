"""Make config/config.yaml and the tables of config/README.md: ``python -m study.documents``."""

from __future__ import annotations

import math
import re
from typing import Any, Literal, get_args, get_origin

import yaml
from pydantic.fields import FieldInfo

from study.code_inputs import WORKFLOW
from study.config import Study, group, keys
from study.sentences import short

FOLDER = WORKFLOW.parent / "config"
HEADER = """\
# The study of the paper at its own scale, made from workflow/study/config.py: every key with its
# default. A study of your own is an overlay, a file with the keys that differ (--configfile
# config/demo.yaml). It is merged key by key; lists are replaced whole. More in config/README.md.

"""
COLUMNS = "| key | type | default | unit | meaning, and what to watch |\n|---|---|---|---|---|\n"


def config_yaml() -> str:
    """Return config/config.yaml: each key with its default and the first sentence about it."""
    text = HEADER
    for name, field in keys():
        depth, value = name.count("."), _default(name)
        if depth > 1 or "[]" in name:
            continue  # part of the value of a key above
        unit = f" [{_unit(field)}]" if _unit(field) else ""
        comment = sentence(field).split(". ")[0].rstrip(".") + unit
        if depth == 0 and group(field) and value != []:
            entries = [f"  - {_flow(entry)}\n" for entry in value] if type(value) is list else []
            text += f"\n{name}: # {comment}\n" + "".join(entries)
        else:
            text += f"{'  ' * depth}{name.split('.')[-1]}: {_flow(value)} # {comment}\n"
    return text


def readme(text: str) -> str:
    """Return config/README.md with the tables after its lines ``<!-- keys: study seed -->``."""
    return re.sub(
        r"(<!-- keys: (.*) -->\n)(?:\|.*\n)*",
        lambda found: found[1] + _table(found[2].split()),
        text,
    )


def _table(groups: list[str]) -> str:
    rows, explained, below = [], set(), "-"
    for name, field in keys():
        model, value = group(field), _default(name)
        if re.split(r"\W", name)[0] not in groups or name.startswith(below):
            continue
        if model in explained:  # bins, jobs: their keys stand under the first
            below = f"{name}."
        elif model:
            explained.add(model)
            value = None
        shown = "none" if field.default is None else "" if value is None else f"`{_flow(value)}`"
        rows.append(
            f"| `{name}` | {_kind(field)} | {shown} | {_unit(field)} | {sentence(field)} |\n"
        )
    return COLUMNS + "".join(rows)


def _kind(field: FieldInfo) -> str:
    """Return the type of a key in words, and its range."""
    origin, arguments = get_origin(field.annotation), get_args(field.annotation)
    words = field.title or ("true, false" if field.annotation is bool else "group")
    if origin is Literal:
        words = ", ".join(f"`{name}`" for name in arguments)
    elif origin is list and not field.title:
        words = f"list of {FieldInfo.from_annotation(arguments[0]).title or 'group'}s"
    for sign, limit in ((">", "gt"), (">=", "ge"), ("<=", "le")):
        values = [getattr(entry, limit) for entry in field.metadata if hasattr(entry, limit)]
        words += "".join(f", {sign} {value:g}" for value in values)
    return words


def _default(name: str) -> Any:
    """Return the default of a key; None where it has none, and in the groups of a list."""
    value: Any = Study().model_dump(exclude_none=True)
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _flow(value: Any) -> str:
    """Return a value in one line of YAML."""
    return yaml.safe_dump([short(value)], default_flow_style=True, width=math.inf, sort_keys=False)[
        1:-2
    ]


def sentence(field: FieldInfo) -> str:
    """Return all that is said of a key, in one line."""
    model = group(field)
    return " ".join((field.description or (model and model.__doc__) or "").split())


def _unit(field: FieldInfo) -> str:
    extra = field.json_schema_extra
    return str(extra["unit"]) if isinstance(extra, dict) else ""


if __name__ == "__main__":
    (FOLDER / "config.yaml").write_text(config_yaml())
    page = FOLDER / "README.md"
    page.write_text(readme(page.read_text()))

"""Do the results of a study belong to its configuration?

Where Snakemake has records of what it made, a changed configuration makes again what depends on the
change. Results that came from elsewhere, through a shared folder, a copy or another working
directory, have no records, and Snakemake would take them as they are.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from study.runs import results
from study.sentences import full_name, written

RECORDS = Path(".snakemake") / "metadata"


def of_another_configuration(config: Mapping) -> str:
    """Say which key of a configuration its results contradict; return '' if there is none.

    Only results without Snakemake's records are looked at. ``resources``, on which nothing depends,
    and the path of the results do not count.
    """
    saved = Path(results(config)) / "config.yaml"
    if has_record(saved) or not saved.is_file():
        return ""
    try:
        theirs = yaml.safe_load(saved.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        return f"{saved} cannot be read ({error}): take another name for the study"
    ours = {key: value for key, value in config.items() if key not in ("resources", "results")}
    kept = theirs if isinstance(theirs, Mapping) else {}
    theirs = {key: value for key, value in kept.items() if key != "results"}
    found = next(_differences(theirs, ours, ()), None)
    if found is None:
        return ""
    key, there, here = found
    return (
        f"{saved.parent} holds the results of another configuration: {full_name(key)} is {there} "
        f"in its config.yaml and {here} in this one, and Snakemake has no records here of what it "
        "made. Take another name for the study (the key study), run it where these results were "
        f"made, or remove {saved.parent}"
    )


def has_record(path: Path) -> bool:
    """Return whether Snakemake, in this folder, has a record of having made a file."""
    name = urlsafe_b64encode(str(path).encode()).decode()
    parts = [name[k : k + 254] for k in range(0, len(name), 254)]  # of 255 bytes with the @
    return RECORDS.joinpath(*(f"@{part}" for part in parts[:-1]), parts[-1]).is_file()


def _differences(theirs: Any, ours: Any, above: tuple) -> Iterator[tuple[tuple, str, str]]:
    """Yield the path of each key that differs, and its values there and here in words."""
    if isinstance(theirs, Mapping) and isinstance(ours, Mapping):
        for name in [*ours, *(name for name in theirs if name not in ours)]:
            key = (*above, str(name))
            if name not in theirs or name not in ours:
                known = [
                    written(side[name]) if name in side else "missing" for side in (theirs, ours)
                ]
                yield key, known[0], known[1]
            else:
                yield from _differences(theirs[name], ours[name], key)
    elif isinstance(theirs, list) and isinstance(ours, list) and len(theirs) == len(ours):
        for number, pair in enumerate(zip(theirs, ours, strict=True)):
            yield from _differences(*pair, (*above, number))
    elif theirs != ours:
        yield above, written(theirs), written(ours)

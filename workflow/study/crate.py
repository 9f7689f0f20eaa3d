"""The provenance of a folder of results as an RO-Crate, ``ro-crate-metadata.json``.

It says in the terms of https://w3id.org/ro/wfrun/process/0.5 what ``commits.csv`` says: each file,
its SHA-256, and the rule and the commit that made it. Programs for such crates then know what the
folder holds.
"""

from __future__ import annotations

import datetime
import json
import mimetypes
from collections.abc import Iterable, Sequence
from pathlib import Path

import softcage
from softcage.io.atomic_file import replacing

NAME = "ro-crate-metadata.json"
PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
LICENCE = "https://spdx.org/licenses/MIT"
_TYPES = {".parquet": "application/vnd.apache.parquet", ".md": "text/markdown"}
_TYPES |= {".yaml": "application/yaml", ".npz": "application/zip", ".h5": "application/x-hdf5"}


def write(folder: Path, rows: Iterable[Sequence[str]], date: datetime.date | None = None) -> None:
    """Write the crate of a folder.

    Parameters
    ----------
    folder : path
    rows : iterable of (file, rule, commit, sha256)
        As in ``commits.csv``; files are relative to the folder.
    date : date, optional
        When the crate was made; today by default.
    """
    rows = list(rows)
    jobs: dict[tuple[str, str], list[str]] = {}
    for part, rule, commit, _ in rows:
        jobs.setdefault((rule, commit), []).append(part)
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": f"softcage: results of the study {folder.name.strip('.').removesuffix('.new')}",
        "description": "Tables and figures of a study of supercooled liquids, each with the rule "
        "of the workflow and the commit of its code that made it.",
        "datePublished": (date or datetime.date.today()).isoformat(),
        "license": _to(LICENCE),
        "conformsTo": _to(PROFILE),
        "hasPart": [_to(part) for part, *_ in rows],
        "mentions": [_to(_of_job(*job)) for job in jobs],
    }
    graph = [
        {
            "@id": NAME,
            "@type": "CreativeWork",
            "conformsTo": _to("https://w3id.org/ro/crate/1.1"),
            "about": _to("./"),
        },
        root,
        {"@id": PROFILE, "@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"},
        {"@id": LICENCE, "@type": "CreativeWork", "name": "MIT licence"},
        {
            "@id": "#softcage",
            "@type": "SoftwareApplication",
            "name": "softcage",
            "softwareVersion": softcage.__version__,
            "url": "https://doi.org/10.1103/PhysRevE.105.044604",
        },
        *(_job(*job, parts) for job, parts in jobs.items()),
        *(_file(part, digest) for part, _, _, digest in rows),
    ]
    text = json.dumps(
        {"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": graph}, indent=1
    )
    with replacing(folder / NAME) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")


def _to(identifier: str) -> dict[str, str]:
    return {"@id": identifier}


def _of_job(rule: str, commit: str) -> str:
    return f"#{rule}-{commit}"


def _job(rule: str, commit: str, parts: Sequence[str]) -> dict:
    """Return the action that made some files: the jobs of one rule at one commit."""
    return {
        "@id": _of_job(rule, commit),
        "@type": "CreateAction",
        "name": f"rule {rule}",
        "description": f"the rule {rule} of the workflow at the commit {commit}",
        "instrument": _to("#softcage"),
        "result": [_to(part) for part in parts],
    }


def _file(part: str, digest: str) -> dict:
    kind = _TYPES.get(Path(part).suffix) or mimetypes.guess_type(part)[0]
    return {
        "@id": part,
        "@type": "File",
        "name": part,
        "sha256": digest,
        **({"encodingFormat": kind} if kind else {}),
    }

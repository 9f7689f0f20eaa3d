"""Snakemake's memory of how a study was made, kept with its results.

Snakemake knows what is up to date from times of files and from `.snakemake/metadata`: parameters,
inputs and their checksums, for each output. A clone has other times and no such folder, so results
copied into it would look old. Every run leaves the records in ``results/<study>/records.json.gz``,
with a checksum of each script. A run that finds them where Snakemake knows nothing of the study
gives them back (:func:`adopt_copied`): it puts the records in place and sets the times of the files
in the order they were made in. After that it redoes what differs in fact (code, parameters,
configuration), and nothing else. ``python workflow/records.py [config/<study>.yaml]`` does the same
at any time.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
import re
import sys
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import study

NAME = "records.json.gz"
METADATA = Path(".snakemake") / "metadata"
_SCRIPT = re.compile(r'"\.\./(scripts/[\w./]+\.py)"')  # as the record of a rule's code has it


class NoRecordsError(Exception):
    """There is nothing that can be adopted; the message says why and what to do."""


def save(results: str, root: Path = Path()) -> None:
    """Write the records of a study's outputs beside them; keep the file if nothing is new.

    Parameters
    ----------
    results : str
        The study's folder, relative to ``root``, such as ``results/paper``.
    root : path
        Where Snakemake runs.
    """
    records = {}
    for file, output in _recorded(results, root):
        record = json.loads(file.read_text())
        records[output] = {"record": record, "script": _script_of(record, root, output)}
    if not records:
        return
    text = json.dumps(records, indent=0, sort_keys=True).encode()
    path = root / results / NAME
    if not path.is_file() or gzip.decompress(path.read_bytes()) != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".tmp")
        temporary.write_bytes(gzip.compress(text, mtime=0))
        os.replace(temporary, path)


def adopt(results: str, root: Path = Path()) -> list[str]:
    """Give Snakemake the records back; return outputs that another version of the code made.

    Those keep a time before the code's, and so are made again.

    Raises
    ------
    NoRecordsError
        If the study has no records, or they cannot be read.
    """
    path = root / results / NAME
    if not path.is_file():
        raise NoRecordsError(
            f"{path} is missing: results can be adopted only with the records that a run "
            "leaves beside them. Copy that file too, or the folder .snakemake/metadata."
        )
    try:
        records = json.loads(gzip.decompress(path.read_bytes()))
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise NoRecordsError(
            f"{path} is damaged ({error}): copy it again, or delete it to make everything anew"
        ) from error
    for output, entry in records.items():
        file = root / METADATA / _file_of(output)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(entry["record"]))
    # the order in which they were made, a millisecond apart, all after the code
    order = sorted({entry["record"]["endtime"] or 0.0 for entry in records.values()})
    rank = {end: place for place, end in enumerate(order)}
    now, differing = time.time(), []
    for output, entry in records.items():
        if not (root / output).exists():
            continue
        moment = now + 1e-3 * rank[entry["record"]["endtime"] or 0.0]
        changed = _changed_code(entry, root)
        if changed:
            differing.append(output)
            moment = min(path.stat().st_mtime for path in changed) - 1
        os.utime(root / output, (moment, moment))
    # Snakemake counts a job's benchmark among what it made, and no record names it.
    last = now + 1e-3 * len(order)
    for file in (root / results / "benchmarks").rglob("*.tsv"):
        os.utime(file, (last, last))
    return differing


def adopt_copied(results: str, root: Path = Path()) -> bool:
    """Adopt a study that has records, but none in Snakemake: results copied into a clone.

    Returns whether it did.

    Raises
    ------
    NoRecordsError
        If the records cannot be read.
    """
    if not (root / results / NAME).is_file() or any(_recorded(results, root)):
        return False
    adopt(results, root)
    return True


def forget(output: str, root: Path = Path()) -> None:
    """Remove Snakemake's record of an output."""
    (root / METADATA / _file_of(output)).unlink(missing_ok=True)


def _recorded(results: str, root: Path) -> Iterator[tuple[Path, str]]:
    """Yield Snakemake's records of a study: the file of each and the output that it is of."""
    for file in (root / METADATA).rglob("*"):
        if file.is_file():
            output = _output_of(file.relative_to(root / METADATA))
            if output.startswith(f"{results}/"):
                yield file, output


def _checksum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _changed_code(entry: dict, root: Path) -> list[Path]:
    """Return the script and modules of a record that are not the ones it was made with."""
    changed = []
    if entry["script"] != _script_of(entry["record"], root):
        changed.append(_path_of_script(entry["record"], root))
    for name, checksum in (entry["record"].get("input_checksums") or {}).items():
        path = root / name
        if name.startswith("workflow/") and path.is_file():
            if checksum != f"sha256:{_checksum(path)}":
                changed.append(path)
    return changed


def _path_of_script(record: dict, root: Path) -> Path | None:
    found = _SCRIPT.search(record.get("code") or "")
    return root / "workflow" / found[1] if found else None


def _script_of(record: dict, root: Path, output: str | None = None) -> str | None:
    """Return the checksum of the script of a record; None without one.

    With an ``output``: "unknown" if the script was edited after the output was made.
    """
    script = _path_of_script(record, root)
    if script is None or not script.is_file():
        return None
    made = root / output if output else None
    if made and made.exists() and made.stat().st_mtime < script.stat().st_mtime:
        return "unknown"
    return _checksum(script)


# Snakemake names the file of a record by its output, base64, cut into folders if it is long.
def _file_of(output: str, longest: int = 255) -> Path:
    name = base64.urlsafe_b64encode(output.encode()).decode()
    parts = [name[i : i + longest - 1] for i in range(0, len(name), longest - 1)]
    return Path(*(f"@{part}" for part in parts[:-1]), parts[-1])


def _output_of(file: Path) -> str:
    name = "".join(part.removeprefix("@") for part in file.parts)
    return base64.urlsafe_b64decode(name).decode()


def main(overlays: list[str]) -> int:
    """Adopt the results of a study."""
    results = study.results(study.load("config/config.yaml", *overlays))
    try:
        differing = adopt(results)
    except NoRecordsError as error:
        print(error, file=sys.stderr)
        return 1
    for output in differing:
        print(f"made by another version of its script or library, will be made again: {output}")
    print(f"{results} is adopted; a run redoes only what differs.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

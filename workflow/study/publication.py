"""The published outcome: what the graph of a finished study names, and nothing else.

A publication is replaced as a whole, so what is no output any more goes.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from fnmatch import fnmatch
from pathlib import Path

from study import commits
from study.disk import in_words, size
from study.graph import Output, outputs, refuse_unless_finished
from study.runs import further_quenches, ranked_temperatures

PAPER, PUBLIC = Path("results/paper"), Path("results/public")
# Outputs that are too large for a repository, or of no use outside of the run, by their path in a
# study. Further quenches, which are inputs of a study, are published with it.
NEVER_PUBLISHED = (
    "*.h5",  # softness, p_hop and descriptors of every particle in every frame
    "*.parquet",  # events of every particle
    "md/*",  # frames, and the state that a run ends with
    "structure/*",  # sums of g(r) and S(q) of each run; their averages are in cage/
    "propensity/*/*/*",  # configurations and batches of runs; their sum is propensity/T*/c*.npz
)


def place(study: str) -> Path:
    """Return where a study is published: that of the paper has a folder of its own."""
    return PAPER if study == "ka" else PUBLIC / study


def targets(config: Mapping) -> list[str]:
    """Return the targets that make what a study publishes."""
    return ["all", *(["beyond"] if ranked_temperatures(config) else [])]


def publish(results: Path, config: Mapping, overlays: Sequence[str]) -> None:
    """Replace the published results of a study by those of its targets ``all`` and ``beyond``."""
    wanted = targets(config)
    refuse_unless_finished(results, overlays, wanted)
    made = published_part(results, outputs(overlays, wanted))
    for point in config["state_points"]:
        for path in map(Path, further_quenches(config, point["T"])):
            log = results / "logs" / "quench" / path.relative_to(results / "quenches")
            made[path.relative_to(results)] = Output(path, "quench", log.with_suffix(".log"))
    _replace(place(config["study"]), made)


def publish_public(results: Path, config: Mapping, overlays: Sequence[str]) -> None:
    """Replace the published results for public data by those of the target ``public``."""
    refuse_unless_finished(results, overlays, ["public"])
    found = outputs(overlays, ["public"])
    further = ["transfer"] if any(entry["transfer"] for entry in config["public"]) else []
    for name in [entry["name"] for entry in config["public"]] + further:
        _replace(PUBLIC / name, published_part(results / "public" / name, found))


def published_part(folder: Path, found: Sequence[Output]) -> dict[Path, Output]:
    """Return the outputs in a folder that are published, by their paths in it."""
    inside = {
        output.file.relative_to(folder): output
        for output in found
        if output.file.is_relative_to(folder)
    }
    return {
        part: output
        for part, output in inside.items()
        if not any(fnmatch(str(part), pattern) for pattern in NEVER_PUBLISHED)
    }


def list_commits(results: Path, config: Mapping, overlays: Sequence[str]) -> None:
    """Write ``commits.csv`` of a study in its own folder, of the files that are there by now."""
    wanted = targets(config) + (["public"] if config.get("public") else [])
    made = published_part(results, outputs(overlays, wanted))
    commits.write(results, {part: of for part, of in made.items() if of.file.exists()})


def _replace(published: Path, made: Mapping[Path, Output]) -> None:
    """Put files in the place of all that a published folder has."""
    new = published.with_name(f".{published.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    for part, output in made.items():
        (new / part).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(output.file, new / part)
    commits.write(new, made)
    if published.exists():
        shutil.rmtree(published)
    new.rename(published)
    print(f"{published} now has {len(made)} files, {in_words(size(published))}; commit it.")

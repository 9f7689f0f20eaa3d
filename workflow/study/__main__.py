"""Look after a study: ``python -m study TASK [config/<study>.yaml ...]``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import yaml

import study
from study import disk, lock, publication
from study.graph import RefusedError
from study.status import status

# beside the workflow, wherever this is typed, as the Snakefile has it
DEFAULT = str(study.WORKFLOW.parent / "config" / "config.yaml")
TASKS = {
    "check": "does the configuration make sense? It says what is wrong, one line each",
    "status": "what is done, runs and failed, and what is on the disk; it only reads",
    "clean-trajectories": "drop the trajectories of a finished study",
    "clean-arrays": "drop softness and p_hop of every particle in every frame",
    "commits": "write commits.csv, which rule and commit made each table, and an RO-Crate of it",
    "publish": "copy figures, tables and points of a finished study to results/, to be committed",
    "publish-public": "the same for what the target public made of public data",
    "unlock": "remove the lock of a run that was killed",
}


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    top = argparse.ArgumentParser(
        "python -m study",
        description="Look after a study.",
        epilog="OVERLAY.yaml holds what differs from config/config.yaml; several are merged from "
        "left to right. Without any it is the study of the paper.",
    )
    commands = top.add_subparsers(dest="task", required=True, metavar="TASK")
    for task, words in TASKS.items():
        command = commands.add_parser(task, help=words, description=words)
        command.add_argument("overlays", nargs="*", metavar="OVERLAY.yaml")
    return top


def checked(overlays: list[str]) -> dict:
    """Return the complete configuration; raise RefusedError with what is wrong with it."""
    files = [DEFAULT, *overlays]
    config = study.load(*files)
    if found := study.misread(files) + study.problems(config):
        raise RefusedError("\n".join(found))
    study.complete(config)
    return config


def carry_out(task: str, overlays: list[str]) -> None:
    """Do one of the tasks."""
    if task == "unlock":
        if said := lock.release():
            print(said, file=sys.stderr)
        return
    config = checked(overlays)
    results = Path(study.results(config))
    match task:
        case "check":
            if refused := study.unwritable(config):
                raise RefusedError(refused)
            print("The configuration makes sense.")
        case "status":
            status(results, overlays)
        case "clean-trajectories" | "clean-arrays":
            disk.clean(results, overlays, task.removeprefix("clean-"))
        case "commits":
            publication.list_commits(results, config, overlays)
        case "publish":
            publication.publish(results, config, overlays)
        case "publish-public":
            publication.publish_public(results, config, overlays)


def main(arguments: list[str] | None = None) -> int:
    """Do one of the tasks; return the exit status: 0, 1 if it is refused, 2 for wrong options."""
    options = parser().parse_args(arguments)
    try:
        carry_out(options.task, options.overlays)
    except (RefusedError, OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

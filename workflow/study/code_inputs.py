"""The code of a rule as its parameters: its script and the library modules that this imports.

Snakemake knows a script by the time of its file, and nothing of what the script imports. With the
contents as parameters, a rule runs again if they change, and not because files have new times, as
after a checkout, in a copy or in the image of a container.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import os
from collections.abc import Iterable, Iterator
from importlib.util import resolve_name
from pathlib import Path

WORKFLOW = Path(__file__).resolve().parents[1]
PACKAGE = "softcage"


def code(
    script: str | os.PathLike, ignore: Iterable[str] = (), data: Iterable[str] = ()
) -> list[str]:
    """Return name and digest of each file of code that a rule depends on, for ``params:``.

    Parameters
    ----------
    script, ignore
        See :func:`library`.
    data : iterable of str
        Data files of the library that the script reads, such as ``dynamics/reference.csv``.

    Returns
    -------
    list of str
        A file and the SHA-256 of its contents, shortened, for each: Snakemake says which of them
        has changed.
    """
    files = [WORKFLOW / "scripts" / script, *library(script, ignore)]
    files += [WORKFLOW / PACKAGE / name for name in data]
    return [f"{path.relative_to(WORKFLOW)} {_digest(path)}" for path in files]


def library(script: str | os.PathLike, ignore: Iterable[str] = ()) -> list[Path]:
    """Return the files of the library that a script imports, directly or through others, sorted.

    The module of the lines that say how far a job is, which change no result, is left out.

    Parameters
    ----------
    script : path
        A script, absolute or relative to ``workflow/scripts``.
    ignore : iterable of str
        Names of modules that cannot change the rule's output (``"io.log"``); left out together
        with what only they import.
    """
    skipped = {f"{PACKAGE}.{name}" for name in (*ignore, "io.progress")}
    found: dict[str, Path] = {}
    todo = list(_imports(WORKFLOW / "scripts" / script, ""))
    while todo:
        module = todo.pop()
        path = _module_path(module)
        if path is None or module in found or module in skipped:
            continue
        found[module] = path
        package = module if path.name == "__init__.py" else module.rpartition(".")[0]
        todo += _imports(path, package)
    return sorted(found.values())


@functools.cache
def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


@functools.cache  # most rules need most modules
def _imports(path: Path, package: str) -> frozenset[str]:
    """Return the library's modules that one file imports, packages above them included."""
    names: set[str] = set()
    for node in executed_nodes(ast.parse(path.read_bytes(), str(path))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = resolve_name("." * node.level + (node.module or ""), package)
            # `from softcage import cage` may name a module or a function: both are tried
            names |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
    parts = [name.split(".") for name in names]
    return frozenset(
        ".".join(part[:depth])
        for part in parts
        for depth in range(1, len(part) + 1)
        if part[0] == PACKAGE
    )


def executed_nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a file, but not what is in ``if TYPE_CHECKING:``, for type checkers."""
    todo = [tree]
    while todo:
        node = todo.pop()
        yield node
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            todo += node.orelse
        else:
            todo += ast.iter_child_nodes(node)


def _module_path(module: str) -> Path | None:
    base = WORKFLOW.joinpath(*module.split("."))
    places = (base.with_suffix(".py"), base / "__init__.py")
    return next((path for path in places if path.is_file()), None)

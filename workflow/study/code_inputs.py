"""The library modules that a script imports, as input of its rule.

Snakemake watches a script's own text, not what it imports.
"""

from __future__ import annotations

import ast
import functools
import os
from collections.abc import Iterable, Iterator
from importlib.util import resolve_name
from pathlib import Path

WORKFLOW = Path(__file__).resolve().parents[1]
PACKAGE = "softcage"


def library(script: str | os.PathLike, ignore: Iterable[str] = ()) -> list[str]:
    """Return the files of the library that a script imports, directly or through others.

    Parameters
    ----------
    script : path
        A script, absolute or relative to ``workflow/scripts``.
    ignore : iterable of str
        Names of modules that cannot change the rule's output (``"io.log"``); left out together
        with what only they import.

    Returns
    -------
    list of str
        Sorted paths, relative to the working directory when inside it, so that a study can be
        moved or cloned without rerunning.
    """
    skipped = {f"{PACKAGE}.{name}" for name in ignore}
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
    return sorted(map(_from_here, found.values()))


def data(name: str) -> str:
    """Return the path of a data file of the library, relative where :func:`library` is."""
    return _from_here(WORKFLOW / PACKAGE / name)


def _from_here(path: Path) -> str:
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


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

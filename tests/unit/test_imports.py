"""The import graph of the library: what imports what, and what an import does."""

import ast
import importlib
import json
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

import softcage
from study.code_inputs import executed_nodes

PACKAGE = Path(softcage.__file__).parent
WORKFLOW = PACKAGE.parent
# these need the programs that they are for
HOSTS = {"mdanalysis", "ovito"}
# imported by everything, and importing nothing but each other
GROUND_FLOOR = {"defaults", "quantities", "sampling", "statistics", "tables"}


def module_name(path):
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def imports(path):
    """Return the library's modules that a file imports, those inside functions included."""
    found = set()
    for node in executed_nodes(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: write the whole name in place of a relative import"
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            modules = {name for name in names if name.removeprefix("softcage.") in MODULES}
            found |= modules | ({node.module} if names - modules else set())
    ours = {name for name in found if name.partition(".")[0] == "softcage"}
    return {name.removeprefix("softcage").removeprefix(".") for name in ours}


GRAPH = {name: imports(path) for name, path in MODULES.items()}


def circles():
    """Return each set of modules that import each other, sorted."""

    def reached(name):
        seen, todo = set(), [name]
        while todo:
            for other in GRAPH.get(todo.pop(), set()) - seen:
                seen.add(other)
                todo.append(other)
        return seen

    everything = {name: reached(name) for name in GRAPH}
    return {
        tuple(sorted({name} | {other for other in found if name in everything[other]}))
        for name, found in everything.items()
        if name in found
    }


def test_the_import_graph_has_no_circle():
    assert not circles()


def test_the_ground_floor_imports_nothing_from_above():
    for name in GROUND_FLOOR:
        assert GRAPH[name] <= GROUND_FLOOR - {name}, name


def test_every_import_is_of_a_module_that_is_there():
    for name, found in GRAPH.items():
        assert found <= set(MODULES), name


def test_nothing_imports_what_needs_another_program():
    assert not [name for name, found in GRAPH.items() if found & HOSTS]


def public_names(path):
    """Yield the names that a module defines at its top level."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id


def test_a_public_name_is_defined_once():
    """Every module has its logger; all other names mean one thing in the whole library."""
    places = defaultdict(set)
    for module, path in MODULES.items():
        for name in public_names(path):
            if not name.startswith("_") and name != "log":
                places[name].add(module)
    assert not {name: modules for name, modules in places.items() if len(modules) > 1}


# ---------------------------------------------------------------- the top of the library
def test_what_is_at_the_top_is_there():
    assert sorted(softcage._MODULES) == softcage.__all__
    for name in softcage.__all__:
        module = importlib.import_module(f"softcage.{softcage._MODULES[name]}")
        assert getattr(softcage, name) is getattr(module, name)
    assert set(softcage.__all__) <= set(dir(softcage))
    with pytest.raises(AttributeError, match="'softcage' has no attribute 'nothing'"):
        _ = softcage.nothing


def test_type_checkers_are_told_of_the_same_names():
    tree = ast.parse((PACKAGE / "__init__.py").read_text())
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    told = {
        alias.name: node.module.removeprefix("softcage.")
        for node in block.body
        for alias in node.names
    }
    assert told == softcage._MODULES


def test_the_workflow_names_the_modules_themselves():
    """Snakemake reruns a rule when a module changes that its script names (study.library)."""
    for path in [*WORKFLOW.rglob("*.py"), *WORKFLOW.rglob("*.smk"), WORKFLOW / "Snakefile"]:
        if path.suffix != ".py":
            assert not [name for name in softcage.__all__ if f"softcage.{name}" in path.read_text()]
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module == "softcage":
                assert not {alias.name for alias in node.names} & set(softcage.__all__), path


# ---------------------------------------------------------------- what an import does
def python(code, **variables):
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(WORKFLOW), **variables},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_importing_the_library_imports_nothing_else():
    code = "import json, sys, softcage; print(json.dumps(sorted(sys.modules)))"
    assert not {"numpy", "numba", "pandas", "scipy", "matplotlib"} & set(python(code))


@pytest.mark.slow
def test_an_import_changes_nothing(tmp_path):
    """Neither the environment, nor Matplotlib's settings, nor kernels that are out of date."""
    stale = [tmp_path / "numba" / name for name in folders_of_caches()]
    for folder in stale:
        folder.mkdir(parents=True)
        kernel = folder / "forces.prune-1.py311.nbi"
        kernel.touch()
        os.utime(kernel, (0, 0))
    names = [f"softcage.{name}" for name in MODULES if name and name not in HOSTS]
    code = f"""
import importlib, json, os
import matplotlib, sklearn  # the second sets variables of its own
before = dict(os.environ), dict(matplotlib.rcParams)
for name in {names!r}:
    importlib.import_module(name)
after = dict(os.environ), dict(matplotlib.rcParams)
changed = [sorted(k for k in {{*b, *a}} if b.get(k) != a.get(k)) for b, a in zip(before, after)]
print(json.dumps(changed))
"""
    home = {"HOME": "/dev/null", "XDG_CACHE_HOME": str(tmp_path / "nowhere")}
    variables, settings = python(code, **home, NUMBA_CACHE_DIR=str(tmp_path / "numba"))
    assert variables == []
    assert settings == []
    assert all((folder / "forces.prune-1.py311.nbi").exists() for folder in stale)


def folders_of_caches():
    from numba.core.caching import UserWideCacheLocator

    return {UserWideCacheLocator.get_suitable_cache_subpath(str(path)) for path in MODULES.values()}

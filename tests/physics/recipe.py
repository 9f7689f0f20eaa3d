"""The public data of the recipes, and the code of their pages."""

import os
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def data_of(name):
    """Return public data, and the mark of tests that are skipped where they are absent."""
    path = Path(os.environ.get("SOFTCAGE_DATA", ROOT.parent / "shared" / "data")) / name
    reason = f"{path} is not here (SOFTCAGE_DATA: the folder of such files)"
    return path, pytest.mark.skipif(not path.exists(), reason=reason)


def page_of(name):
    """Return the text of the page of a recipe."""
    return (ROOT / "docs" / f"{name}.md").read_text()


def run_page(name, folder):
    """Run the Python code of a page beside the data, and return what it leaves behind."""
    (code,) = re.findall(r"^```python\n(.*?)^```", page_of(name), re.M | re.S)
    held, before = {}, Path.cwd()
    os.chdir(folder)
    try:
        exec(compile(code, f"docs/{name}.md", "exec"), held)
    finally:
        os.chdir(before)
    return held

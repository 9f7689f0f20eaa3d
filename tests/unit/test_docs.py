"""Pages lead to files that are there, and name every room of the house."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "config" / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
LIBRARY = ROOT / "workflow" / "softcage"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files(page):
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_house_names_every_module_of_the_library():
    rows = re.findall(r"^\|([^|]*)\| (`[^|]+) \|", (ROOT / "docs/house.md").read_text(), re.M)
    named, folder = set(), ""
    for place, modules in rows:
        folder = place.strip("` ") or folder
        named |= {f"{folder}/{name}.py".lstrip("/") for name in re.findall(r"`(\w+)`", modules)}
    files = {str(path.relative_to(LIBRARY)) for path in LIBRARY.rglob("[!_]*.py")}
    assert named == files

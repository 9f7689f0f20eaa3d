"""Sphinx: pages in Markdown, those of the library from its docstrings."""

import sys
from pathlib import Path

WORKFLOW = Path(__file__).resolve().parents[1] / "workflow"
sys.path.insert(0, str(WORKFLOW))

project = "softcage"
author = "softcage contributors"
html_theme = "furo"
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "sphinx.ext.napoleon",
]
exclude_patterns = ["_build", "_templates"]
templates_path = ["_templates"]

# One page a folder: docs/_templates/folder.rst.
autosummary_context = {"folders": [str(p.parent.name) for p in WORKFLOW.glob("softcage/*/__init__.py")]}
autodoc_member_order = "bysource"
napoleon_custom_sections = [("Attributes", "params_style")]  # several names of one type
add_module_names = False
myst_heading_anchors = 3

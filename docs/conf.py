"""Sphinx: pages in Markdown and a notebook, those of the library from its docstrings."""

import sys
from pathlib import Path

WORKFLOW = Path(__file__).resolve().parents[1] / "workflow"
sys.path.insert(0, str(WORKFLOW))

project = "softcage"
author = "softcage contributors"
html_theme = "furo"
html_title = project
highlight_language = "text"
exclude_patterns = ["_build", "_templates"]
templates_path = ["_templates"]
extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "sphinx.ext.napoleon",
]
myst_heading_anchors = 3
# the notebook has no outputs in git: it runs here, and tests run it too
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = -1  # a first run compiles

# a page a folder of the library: _templates/folder.rst
FOLDERS = [p.parent.relative_to(WORKFLOW) for p in WORKFLOW.glob("softcage/**/__init__.py")]
autosummary_context = {"folders": [".".join(folder.parts) for folder in FOLDERS]}
autodoc_member_order = "bysource"
# of scikit-learn, not ours
autodoc_default_options = {"exclude-members": "set_fit_request, set_predict_request"}
add_module_names = False
# several names of one type on a line
napoleon_custom_sections = [("Attributes", "params_style")]
# a reference to our own code that leads nowhere is an error; "(n,) array" is no reference
nitpicky = True
nitpick_ignore_regex = [("py:class", r"(?!softcage).*")]

# files of the repository that are pages here
PAGES = {
    "../config/README.md": "configuration.md",
    "../results/paper/SUMMARY.md": "summary.md",
}


def setup(app):
    """Lead links to such files to their pages."""

    def to_pages(app, docname, source):
        for path, page in PAGES.items():
            source[0] = source[0].replace(f"({path})", f"({page})")

    app.connect("source-read", to_pages)

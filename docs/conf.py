"""Sphinx: pages in Markdown and a notebook; the pages of the library come from its docstrings."""

import re
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
# the notebook has no outputs in git: it is run here, and by the tests
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = -1  # a first run compiles

# one page for each folder of the library: _templates/folder.rst
FOLDERS = [p.parent.relative_to(WORKFLOW) for p in WORKFLOW.glob("softcage/**/__init__.py")]
autosummary_context = {"folders": [".".join(folder.parts) for folder in FOLDERS]}
autodoc_member_order = "bysource"
# methods that scikit-learn adds to our classes
autodoc_default_options = {"exclude-members": "set_fit_request, set_predict_request"}
# only named in the pages of the modules for these programs
autodoc_mock_imports = ["MDAnalysis", "ovito", "traits"]
add_module_names = False
# several attributes of one type on one line
napoleon_custom_sections = [("Attributes", "params_style")]
# a reference to code of softcage that leads nowhere is an error; "(n,) array" is no reference
nitpicky = True
nitpick_ignore_regex = [("py:class", r"(?!softcage).*")]

# files outside docs/ that are pages of the documentation
PAGES = {
    "../config/README.md": "configuration.md",
    "../results/paper/SUMMARY.md": "summary.md",
}


# GitHub does not show included tables, so that the pages link them too; here that is superfluous
TABLE_LINK = re.compile(r"^\[The table as a file\]\(.*\)\n", re.MULTILINE)


# the articles cite as JOSS wants it, [@key] and @key, from a file of BibTeX
ENTRY = re.compile(r"@\w+\{(\w+),\n(.*?)\n\}", re.DOTALL)
FIELD = re.compile(r"(\w+) = \{(.*)\}")
CITED = re.compile(r"\[(@\w+(?:; @\w+)*)\]|(?<![\w.])(@\w+)")


def with_references(text):
    """Return an article with links in place of citations, and the list of what it cites."""
    text = re.sub(r"\A---\ntitle: '(.*?)'\n.*?\n---\n", r"# \1\n", text, flags=re.DOTALL)
    title, *body = re.split(r"(?m)^(?=#)", text)[1:]
    if body[0].startswith("# "):  # sections of JOSS are on the level of the title
        body = ["#" + part for part in body]
    bibliography = (Path(__file__).parent / "paper/paper.bib").read_text(encoding="utf-8")
    entries = {key: dict(FIELD.findall(fields)) for key, fields in ENTRY.findall(bibliography)}
    cited = {}

    def link(key):
        entry = cited[key] = entries[key]
        names = [name.partition(",")[0] for name in entry["author"].split(" and ")]
        words = " and ".join(names) if len(names) < 3 else f"{names[0]} et al."
        return f"[{words} {entry['year']}]({address(entry)})"

    def links(found):
        if found[2]:
            return link(found[2][1:])
        return "(" + ", ".join(link(key[1:]) for key in found[1].split("; ")) + ")"

    text = CITED.sub(links, "".join([title, *body]))
    lines = [
        f"- {entry['author'].replace(' and ', '; ')}: *{entry['title']}*. {place_of(entry)} "
        f"<{address(entry)}>"
        for entry in sorted(cited.values(), key=lambda entry: entry["author"])
    ]
    return text.rstrip() + "\n\n" + "\n".join(lines) + "\n"


def address(entry):
    """Return where an entry of the bibliography is found."""
    return f"https://doi.org/{entry['doi']}" if "doi" in entry else entry["url"]


def place_of(entry):
    """Return journal, volume, page and year of an entry of the bibliography."""
    source = next(entry[key] for key in ("journal", "booktitle", "howpublished") if key in entry)
    place = " ".join(filter(None, [entry.get("volume"), entry.get("pages", "").replace("--", "-")]))
    return f"{source} {place} ({entry['year']})".replace("  ", " ")


def setup(app):
    """Lead links to files outside docs/ to their pages, and citations to what is cited."""

    def to_pages(app, docname, source):
        text = TABLE_LINK.sub("", source[0])
        for path, page in PAGES.items():
            text = text.replace(f"({path})", f"({page})").replace(f"({path}#", f"({page}#")
        source[0] = with_references(text) if docname.startswith("paper/") else text

    app.connect("source-read", to_pages)

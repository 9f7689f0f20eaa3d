"""Pages lead to files that are there, name every module, and what can be pasted from them works."""

import os
import re
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "config" / "README.md", *sorted(DOCS.glob("[!_]*.md"))]
PAGES += sorted(DOCS.glob("paper/*.md"))
LIBRARY = ROOT / "workflow" / "softcage"


def name_of(page):
    return str(page.relative_to(ROOT))


def anchors(page):
    """Return the anchors of the headings of a page, as GitHub and MyST make them."""
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.M | re.S)
    headings = [heading.lower() for heading in re.findall(r"^#+ (.*)$", text, re.M)]
    return {re.sub(r"[^\w -]", "", heading).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_to_files_and_headings(page):
    broken = []
    for link in re.findall(r"\]\((?!https?:)([^)]+)\)", page.read_text()):
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_what_a_page_includes_is_there(page):
    included = re.findall(
        r"^```\{(?:include|literalinclude)\} (\S+)|^:file: (\S+)", page.read_text(), re.M
    )
    missing = [a or b for a, b in included if not (page.parent / (a or b)).is_file()]
    assert missing == []


def test_the_index_leads_to_every_page_once():
    listed = []
    for block in re.findall(
        r"^```\{toctree\}\n(.*?)^```", (DOCS / "index.md").read_text(), re.M | re.S
    ):
        listed += [line for line in block.splitlines() if line and not line.startswith(":")]
    pages = {path.stem for suffix in ("md", "ipynb") for path in DOCS.glob(f"*.{suffix}")}
    pages |= {f"paper/{path.stem}" for path in DOCS.glob("paper/*.md")}
    assert sorted(listed) == sorted(pages - {"index"})


def test_the_gallery_shows_every_published_figure_with_the_command_that_makes_it():
    text = (DOCS / "gallery.md").read_text()
    shown = re.findall(r"^!\[[^\]]+\]\(\.\./([^)]+)\)\n\n\*\*[^*]+\*\*: `(make [^`]+)`", text, re.M)
    published = [
        name_of(path)
        for folder in ("paper", "public/*", "public/*/*")
        for suffix in ("png", "gif")
        for path in ROOT.glob(f"results/{folder}/figures/*.{suffix}")
    ]
    assert sorted(path for path, _ in shown) == sorted(published)
    for path, command in shown:
        if path.startswith("results/paper"):
            assert command.endswith(f"TARGETS={path.replace('paper', 'ka')}")


def test_the_layout_names_every_module_of_the_library():
    rows = re.findall(r"^\|([^|]*)\| (`[^|]+) \|", (DOCS / "layout.md").read_text(), re.M)
    named, folder = set(), ""
    for place, modules in rows:
        folder = place.strip("` ") or folder
        named |= {f"{folder}/{name}.py".lstrip("/") for name in re.findall(r"`(\w+)`", modules)}
    files = {str(path.relative_to(LIBRARY)) for path in LIBRARY.rglob("[!_]*.py")}
    assert named == files


def test_the_page_of_the_library_lists_every_folder():
    listed = set(re.findall(r"^   (softcage[\w.]*)$", (DOCS / "api.md").read_text(), re.M))
    folders = {path.parent.relative_to(LIBRARY.parent) for path in LIBRARY.rglob("__init__.py")}
    assert listed == {".".join(folder.parts) for folder in folders}


# What the commands of other clusters print (PBS: an excerpt), said by stand-ins in the tests.
PBS = "Job Id: 123.server\n    Job_Name = snakejob\n    job_state = {}\n    queue = workq\n"
ANSWERS = {
    "qsub": {"123.server": "123.server"},
    "bsub": {"Job <123> is submitted to default queue <normal>.": "123"},
    "qstat": {
        PBS.format("R"): "running",
        PBS.format("F") + "    Exit_status = 0\n    Submit_arguments = -V\n": "success",
        PBS.format("F") + "    Exit_status = 271\n": "failed",
        PBS.format("F"): "failed",  # deleted before it began
        "": "running",  # no answer is no end
    },
    "bjobs": {
        "PEND": "running",
        "RUN": "running",
        "DONE": "success",
        "EXIT": "failed",
        "": "running",
    },
}


@pytest.mark.parametrize("program", ANSWERS)
def test_commands_for_other_clusters_can_be_pasted(program, tmp_path, monkeypatch):
    """A shell takes them as they are on the page, and Snakemake gets the words it knows."""
    pages = re.findall(
        r"```yaml\n(cluster-generic.*?)```", (ROOT / "docs/cluster.md").read_text(), re.S
    )
    commands = [command for page in pages for command in yaml.safe_load(page).values()]
    (command,) = [command for command in commands if re.search(rf"\b{program} -", command)]
    if "{threads}" in command:
        command = command.format(threads=2, resources=SimpleNamespace(runtime=720, mem_mb=2000))
    (tmp_path / "job.sh").touch()
    (tmp_path / program).write_text(
        f'#!/bin/sh\necho "$@" > {tmp_path}/told\ncat {tmp_path}/answer\n'
    )
    (tmp_path / program).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    for answer, word in ANSWERS[program].items():
        (tmp_path / "answer").write_text(answer)
        argument = tmp_path / "job.sh" if program in ("qsub", "bsub") else "123"
        said = subprocess.run(
            f'{command} "{argument}"', shell=True, capture_output=True, text=True, check=True
        )
        assert said.stdout.strip() == word
    told = (tmp_path / "told").read_text()
    if program in ("qsub", "bsub"):
        assert ("walltime=43200" if program == "qsub" else "-W 720") in told


def test_the_articles_cite_the_bibliography_and_nothing_else():
    bibliography = (DOCS / "paper" / "paper.bib").read_text(encoding="utf-8")
    entries = re.split(r"(?m)^@", bibliography)[1:]
    keys = {re.match(r"\w+\{(\w+),", entry)[1] for entry in entries}
    assert len(keys) == len(entries)
    assert all(re.search(r"^  (doi|url) = ", entry, re.M) for entry in entries)
    texts = [path.read_text(encoding="utf-8") for path in (DOCS / "paper").glob("*.md")]
    cited = {key for text in texts for key in re.findall(r"(?<![\w.])@(\w+)", text)}
    assert cited == keys

"""``softcage report``: a page whose figures and numbers are those of the functions."""

import base64
import html
import io
import re
from html.parser import HTMLParser
from types import SimpleNamespace
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from tests.unit.test_boxes_of_files import PLANE, TILTED, dump, liquid
from tests.unit.test_command import (
    TYPEID,
    calibration,  # noqa: F401
    lattice_walk,
    run,
    write_gsd,
)

from softcage.io.overwriting import is_report
from softcage.prediction.counts import bin_edges, edges_of_sample

FRAMES = 60
HOP_WINDOW = 4
HOW = ("--interval", 0.5, "--hop-window", HOP_WINDOW, "--p-c", 0.12)
VOID = {"meta", "img", "br", "link", "input", "hr"}


class Page(HTMLParser):
    """What a page contains: its tags, with the texts in them, and whether they are closed."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.cells, self.text = [], [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag in ("th", "td"):
            self.cells.append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "title"):
            self.text.append(data)
        if self.open and self.open[-1] in ("th", "td"):
            self.cells[-1] += data

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]

    def after(self, label, n=1):
        """Return the cells that follow the one with this label."""
        place = self.cells.index(label)
        return self.cells[place + 1 : place + 1 + n]


def read(path):
    """Return a page that has been checked: what it says, its pictures, and its points."""
    text = path.read_text(encoding="utf-8")
    page = Page(text)
    images, links = page.all("img"), [a for a in page.all("a") if "download" in a]
    assert len(images) == len(links) == text.count("<figure>")
    assert not re.search(r"(?:src|href)=\"(?!data:|#)", text) and "http" not in text
    assert page.all("script") == [] and page.all("link") == [] and "@import" not in text
    assert page.all("html") == [{"lang": "en"}] and page.all("title") == [{}]
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    targets = [a["href"][1:] for a in page.all("a") if a["href"].startswith("#")]
    assert targets == ids
    pictures, points = {}, {}
    for image, link in zip(images, links, strict=True):
        name = link["download"].removesuffix(".csv")
        assert len(image["alt"]) > 60
        svg = decoded(image["src"], "data:image/svg+xml;base64,")
        assert ElementTree.fromstring(svg).tag.endswith("svg")
        pictures[name] = svg
        csv = decoded(link["href"], "data:text/csv;base64,").decode()
        points[name] = pd.read_csv(io.StringIO(csv), comment="#")
    words = " ".join("".join(page.text).split())
    return SimpleNamespace(page=page, pictures=pictures, points=points, words=words, text=text)


def decoded(uri, head):
    assert uri.startswith(head)
    return base64.b64decode(uri.removeprefix(head))


def warnings_of(made):
    section = re.search(r'<section id="warnings">(.*?)</section>', made.text, re.S)[1]
    return [html.unescape(item) for item in re.findall(r"<li>(.*?)</li>", section)]


def report(capsys, out, *words):
    return run(capsys, "report", *words, "--out", out)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    write_gsd(folder / "run.gsd", lattice_walk(6, frames=FRAMES))
    write_gsd(folder / "short.gsd", lattice_walk(3, frames=5))
    write_gsd(folder / "one.gsd", lattice_walk(3, frames=1))
    return folder


# ---------------------------------------------------------------- one temperature
def test_without_a_potential_or_temperature_the_depth_takes_its_place(capsys, folder, tmp_path):
    out = tmp_path / "page.html"
    status, said = report(capsys, out, folder / "run.gsd", "--closure", "pair", "--of", "B", *HOW)
    assert status == 0, said
    made = read(out)
    assert list(made.pictures) == [
        "structure", "relaxation", "distributions", "memory", "rearranging", "fraction", "p_hop",
        "surroundings",
    ]  # fmt: skip
    assert "Of the B particles" in made.words and "first shell of BA" in made.words
    assert "mean depth of particles" in made.words and "mean softness" not in made.words
    assert any("the depth takes the place of the softness" in one for one in warnings_of(made))
    assert not re.search(r"\bnan\b", made.words)
    for points in made.points.values():
        assert not points["series"].str.contains("nan").any()
    assert is_report(out)
    # the particle of the figure has the number that it has in the files
    (number,) = {name.split()[-1] for name in made.points["p_hop"]["series"] if "particle" in name}
    assert TYPEID[int(number)] == 1


def test_a_line_that_is_given_is_used(capsys, folder, tmp_path, calibration):  # noqa: F811
    out = tmp_path / "page.html"
    words = ("--temperature", 0.47, "--calibration", calibration, "--title", "Glass & <co>", *HOW)
    status, said = report(capsys, out, folder / "run.gsd", *words, "--quiet")
    assert status == 0 and said == ""
    made = read(out)
    assert "mean softness of particles" in made.words and "mean_cage" not in made.pictures
    assert f"used: {calibration}" in made.words and "0.7 and 1.2" in made.words
    assert made.words.startswith("Glass & <co>") and "<title>Glass &amp; &lt;co&gt;<" in made.text


# ---------------------------------------------------------------- other liquids and short runs
@pytest.mark.parametrize(
    ("vectors", "dimension", "grows"), [(PLANE, 2, 0.0), (TILTED, 3, 0.05)], ids=["plane", "grows"]
)
def test_any_box(capsys, tmp_path, vectors, dimension, grows):
    path = dump(tmp_path / "run.dump", *liquid(vectors, grows=grows, dimension=dimension))
    if dimension == 2:
        path.write_text(path.read_text())
    out = tmp_path / "page.html"
    words = ("--closure", "pair", "--interval", 0.5, "--hop-window", 2, "--p-c", 0.001)
    flat = ("--dimension", 2) if dimension == 2 else ()
    status, said = report(capsys, out, path, *words, *flat)
    assert status == 0, said
    made = read(out)
    assert made.page.after("dimension") == [f"{dimension}"]
    assert ("changing with time" in made.words) == (grows > 0)
    assert {"structure", "relaxation", "distributions"} <= set(made.pictures)
    assert "AUC of the depth, same frame" in made.words


@pytest.mark.parametrize(
    ("name", "figures", "warning"),
    [
        ("one", ["structure", "distributions"], "one frame shows no motion"),
        (
            "short",
            ["structure", "relaxation", "distributions"],
            "5 frames are shorter than the hop",
        ),
    ],
)
def test_a_run_that_is_too_short_has_a_page(capsys, folder, tmp_path, name, figures, warning):
    out = tmp_path / "page.html"
    words = (folder / f"{name}.gsd", "--closure", "pair", "--interval", 0.5)
    status, said = report(capsys, out, *words)
    assert status == 0, said
    made = read(out)
    assert list(made.pictures) == figures
    assert any(warning in one for one in warnings_of(made)) and warning in said
    assert "first shell of AA" in made.words and "AUC of" not in made.words


def test_frames_far_apart_have_a_page_without_motion(capsys, folder, tmp_path):
    out = tmp_path / "page.html"
    words = (folder / "short.gsd", "--closure", "pair", "--no-hops")
    status, said = report(capsys, out, *words)
    assert status == 0, said
    assert list(read(out).pictures) == ["structure", "distributions"]


# ---------------------------------------------------------------- what is refused
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("run.gsd",), "the following arguments are required: --temperature"),
        (("run.gsd", "0.9=one.gsd"), "give either files of one run, or T=FILE"),
        (("0.5=run.gsd", "0.5=one.gsd"), "there are two runs of T = 0.5"),
        (("0.5=run.gsd", "--temperature", "0.5"), "--temperature is for one run"),
        (("0,5=run.gsd",), "'0,5=run.gsd' is not of the form TEMPERATURE=PATH"),
        (("0.5=none.gsd",), "none.gsd"),
        (("0.5=run.gsd", "--interval", "0.5", "--of", "C"), "there is no species C"),
        (("0.5=run.gsd",), "--interval"),
        (("0.5=run.gsd", "--calibration", "nowhere"), "nowhere: has no calibration"),
        (("0.5=run.gsd", "--hop-window", "0"), "0 must be greater than 0"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_written(
    capsys, folder, tmp_path, monkeypatch, words, said
):
    monkeypatch.chdir(folder)
    status, told = report(capsys, tmp_path / "page.html", *words, "--quiet")
    assert status in (1, 2) and said in told
    assert len(told.strip().splitlines()) == 1 or "usage:" in told
    assert list(tmp_path.iterdir()) == []


def test_only_a_page_of_its_own_is_replaced(capsys, folder, tmp_path):
    out = tmp_path / "page.html"
    out.write_text("<html>mine, which names softcage report</html>")
    words = (folder / "one.gsd", "--closure", "pair", "--quiet")
    status, said = report(capsys, out, *words)
    assert status == 1 and "softcage did not write it" in said and "mine" in out.read_text()
    out.unlink()
    for _ in range(2):
        assert report(capsys, out, *words) == (0, "")
    status, said = report(capsys, tmp_path / "page.txt", *words)
    assert status == 2 and "ends in .html" in said
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


def test_the_same_files_give_the_same_page(capsys, folder, tmp_path):
    pages = []
    for _ in range(2):
        words = (folder / "one.gsd", "--closure", "pair", "--quiet")
        assert report(capsys, tmp_path / "page.html", *words) == (0, "")
        pages.append((tmp_path / "page.html").read_bytes())
    assert pages[0] == pages[1]


# ---------------------------------------------------------------- bins
@pytest.mark.parametrize("scale", [1e-3, 1.0, 250.0])
def test_bins_of_a_sample_have_round_edges_and_hold_all_but_outliers(scale):
    values = scale * np.random.default_rng(0).normal(3, 1, 20000)
    edges = edges_of_sample(np.append(values, 1e6 * scale))
    width = edges[1] - edges[0]
    digits = width / 10 ** np.floor(np.log10(width))
    assert min(abs(digits - step) for step in (1, 2, 5, 10)) < 1e-6
    np.testing.assert_allclose(edges / width, np.rint(edges / width), atol=1e-6)
    first, third = np.quantile(values, [0.25, 0.75])
    assert 2.4 <= (third - first) / width <= 6.01
    assert ((values > edges[0]) & (values < edges[-1])).mean() > 0.999
    assert len(edges) < 120


def test_bins_of_equal_values_are_those_around_them():
    edges = edges_of_sample(np.full(10, 2.5))
    assert edges[0] < 2.5 < edges[-1] and len(edges) > 2
    assert len(bin_edges(0.0, 1.0, 0.5)) == 3

"""Figures: colours that stay, marks that appear when they must, files that repeat."""

import hashlib
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import matplotlib
import numpy as np
import pandas as pd
import pytest
import yaml
from matplotlib.colors import to_rgb

from softcage import quantities as q
from softcage.descriptors.table import descriptors
from softcage.io.provenance import configuration_text
from softcage.plotting import panels, style
from softcage.plotting.figure import draw_figure, made_by, read_table, write_figure
from softcage.plotting.page import Page
from softcage.ranking.predictors import LEARNED

ROOT = Path(__file__).resolve().parents[2]
CONFIGS = ROOT / "config"


def temperatures_of(name):
    """Return the temperatures of a study in config/."""
    points = yaml.safe_load((CONFIGS / f"{name}.yaml").read_text())["state_points"]
    return [point["T"] for point in points]


T_PAPER, T_WCA = temperatures_of("config"), temperatures_of("ka_wca")
GOOD = pd.DataFrame({"T": T_PAPER, "verdict": "equilibrated"})


def new_page(equilibration=GOOD, temperatures=T_PAPER):
    return Page(3.4, 50, temperatures, equilibration)


def example(page):
    """Draw one curve with a band and one series of points."""
    (panel,) = page.add_panels((q.TIME, q.SOFTNESS))
    x = np.array([1.0, 2.0, 3.0, np.nan])
    panel.line("curve", x, 1e-3 * x, 1e-4 * np.ones(4), color="black", label="curve")
    panel.markers("dots", x[:2], 2e-3 * x[:2], 1e-4 * np.ones(2), color="black")
    style.legend(panel.axes)


def saved(folder):
    """Save the example; return the paths."""
    paths = [folder / f"figure.{suffix}" for suffix in ("pdf", "png", "csv")]
    page = new_page()
    example(page)
    write_figure(page, "test", *paths)
    return SimpleNamespace(**{path.suffix[1:]: path for path in paths})


# ---------------------------------------------------------------- colours
@pytest.mark.parametrize(
    "temperatures", [[0.5], T_PAPER, T_WCA, np.linspace(0.4, 0.41, 10).tolist()]
)
def test_temperatures_are_told_apart(temperatures):
    page = new_page(temperatures=temperatures)
    styles = [page.style(T) for T in sorted(temperatures)]
    luminance = [np.dot(to_rgb(look["color"]), [0.2126, 0.7152, 0.0722]) for look in styles]
    # from dark to light on heating, so that they differ in grey too; none too pale for white paper
    assert np.all(np.diff(luminance) > 0.02)
    assert max(luminance) < 0.8
    assert len({look["marker"] for look in styles}) == len(styles)
    for one, other in zip(styles, styles[1:], strict=False):
        assert one["linestyle"] != other["linestyle"]
    assert len({look["label"] for look in styles}) == len(styles)


def test_any_number_of_widths_is_told_apart():
    styles = panels.width_styles([0.01 * k for k in range(1, 10)]).values()
    assert len({(look["color"], look["linestyle"]) for look in styles}) == 9


def test_many_keys_stand_below_the_panels_once():
    page = new_page()
    for panel in page.add_panels(*[(q.TIME, q.OVERLAP)] * 2):
        for number in range(9):
            panel.line(f"{number}", [0, 1], [0, number], label=f"{number}")
        style.legend(panel.axes, loc="upper right")
        assert panel.axes.get_legend() is None
    (below,) = page.fig.legends
    assert len(below.get_texts()) == 9


def test_keys_below_are_those_of_all_panels():
    page = new_page()
    panels = page.add_panels(*[(q.TIME, q.OVERLAP)] * 2)
    for panel, labels in zip(panels, ("ab", "bc"), strict=True):
        for label in labels:
            panel.markers(label, [0, 1], [0, 1], [0.1, 0.1], label=label)
    style.legend_below(page.fig, columns=2)
    (below,) = page.fig.legends
    assert [text.get_text() for text in below.get_texts()] == ["a", "b", "c"]


def test_figures_are_those_of_the_study_whatever_a_user_prefers(tmp_path):
    """No import and no drawing changes a setting of matplotlib, and none changes a figure."""
    files = []
    for place, settings in enumerate(({}, {"text.usetex": True, "lines.linewidth": 9})):
        with matplotlib.rc_context(settings):
            before = dict(matplotlib.rcParams)
            with style.style():
                files.append(saved(tmp_path / str(place)))
            assert dict(matplotlib.rcParams) == before
    assert files[0].png.read_bytes() == files[1].png.read_bytes()
    assert files[0].pdf.read_bytes() == files[1].pdf.read_bytes()
    code = (
        "import matplotlib; before = dict(matplotlib.rcParams); import softcage.plotting.figure;"
        "assert dict(matplotlib.rcParams) == before"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT / "workflow")


def test_rows_have_their_points_and_the_given_errors(tmp_path):
    table = pd.DataFrame(
        [("b", "open", 0.3, 0.1), ("a", "open", 0.5, np.nan), ("a", "full", np.nan, 0.1)],
        columns=["name", "look", "x", "x_error"],
    )
    looks = {
        name: {"color": "black", "marker": "o", "label": name} for name in ("open", "full", "none")
    }
    page = new_page()
    (panel,) = page.add_panels((q.AUC, q.PREDICTOR))
    panel.rows(table, "x", {"a": "first", "gap": "", "b": "second"}, looks)
    kept = page.table()
    assert kept[["series", "x", "y", "x_error"]].fillna(-1).values.tolist() == [
        ["open", 0.3, 2, 0.1], ["open", 0.5, 0, -1],
    ]  # fmt: skip
    assert [label.get_text() for label in panel.axes.get_yticklabels()] == ["first", "second"]
    assert list(panel.axes.get_yticks()) == [0, 2]
    assert page.notes == ["y = 0: a", "y = 2: b"]
    assert panel.axes.get_legend_handles_labels()[1] == ["open"]  # which has points
    (bar,) = [
        line for line in panel.axes.lines
        if len(line.get_xdata()) == 2 and np.ptp(line.get_xdata()) > 0
    ]  # fmt: skip
    np.testing.assert_allclose(np.sort(bar.get_xdata()), [0.2, 0.4])
    assert set(bar.get_ydata()) == {2}


def test_a_page_of_files_from_elsewhere_has_no_daggers():
    page = Page(3.4, 50, [0.44])
    page.mark([0.44])
    assert page.label(0.44) == "$T$ = 0.44" and page.fig.get_suptitle() == ""


def test_descriptors_and_learned_predictors_have_the_words_of_their_tables():
    """The figures' words come without the packages that compute the numbers."""
    for name in [*descriptors("AB"), *LEARNED]:
        assert q.predictor_name(name)
    assert q.predictor_words("depth_0.25") == r"depth, $\delta$ = 0.25"
    assert q.predictor_words("energy_C") == "potential energy, C"
    with pytest.raises(KeyError):
        q.predictor_words("charge_A")


# ---------------------------------------------------------------- panels
def test_letters_go_on_after_z():
    page = new_page()
    names = [panel.name for panel in page.add_panels(*[(q.TIME, q.OVERLAP)] * 54, columns=6)]
    assert names[:2] == ["a", "b"]
    assert names[25:28] == ["z", "aa", "ab"]
    assert names[51:] == ["az", "ba", "bb"]


def test_one_panel_has_no_letter_and_no_neighbour():
    page = new_page()
    page.add_panels((q.TIME, q.OVERLAP, "alone"), columns=3)
    assert [axes.get_title(loc="left") for axes in page.fig.axes] == ["alone"]


def test_log_axes_are_labelled_alike_after_they_share_a_range():
    page = new_page()
    shown = [panel.axes for panel in page.add_panels(*[(q.SOFTNESS, q.FRACTION)] * 2)]
    for axes, low in zip(shown, (1e-2, 2e-5), strict=True):
        axes.set(yscale="log", ylim=(low, 1))
        style.log_ticks(axes)
    for narrowest in (2e-5, 2e-4):
        shown[1].set_ylim(narrowest, 1)
        shown[0].set_ylim(0.1, 1)
        style.same_range(shown, "y")
        words = []
        for axes in shown:
            style.log_ticks(axes)
            words.append(axes.yaxis.get_major_formatter()(0.01))
        assert axes.get_ylim() == (narrowest, 1)
        assert words[0] == words[1]


def test_names_in_the_words_of_a_table_become_symbols():
    assert q.typeset("sqrt(x_u x_v), g/x_v") == r"$\sqrt{x_u x_v}$, $g/x_v$"
    assert q.typeset("q_max = 20") == r"$q_\mathrm{max}$ = 20"
    assert q.typeset("positions averaged over 2") == "positions averaged over 2"


# ---------------------------------------------------------------- files
def test_csv_holds_what_is_drawn(tmp_path):
    path = saved(tmp_path).csv
    table = pd.read_csv(path, comment="#")
    assert list(table.columns[:5]) == ["panel", "series", "x", "y", "y_error"]
    curve = table[table["series"] == "curve"]
    # in reduced units, without the point that is not finite
    np.testing.assert_allclose(curve["x"], [1, 2, 3])
    np.testing.assert_allclose(curve["y"], [1e-3, 2e-3, 3e-3])
    np.testing.assert_allclose(table["y_error"], 1e-4)
    head = [line for line in path.read_text().splitlines() if line.startswith("#")]
    assert "test" in head[0]
    assert any("panel a" in line and "sigma_AA^2" in line for line in head)


def test_the_same_figure_gives_the_same_bytes_on_any_day(tmp_path, monkeypatch):
    days = []
    for day in ("1", "2"):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", f"{day}00000")  # what matplotlib takes for now
        days.append(saved(tmp_path / day))
    first, second = days
    for name, path in vars(first).items():
        assert path.read_bytes() == getattr(second, name).read_bytes(), name


def test_the_configuration_of_a_figure_can_be_checked(tmp_path):
    config = {"study": "mine", "seed": 1, "resources": {"short": {"runtime": 10}}}
    (tmp_path / "config.yaml").write_text(configuration_text(config))
    digest = hashlib.sha256((tmp_path / "config.yaml").read_bytes()).hexdigest()
    assert f"study mine, configuration sha256 {digest[:12]}" in made_by("fig01", config)
    # no result depends on what a job asks a cluster for
    assert made_by("fig01", config | {"resources": {}}) == made_by("fig01", config)
    assert made_by("fig01", config | {"seed": 2}) != made_by("fig01", config)


def test_the_main_of_the_figures_gives_draw_its_tables_and_parameters(tmp_path):
    GOOD.to_csv(tmp_path / "equilibration.csv", index=False)
    pd.DataFrame({"time": [1, 2], "overlap": [1.0, 0.5]}).to_csv(tmp_path / "t.csv", index=False)
    np.savez(tmp_path / "c.npz", g=np.arange(3))
    files = [str(tmp_path / name) for name in ("figure.pdf", "figure.png", "figure.csv")]
    table, arrays = str(tmp_path / "t.csv"), str(tmp_path / "c.npz")
    snakemake = SimpleNamespace(
        rule="fig01",
        config={"study": "mine"},
        log=[tmp_path / "log"],
        input={
            "overlap": table,
            "overlaps": [table, table],
            "cages": [arrays],
            "equilibration": str(tmp_path / "equilibration.csv"),
        },
        output=files,
        params={"width": 3.4, "dpi": 50, "temperatures": T_PAPER, "window": 15},
    )

    def draw(page, overlap, overlaps, cages, window):
        (panel,) = page.add_panels((q.TIME, q.OVERLAP))
        for one in (overlap, *overlaps):
            panel.line(f"window {window}", one["time"], one["overlap"])
        assert cages[0]["g"].tolist() == [0, 1, 2]

    draw_figure(snakemake, draw)
    text = Path(files[2]).read_text()
    assert text.startswith("# rule fig01, study mine, configuration sha256 ")
    assert text.count("a,window 15,") == 6
    assert read_table(table)["time"].tolist() == [1, 2]


def test_a_panel_without_points_says_so(tmp_path):
    page = new_page()
    a, b = page.add_panels((q.TIME, q.OVERLAP), (q.TIME, q.OVERLAP), columns=2)
    nothing = [np.nan, np.nan]
    assert not a.line("q", [1, 2], nothing, color="black")
    b.line("q", [1, 2], [1, 0.5], color="black")
    write_figure(page, "test", *(tmp_path / f"f.{s}" for s in ("pdf", "png", "csv")))
    assert [text.get_text() for text in a.axes.texts] == ["no data in this study"]
    assert not b.axes.texts


def test_no_fit_at_all_is_said_in_words(tmp_path):
    """A run without enough rearrangements writes tables that have a header only."""
    path = tmp_path / "arrhenius.csv"
    path.write_text("quantity,window,bin_center,barrier,barrier_error,ln_p0,ln_p0_error,T,p_r\n")
    nothing = pd.read_csv(path)
    page = new_page()
    a, b = page.add_panels((q.INVERSE_TEMPERATURE, q.FRACTION), (q.SOFTNESS, q.BARRIER))
    panels.draw_arrhenius(a, nothing, nothing, nothing, "softness", 15)
    panels.draw_barriers(b, nothing, "softness", 15)
    for panel in (a, b):
        assert "too few rearrangements" in panel.axes.texts[0].get_text()


# ---------------------------------------------------------------- the mark
TWO_RUNS = pd.DataFrame(
    {
        "T": [0.47, 0.47, 0.7, 0.8],
        "replica": [0, 1, 0, 0],
        "verdict": ["equilibrated", "too short", "equilibrated", "equilibrated"],
    }
)


def test_one_bad_replica_marks_its_temperature():
    assert list(new_page(TWO_RUNS).marks) == [0.47]


def test_mark_appears_if_a_marked_temperature_is_drawn():
    page = new_page(TWO_RUNS)
    page.mark([0.47, 0.8])
    assert "not equilibrated" in page.fig.get_suptitle()
    assert "0.47" in page.fig.get_suptitle()
    assert "0.8" not in page.fig.get_suptitle()
    assert page.label(0.47).endswith("†")


def test_no_mark_if_only_others_are_drawn():
    page = new_page(TWO_RUNS)
    page.mark([0.7, 0.8])
    assert page.fig.get_suptitle() == ""
    assert not page.label(0.8).endswith("†")


def test_crystallised_is_marked_as_such():
    page = new_page(pd.DataFrame({"T": [0.45], "verdict": ["crystallised"]}))
    page.mark([0.45])
    assert "crystallised: T = 0.45" in page.fig.get_suptitle()

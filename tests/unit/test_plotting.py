"""Figures: fixed colours, marks that appear when they must, files that repeat."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from softcage.plotting import panels, style
from softcage.plotting import quantities as q
from softcage.plotting.points import Points
from softcage.plotting.run import save

T_PAPER = [0.47, 0.53, 0.58, 0.70, 0.80]


def example():
    """Return a figure of one curve with a band and one series of points, and its points."""
    fig, axes = style.figure(width=3.4, dpi=100)
    points = Points()
    points.panel(axes[0], "a", q.TIME, q.SOFTNESS)
    x = np.array([1.0, 2.0, 3.0, np.nan])
    points.line("a", "curve", x, 1e-3 * x, 1e-4 * np.ones(4), color="black", label="curve")
    points.markers("a", "dots", x[:2], 2e-3 * x[:2], 1e-4 * np.ones(2), color="black")
    style.legend(axes[0])
    return fig, points


def saved(folder, made_by="test"):
    """Save the example; return the paths."""
    paths = [folder / f"figure.{suffix}" for suffix in ("pdf", "png", "csv")]
    save(*example(), *paths, made_by=made_by)
    return SimpleNamespace(**{path.suffix[1:]: path for path in paths})


def texts(fig):
    """Return what is written above the panels."""
    return fig.get_suptitle()


# ---------------------------------------------------------------- colours
def test_colours_of_the_temperatures_are_told_apart():
    colours = [style.temperature_color(T) for T in T_PAPER]
    rgb = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in colours]) / 255
    luminance = rgb @ [0.2126, 0.7152, 0.0722]
    assert len(set(colours)) == len(T_PAPER)
    # from dark to light on heating, so that they differ in grey too; none too pale for white paper
    assert np.all(np.diff(luminance) > 0.02)
    assert luminance.max() < 0.8


@pytest.mark.parametrize("T", [0.40, 0.43, 0.465, 0.62, 0.9, 1.1, 2.0])
def test_any_temperature_has_a_style(T):
    keywords = style.temperature_style(T, marker=True)
    assert keywords["color"].startswith("#")
    assert keywords["marker"]


@pytest.mark.parametrize("delta", [0.01, 0.02, 0.05, 0.09, 0.12, 0.3])
def test_any_delta_has_a_style(delta):
    assert style.delta_style(delta)["color"].startswith("#")


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


def test_the_same_figure_gives_the_same_bytes(tmp_path):
    first, second = (saved(folder) for folder in (tmp_path / "1", tmp_path / "2"))
    for name, path in vars(first).items():
        assert path.read_bytes() == getattr(second, name).read_bytes(), name


def test_a_panel_without_points_says_so(tmp_path):
    fig, axes = style.figure(1, 2, width=3.4, dpi=50)
    points = Points()
    for ax, name in zip(axes, "ab", strict=True):
        points.panel(ax, name, q.TIME, q.OVERLAP)
    nothing = [np.nan, np.nan]
    assert not points.line("a", "q", [1, 2], nothing, color="black")
    points.line("b", "q", [1, 2], [1, 0.5], color="black")
    save(fig, points, *(tmp_path / f"f.{s}" for s in ("pdf", "png", "csv")))
    assert [text.get_text() for text in axes[0].texts] == ["no data in this study"]
    assert not axes[1].texts


def test_no_fit_at_all_is_said_in_words(tmp_path):
    """A run without enough rearrangements writes tables that have a header only."""
    path = tmp_path / "arrhenius.csv"
    path.write_text("quantity,window,bin_center,barrier,barrier_error,ln_p0,ln_p0_error,T,p_r\n")
    nothing = pd.read_csv(path)
    fig, axes = style.figure(1, 2, width=3.4, dpi=50)
    points = Points()
    points.panel(axes[0], "a", q.INVERSE_TEMPERATURE, q.FRACTION)
    points.panel(axes[0].inset_axes([0.5, 0.5, 0.4, 0.4]), "a inset", q.TIME, q.TIME)
    points.panel(axes[1], "b", q.SOFTNESS, q.BARRIER)
    panels.arrhenius(points, "a", q.SOFTNESS, nothing, nothing, nothing)
    panels.barrier(points, "b", nothing, nothing)
    for ax in axes:
        assert "too few rearrangements" in ax.texts[0].get_text()


# ---------------------------------------------------------------- the mark
@pytest.fixture
def marks():
    table = pd.DataFrame(
        {
            "T": [0.47, 0.47, 0.7, 0.8],
            "replica": [0, 1, 0, 0],
            "verdict": ["equilibrated", "too short", "equilibrated", "equilibrated"],
        }
    )
    return style.unequilibrated(table)


def test_one_bad_replica_marks_its_temperature(marks):
    assert list(marks) == [0.47]


def test_mark_appears_if_a_marked_temperature_is_drawn(marks):
    fig, _ = style.figure(width=3.4, dpi=50)
    style.mark_unequilibrated(fig, [0.47, 0.8], marks)
    assert "not equilibrated" in texts(fig)
    assert "0.47" in texts(fig)
    assert "0.8" not in texts(fig)
    assert style.temperature_label(0.47, marks).endswith("†")


def test_no_mark_if_only_others_are_drawn(marks):
    fig, _ = style.figure(width=3.4, dpi=50)
    style.mark_unequilibrated(fig, [0.7, 0.8], marks)
    assert texts(fig) == ""
    assert not style.temperature_label(0.8, marks).endswith("†")


def test_crystallised_is_marked_as_such():
    marks = style.unequilibrated(pd.DataFrame({"T": [0.45], "verdict": ["crystallised"]}))
    fig, _ = style.figure(width=3.4, dpi=50)
    style.mark_unequilibrated(fig, [0.45], marks)
    assert "crystallised: T = 0.45" in texts(fig)

"""The page that turns in a browser: what it shows is what the scored frames say."""

import re

import gsd.hoomd
import numpy as np
import pytest

from softcage.cli.command import main
from softcage.plotting.turning import Scene, turning_figure

N, FRAMES, BOX, INTERVAL = 60, 12, 5.0, 0.5
TYPES = np.where(np.arange(N) % 5 == 1, 1, 0)


@pytest.fixture
def scored(tmp_path):
    """Frames as ``softcage score`` writes them; particles 0 and 2 hop, 2 across the boundary."""
    rng = np.random.default_rng(3)
    sites = rng.uniform(-0.5 * BOX, 0.5 * BOX, (N, 3))
    sites[2] = [0.49 * BOX, 0, 0]
    with gsd.hoomd.open(str(tmp_path / "scored.gsd"), "w") as handle:
        for k in range(FRAMES):
            now = sites.copy()
            now[0, 1] += 0.7 * (k >= 4)
            now[2, 0] += 0.6 * (k >= 8)
            frame = gsd.hoomd.Frame()
            image = np.floor(now / BOX + 0.5).astype(np.int32)
            frame.configuration.step, frame.configuration.box = k, [BOX] * 3 + [0] * 3
            frame.particles.N, frame.particles.types = N, ["A", "B"]
            frame.particles.typeid, frame.particles.image = TYPES, image
            frame.particles.position = now - BOX * image
            hop = np.where(TYPES == 0, 0.0, np.nan)
            hop[0], hop[2] = k == 4, k == 8
            softness = np.where(TYPES == 0, 1e-3 * (1 + rng.random(N)), np.nan)
            frame.log = {
                "particles/depth": np.where(TYPES == 0, 70.0, np.nan).astype(np.float32),
                "particles/softness": softness.astype(np.float32),
                "particles/p_hop": hop.astype(np.float32),
                "particles/rearranging": hop.astype(np.float32),
                "particles/id": np.arange(N) + 1,
                "time": np.array([INTERVAL * k]),
            }
            handle.append(frame)
    return tmp_path / "scored.gsd"


def view(path, *words):
    return main(["view", str(path), *map(str, words)])


@pytest.fixture
def figures(monkeypatch):
    """Every figure that is made, to look into."""
    import softcage.plotting.turning

    made = []

    def keep(*arguments, **more):
        made.append(turning_figure(*arguments, **more))
        return made[-1]

    monkeypatch.setattr(softcage.plotting.turning, "turning_figure", keep)
    return made


def test_the_page_is_one_file_that_asks_for_nothing(scored, tmp_path, capsys):
    out = tmp_path / "page.html"
    assert view(scored, "--frame", 1, "--frames", 3, "--out", out) == 0
    assert "3 frames from frame 1 on" in capsys.readouterr().err
    page = out.read_text(encoding="utf-8")
    head = re.sub(r"<script[^>]*>.*?</script>", "", page, flags=re.S)
    assert "http" not in head and not re.search(r"<script[^>]+src=|<link|@import", page)
    assert len(page) > 3e6 and "Plotly.newPlot" in page and '"sendChartToCloud"' in page
    assert list(tmp_path.glob(".*")) == []


def test_colours_hops_and_slider(scored, tmp_path, figures):
    assert view(scored, "--frame", 2, "--frames", 4, "--every", 2, "--ahead", 1.0,
                "--out", tmp_path / "page.html", "--quiet") == 0  # fmt: skip
    (figure,) = figures
    assert [step.label for step in figure.layout.sliders[0].steps] == [
        "2 (t = 1)", "4 (t = 2)", "6 (t = 3)", "8 (t = 4)",
    ]  # fmt: skip
    assert [frame.name for frame in figure.frames] == [
        s.label for s in figure.layout.sliders[0].steps
    ]
    with gsd.hoomd.open(str(scored)) as handle:
        frames = list(handle)
    a = np.flatnonzero(TYPES == 0)
    for frame, number, hopping in zip(figure.frames, (2, 4, 6, 8), ([0], [], [2], []), strict=True):
        caged, moving, others, lines = frame.data
        positions, log = frames[number].particles.position, frames[number].log
        stay = np.setdiff1d(a, hopping)
        np.testing.assert_allclose(np.array([caged.x, caged.y, caged.z]).T, positions[stay])
        np.testing.assert_allclose(caged.marker.color, log["particles/softness"][stay])
        np.testing.assert_array_equal(caged.customdata, stay + 1)
        np.testing.assert_array_equal(moving.customdata, np.array(hopping) + 1)
        assert len(others.x) == np.count_nonzero(TYPES == 1)
        assert len(lines.x) == 3 * len(hopping)
        assert (caged.marker.cmin, caged.marker.cmax) == (moving.marker.cmin, moving.marker.cmax)
    # to where it goes, not back across the box
    np.testing.assert_allclose(np.diff(figure.frames[2].data[3].x[:2]), 0.6, atol=1e-5)
    np.testing.assert_allclose(np.diff(figure.frames[0].data[3].y[:2]), 0.7, atol=1e-5)


def test_depth_is_blue_where_it_is_large(scored, tmp_path, figures):
    for color in ("depth", "softness"):
        words = ("--color", color, "--frames", 1, "--out", tmp_path / "page.html", "--quiet")
        assert view(scored, *words) == 0
    scales = [figure.data[0].marker.colorscale for figure in figures]
    assert [pair[1] for pair in scales[0]] == [pair[1] for pair in scales[1]][::-1]


def test_the_end_of_the_run_is_the_end_of_the_slider(scored, tmp_path, figures, capsys):
    assert view(scored, "--frame", FRAMES - 2, "--out", tmp_path / "page.html") == 0
    assert len(figures[0].frames) == 2
    assert "no particle is known to rearrange after these frames" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--frame", 12], "has no frame 12; it has 12 frames, from 0 on"),
        (
            ["--color", "speed"],
            "has no column speed; its columns are depth, softness, p_hop, rearranging",
        ),
        (["--ahead", 0.1], "--ahead 0.1 is shorter than the time between frames (0.5)"),
    ],
)
def test_what_makes_no_sense_is_said_in_a_line(scored, tmp_path, capsys, words, said):
    out = tmp_path / "page.html"
    assert view(scored, *words, "--out", out) == 1
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1 and not out.exists()


def test_files_without_scores_say_how_to_get_them(tmp_path, capsys):
    with gsd.hoomd.open(str(tmp_path / "plain.gsd"), "w") as handle:
        frame = gsd.hoomd.Frame()
        frame.particles.N, frame.configuration.box = 1, [1, 1, 1, 0, 0, 0]
        handle.append(frame)
    (tmp_path / "text.gsd").write_text("no GSD")
    for name, why in (("plain", "has no scores"), ("text", "is no GSD file")):
        assert view(tmp_path / f"{name}.gsd", "--out", tmp_path / "page.html") == 1
        said = capsys.readouterr().err
        assert why in said and "give --temperature T to score it" in said
    assert view(tmp_path / "none.gsd") == 1 and "there is no such file" in capsys.readouterr().err


def test_without_plotly_it_says_what_to_install(scored, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(__import__("sys").modules, "plotly.graph_objects", None)
    assert view(scored, "--out", tmp_path / "page.html") == 1
    assert "plotly is not installed: pip install 'softcage[view]'" in capsys.readouterr().err


def test_particles_without_a_value_do_not_spoil_the_colours():
    values = np.array([np.nan, 1.0, 2.0, 3.0])
    scene = Scene("0", np.zeros((4, 3)), np.zeros(3), np.eye(3), np.arange(4), values > 0, values,
                  np.array([], dtype=int), np.zeros((0, 3)))  # fmt: skip
    marker = turning_figure([scene], "softness", "hops").data[0].marker
    assert 1 <= marker.cmin < marker.cmax <= 3


def test_several_files_are_a_run_that_has_to_be_scored(scored, capsys):
    with pytest.raises(SystemExit):
        view(scored, scored)
    assert "give --temperature T" in capsys.readouterr().err

"""Maps: who is in a slice, which hops follow a frame, frames of a film."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from PIL import Image

from softcage.hop_environment.film import film_run
from softcage.isoconfigurational.files import Configuration
from softcage.model import kob_andersen
from softcage.plotting.maps import animate, disks
from softcage.plotting.page import Page
from softcage.plotting.style import style
from softcage.ranking.save import predicted_table
from softcage.structure.slices import slice_of

KA, BOX = kob_andersen(), 6.0
SPECIES = np.array([0, 1, 0, 0])


def test_a_slice_is_a_layer_of_the_middle_from_below_up():
    z = [3.4, 2.6, 9.0 - 12.0, 3.6]  # the third is at 3.0 when folded
    positions = np.column_stack([np.zeros((4, 2)), z])
    assert slice_of(positions, BOX).tolist() == [1, 2, 0]


def test_particles_have_their_size_and_their_images():
    x, y = np.array([0.2, 3, 4]), np.array([3.0, 3, 4])
    axes = Figure().add_subplot()
    scored, sizes = np.array([True, False, True]), np.array([1, 0.88, 1])
    values = np.array([1.0, np.nan, 2])
    drawn = disks(axes, x, y, sizes, BOX, values, scored, Normalize(0, 3))
    assert drawn.get_array().tolist() == [1, 2, 1]  # the first reaches over the edge
    np.testing.assert_allclose(np.asarray(drawn.get_offsets())[2], [6.2, 3])
    widths = [set(c.get_widths()) for c in axes.collections]
    assert widths == [{0.88}, {1.0}]


def run(interval=0.5, frames=200):
    rng = np.random.default_rng(0)
    positions = rng.uniform(0, BOX, (frames, 4, 3))
    positions[:, :, 2] = 0.5 * BOX + 0.1 * np.arange(4) - 2 * BOX  # all in the slice, in order
    return SimpleNamespace(
        box=BOX, species=SPECIES, times=interval * np.arange(frames), read=lambda k: positions[k]
    )


HOP_TIMES = np.arange(7.5, 92.5, 0.5)


def made(relaxation_time, hop_times=HOP_TIMES):
    rng = np.random.default_rng(1)
    softness = {"frame": np.arange(200), "softness": rng.uniform(1e-3, 2e-3, (200, 3))}
    # in time, too late, and now
    events = pd.DataFrame({"particle": [0, 1, 2], "peak_time": [9.0, 40.0, 7.5]})
    return film_run(run(), KA, softness, events, hop_times, relaxation_time)


@pytest.mark.parametrize(
    ("tau", "ahead", "step", "frames"),
    [(20.0, 2.0, 0.5, 40), (2.0, 0.5, 0.5, 40), (np.nan, 9.95, 2.5, 30), (200.0, 20.0, 5.0, 13)],
)
def test_frames_of_a_film(tau, ahead, step, frames):
    got = made(tau)
    assert got["ahead"] == pytest.approx(ahead) and len(got["times"]) == frames
    assert got["times"][0] == 0 and np.diff(got["times"]) == pytest.approx(step)
    first = slice(*got["begins"][:2])
    assert got["species"][first].tolist() == SPECIES.tolist()
    assert got["hops"][first].tolist() == [ahead >= 1.5, False, False, False]
    assert np.isnan(got["softness"][first]).tolist() == [False, True, False, False]
    assert got["begins"][-1] == len(got["x"]) == 4 * frames
    assert 0 <= got["x"].min() and got["x"].max() < BOX


def test_a_run_without_p_hop_has_no_rings():
    got = made(20.0, hop_times=np.empty(0))
    assert got["times"][0] == 0 and len(got["begins"]) == len(got["times"]) + 1


def test_the_animation_has_the_frames_of_the_shortest_film(tmp_path):
    with style():
        page = Page(3.4, 30, [0.5, 0.6])
        animate(page, [made(2.0), made(200.0)], [0.5, 0.6], tmp_path / "maps.gif")
    with Image.open(tmp_path / "maps.gif") as image:
        assert image.n_frames == 13
        first = np.asarray(image.convert("RGB")).astype(int)
        image.seek(12)
        last = np.asarray(image.convert("RGB")).astype(int)
    assert first.shape == last.shape and np.abs(first - last).max() > 100


def test_a_configuration_is_kept_with_what_is_predicted_of_it():
    positions = np.array([[0.2, 3, 9.1], [3, 3, 3], [4, 4, -0.5], [1, 1, 3.4]])
    measured = {"propensity": np.array([[9.0, 9, 9], [0.1, 0.2, 0.3]])}
    one = Configuration("c", positions, SPECIES, BOX, np.array([1.0, 2]), measured, {}, 8)
    table = predicted_table(one, KA, np.array([0.4, 0.5, 0.6]))
    assert table["z"].tolist() == pytest.approx([3, 3.1, 3.4, 5.5])
    assert table["species"].tolist() == ["B", "A", "A", "A"]
    assert table["diameter"].tolist() == [0.88, 1, 1, 1]
    assert table["in_slice"].tolist() == [True, True, True, False]
    assert table["measured"].tolist()[1:] == [0.1, 0.3, 0.2] and np.isnan(table["measured"][0])
    assert table["predicted"].tolist()[1:] == [0.4, 0.6, 0.5]
    assert predicted_table(one, KA, None)["predicted"].isna().all()

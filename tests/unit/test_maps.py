"""Maps: who is in a slice, which hops follow a frame, frames of a film."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from PIL import Image

from softcage.isoconfigurational.targets import TARGETS
from softcage.model import kob_andersen
from softcage.plotting.maps import animate, disks, draw_predicted, draw_sample, film, slice_of

KA, BOX = kob_andersen(), 6.0
SPECIES = np.array([0, 1, 0, 0])


def test_a_slice_is_a_layer_of_the_middle_from_below_up():
    z = [3.4, 2.6, 9.0 - 12.0, 3.6]  # the third is at 3.0 when folded
    positions = np.column_stack([np.zeros((4, 2)), z])
    assert slice_of(positions, BOX).tolist() == [1, 2, 0]


def test_particles_have_their_size_and_their_images():
    positions = np.array([[0.2, 3, 3], [3, 3, 3], [4, 4, 3], [1, 1, 0.0]])
    axes = Figure().add_subplot()
    drawn = disks(axes, positions, SPECIES, BOX, KA, np.array([1.0, 2, 3]), Normalize(0, 3))
    assert drawn.get_array().tolist() == [1, 2, 1]  # the first reaches over the edge
    np.testing.assert_allclose(np.asarray(drawn.get_offsets())[2], [6.2, 3])
    widths = [set(c.get_widths()) for c in axes.collections]
    assert widths == [{0.88}, {1.0}]


def run(interval=0.5, frames=200):
    rng = np.random.default_rng(0)
    positions = rng.uniform(0, BOX, (frames, 4, 3))
    return SimpleNamespace(
        box=BOX, species=SPECIES, times=interval * np.arange(frames), read=lambda k: positions[k]
    )


HOP_TIMES = np.arange(7.5, 92.5, 0.5)


def made(relaxation_time, hop_times=HOP_TIMES):
    rng = np.random.default_rng(1)
    softness = {"frame": np.arange(200), "softness": rng.uniform(1e-3, 2e-3, (200, 3))}
    # in time, too late, and now
    events = pd.DataFrame({"particle": [0, 1, 2], "peak_time": [9.0, 40.0, 7.5]})
    return film(run(), 0.5, softness, events, hop_times, relaxation_time)


@pytest.mark.parametrize(
    ("tau", "ahead", "step", "frames"),
    [(20.0, 2.0, 0.5, 40), (2.0, 0.5, 0.5, 40), (np.nan, 9.95, 2.5, 30), (200.0, 20.0, 5.0, 13)],
)
def test_frames_of_a_film(tau, ahead, step, frames):
    got = made(tau)
    assert got.ahead == pytest.approx(ahead) and len(got.times) == frames
    assert got.times[0] == 0 and np.diff(got.times) == pytest.approx(step)
    assert got.hops[0].tolist() == [ahead >= 1.5, False, False]


def test_a_run_without_p_hop_has_no_rings():
    got = made(20.0, hop_times=np.empty(0))
    assert got.times[0] == 0 and len(got.softness) == len(got.times)


def test_what_is_drawn(tmp_path):
    films = [made(2.0), made(200.0)]
    draw_sample(films, KA).savefig(tmp_path / "maps.png")
    animate(tmp_path / "maps.gif", films, KA, dpi=30)
    with Image.open(tmp_path / "maps.gif") as image:
        assert image.n_frames == 13
    values = np.array([1.0, 2, 3])
    drawn = draw_predicted(run().read(0), SPECIES, BOX, KA, values, -values, TARGETS["propensity"])
    assert [axes.get_title() for axes in drawn.axes[:2]] == ["measured", "predicted, $r$ = -1.00"]

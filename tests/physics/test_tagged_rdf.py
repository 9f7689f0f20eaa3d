"""g(r) around tagged particles against the plain one and against what was put in."""

import numpy as np
import pytest

from softcage.structure.rdf import pair_counts, rdf_from_counts
from softcage.structure.tagged_rdf import count_around, rdf_around

BOX, N = 6.0, 240
SPECIES = np.repeat([0, 1], [180, 60])
DENSITY = np.bincount(SPECIES) / BOX**3


@pytest.fixture
def frames():
    return np.random.default_rng(0).random((3, N, 3)) * BOX


def test_around_all_particles_it_is_the_plain_one(frames):
    none = np.zeros((3, 180), dtype=bool)
    counts = count_around(frames, none, SPECIES, BOX, 3.0, 0.1)
    g = rdf_around(counts, DENSITY, 0.1)
    plain = pair_counts(frames, SPECIES, BOX, 3.0, 0.1)
    _, expected = rdf_from_counts(plain, 3, np.bincount(SPECIES), BOX, 0.1)
    np.testing.assert_allclose(g[0], expected[0], rtol=1e-12)
    assert np.isnan(g[1]).all()  # around nobody
    everyone = count_around(frames, ~none, SPECIES, BOX, 3.0, 0.1)
    np.testing.assert_array_equal(everyone[0], everyone[1])
    np.testing.assert_array_equal(everyone[0], counts[0])


def test_neighbours_of_the_tagged_are_theirs_alone(frames):
    tagged = np.zeros((3, 180), dtype=bool)
    tagged[1, [4, 9]] = True
    counts = count_around(frames, tagged, SPECIES, BOX, 3.0, 0.1)
    assert counts[:, :, 0].tolist() == [[540, 540], [2, 2]]
    for v, own in ((0, 1), (1, 0)):
        expected = 0
        for i in (4, 9):
            d = frames[1][SPECIES == v] - frames[1][i]
            r = np.linalg.norm(d - BOX * np.rint(d / BOX), axis=1)
            expected += np.count_nonzero(r < 3.0) - own
        assert counts[1, v, 1:].sum() == expected

"""Descriptors against literal sums, freud, finite differences and lattices with a known answer."""

from dataclasses import replace

import freud
import numpy as np
import pandas as pd
import pytest
from scipy.special import xlogy

from softcage.box import Box
from softcage.cage.calibration import Line
from softcage.cage.closures import hnc_product
from softcage.cage.local_depth import local_depth
from softcage.cage.local_rdf import local_rdf
from softcage.descriptors.average import averages, weights
from softcage.descriptors.cage import depth, depth_mean_closure, depth_pair, softness, term
from softcage.descriptors.cells import bond_order, voronoi_volume
from softcage.descriptors.entropy import two_body_entropy
from softcage.descriptors.frame import Liquid, Snapshot, liquid_of_frames, liquid_of_study
from softcage.descriptors.pairs import density_sum, neighbours, potential_energy, virial
from softcage.descriptors.run import describe_run
from softcage.descriptors.table import all_values, descriptors, evaluate
from softcage.descriptors.vibration import (
    debye_waller,
    distance_from,
    distance_to_inherent,
    distance_to_mean,
    hessian_blocks,
    mean_square_vibrations,
    non_rattlers,
)
from softcage.io.trajectory import open_trajectory, write_stream, write_topology
from softcage.md.minimise import force_of_jumps, is_minimum
from softcage.md.plain_forces import PlainForces
from softcage.model import kob_andersen
from softcage.quantities import descriptor_quantity

KA = kob_andersen()
T = 0.5
KNOWN = descriptors(KA.species)
LINE = (200.0, -19.6)


def start(n=300, seed=1):
    """Particles shaken about a simple cubic lattice, at density 1.2."""
    rng = np.random.default_rng(seed)
    box = (n / 1.2) ** (1 / 3)
    sites = np.stack(np.meshgrid(*[np.arange(7)] * 3, indexing="ij"), -1).reshape(-1, 3)
    positions = rng.permutation(sites)[:n] * (box / 7) + rng.normal(0, 0.05, (n, 3))
    return positions, rng.permutation(np.arange(n) % 5 == 0).astype(np.int64), box


@pytest.fixture(scope="module")
def frame():
    """A glass: an inherent structure, shaken a little and moved out of the box."""
    positions, species, box = start()
    r = np.arange(0.0025, 3, 0.005)
    g = np.broadcast_to(np.where(r > 0.8, 1 + np.exp(-(((r - 1.1) / 0.1) ** 2)), 0), (2, 2, len(r)))
    r0, r_min = np.array([[0.85, 0.7], [0.7, 0.8]]), np.array([[1.42, 1.2], [1.2, 1.1]])
    liquid = Liquid(KA, T, r, g, r0, r_min, LINE)
    glass = Snapshot(positions, species, box, liquid).inherent.positions
    shaken, mean = glass + np.random.default_rng(2).normal(0, 0.03, (2, *glass.shape))
    moved = np.array([box, 0, -3 * box])
    return Snapshot(shaken + moved, species, box, liquid, mean + moved)


def apart(frame):
    """Vectors and distances of all pairs, with NumPy alone."""
    d = frame.positions[None] - frame.positions[:, None]
    d -= frame.box * np.rint(d / frame.box)
    r = np.sqrt((d**2).sum(axis=-1))
    np.fill_diagonal(r, np.inf)
    return d, r


def literal(frame, function):
    """Sum of function(u, v, r) over all others, (N, n_species)."""
    _, r = apart(frame)
    found = np.zeros((len(r), 2))
    for u in (0, 1):
        for v in (0, 1):
            own, others = frame.species == u, frame.species == v
            found[own, v] = function(u, v, r[np.ix_(own, others)]).sum(axis=1)
    return found


@pytest.mark.parametrize("tagged", [0, 1])
def test_energy_and_virial_are_literal_sums(frame, tagged):
    own = frame.species == tagged
    for of, function, share in (
        (potential_energy, KA.potential, 0.5),
        (virial, KA.virial, 1 / 6),
    ):
        expected = share * literal(frame, function)[own]
        np.testing.assert_allclose(of(frame, tagged), expected.sum(axis=1), rtol=1e-9)
        for v in (0, 1):
            np.testing.assert_allclose(of(frame, tagged, v), expected[:, v], rtol=1e-9, atol=1e-12)


def test_virial_and_curvature_are_derivatives_of_the_potential():
    r, h = np.linspace(0.8, 1.9, 50), 1e-5
    for u, v in ((0, 0), (0, 1), (1, 1)):
        up, at, down = (KA.potential(u, v, r + step) for step in (h, 0, -h))
        np.testing.assert_allclose(KA.virial(u, v, r), -r * (up - down) / (2 * h), rtol=1e-6)
        np.testing.assert_allclose(KA.curvature(u, v, r), (up - 2 * at + down) / h**2, rtol=2e-2)
        assert KA.virial(u, v, 2.6) == KA.curvature(u, v, 2.6) == 0


def test_density_and_neighbours_are_literal_sums(frame):
    own = frame.species == 0
    for v in (0, 1):
        near = literal(frame, lambda u, w, r: r < frame.liquid.r_min[u, w])[own, v]
        np.testing.assert_array_equal(neighbours(frame, 0, v), near)
        sums = literal(frame, lambda u, w, r: np.where(r <= frame.box / 2, np.exp(-r / 0.7), 0))
        np.testing.assert_allclose(density_sum(frame, 0, v, 0.7), sums[own, v], rtol=1e-5)
    both = density_sum(frame, length=0.7)
    np.testing.assert_allclose(both, sums[own].sum(axis=1), rtol=1e-5)


def test_the_depth_is_that_of_the_study(frame):
    expected = local_depth(
        frame.positions, frame.species, frame.box, potential=KA.potential, temperature=T,
        r0=frame.liquid.r0[0], r_min=frame.liquid.r_min[0], delta=0.04,
    )  # fmt: skip
    np.testing.assert_array_equal(depth(frame, delta=0.04), expected)
    np.testing.assert_allclose(softness(frame, delta=0.04), 1 / (LINE[0] - LINE[1] * expected))
    bare = Snapshot(frame.positions, frame.species, frame.box, Liquid(KA, T, *[np.ones(2)] * 4))
    with pytest.raises(ValueError, match="softness needs the line"):
        softness(bare)


def fine_integral(frame, v, product, particles):
    """Integral over a first shell by the trapezium rule on a much finer grid."""
    r = np.linspace(frame.liquid.r0[0, v], frame.liquid.r_min[0, v], 3001)
    g = local_rdf(
        frame.positions, frame.species, frame.box, 0.09, r, neighbour=v, particles=particles
    )
    return np.trapezoid(frame.density * 4 * np.pi * r**2 * product(r, g), r, axis=1)


def test_the_pair_form_of_the_depth(frame):
    some = np.flatnonzero(frame.species == 0)[[0, 50, 200]]
    terms = np.array([fine_integral(frame, v, lambda r, g: (g - 1) * g, some) for v in (0, 1)])
    for v in (0, 1):
        np.testing.assert_allclose(term(frame, 0, v)[[0, 50, 200]], terms[v], rtol=3e-3, atol=0.02)
    expected = 0.64 * terms[0] + 0.16 * terms[1]
    np.testing.assert_allclose(depth_pair(frame)[[0, 50, 200]], expected, rtol=3e-3)


def test_the_depth_with_the_mean_closure_counts_neighbours_by_themselves(frame):
    some = np.flatnonzero(frame.species == 0)[[0, 50, 200]]
    expected = 0
    for v, w in ((0, 0.8), (1, 0.4)):

        def product(r, g, v=v):
            mean = np.interp(r, frame.liquid.r, frame.liquid.g[0, v])
            c = hnc_product(mean, KA.potential(0, v, r) / T)
            return g * np.where(mean > 0, c / np.where(mean > 0, mean, 1), 0)

        expected = expected + w * fine_integral(frame, v, product, some)
    np.testing.assert_allclose(depth_mean_closure(frame)[[0, 50, 200]], expected, rtol=4e-3)


def test_two_body_entropy_is_a_literal_integral(frame):
    r = np.linspace(0.02, 2.5, 4000)
    expected = 0
    for v in (0, 1):
        g = local_rdf(frame.positions, frame.species, frame.box, 0.09, r, neighbour=v)
        x = np.mean(frame.species == v)
        shell = 2 * np.pi * frame.density * x * r**2
        expected = expected - np.trapezoid(shell * (xlogy(g, g) - g + 1), r, axis=1)
    np.testing.assert_allclose(two_body_entropy(frame), expected, rtol=2e-3)
    assert (expected < 0).all()


def lattice(basis, side, edge):
    cells = np.stack(np.meshgrid(*[np.arange(side)] * 3, indexing="ij"), -1).reshape(-1, 1, 3)
    positions = ((cells + np.array(basis)) * edge).reshape(-1, 3)
    liquid = Liquid(KA, T, *[np.ones(2)] * 4)
    return Snapshot(positions, np.zeros(len(positions), dtype=int), side * edge, liquid)


def test_order_and_volume_of_a_lattice():
    # 14 Voronoi neighbours; Q6 = 0.5107 (Steinhardt et al., Phys. Rev. B 28, 784 (1983))
    bcc = lattice([[0, 0, 0], [0.5, 0.5, 0.5]], 6, 1.2)
    np.testing.assert_allclose(bond_order(bcc), 0.5107, atol=2e-4)
    np.testing.assert_allclose(bond_order(bcc, averaged=True), 0.5107, atol=2e-4)
    np.testing.assert_allclose(voronoi_volume(bcc), 1.2**3 / 2, rtol=1e-6)


def test_cells_are_those_of_freud(frame):
    box = freud.box.Box.cube(frame.box)
    points = box.wrap(frame.positions - 0.5 * frame.box)
    voronoi = freud.locality.Voronoi().compute((box, points))
    own = frame.species == 0
    np.testing.assert_allclose(voronoi_volume(frame), voronoi.volumes[own], rtol=1e-4)
    for averaged in (False, True):
        order = freud.order.Steinhardt(6, average=averaged)
        order.compute((box, points), neighbors=voronoi.nlist)
        got = bond_order(frame, averaged=averaged)
        np.testing.assert_allclose(got, order.particle_order[own], atol=1e-4)
    volumes = voronoi_volume(frame, 0).sum() + voronoi_volume(frame, 1).sum()
    assert volumes == pytest.approx(frame.box**3, rel=1e-5)


def test_distances_from_a_reference_do_not_see_the_drift(frame):
    rng = np.random.default_rng(3)
    moved = rng.normal(0, 0.1, frame.positions.shape)
    moved -= moved.mean(axis=0)
    reference = frame.positions - moved + [0.3, 0, 0] + frame.box * np.array([1, 0, -2])
    expected = np.linalg.norm(moved, axis=1)[frame.species == 0]
    np.testing.assert_allclose(distance_from(frame, reference), expected, rtol=1e-9)
    minimum = frame.inherent
    assert distance_to_inherent(frame).mean() > 0.02
    assert distance_to_inherent(minimum).max() < 1e-3


def test_averaged_positions_are_those_that_are_given(frame):
    apart_by = frame.positions - frame.mean
    apart_by = np.linalg.norm(apart_by - apart_by.mean(axis=0), axis=1)[frame.species == 0]
    np.testing.assert_allclose(distance_to_mean(frame), apart_by, rtol=1e-9)
    mean = Snapshot(frame.mean, frame.species, frame.box, frame.liquid)
    np.testing.assert_array_equal(
        evaluate(frame, KNOWN["energy"], "averaged"), potential_energy(mean)
    )
    found = all_values(frame, {name: KNOWN[name] for name in ("energy", "to_mean")}, [1.5])
    kinds = [("energy", p) for p in ("thermal", "averaged", "inherent")] + [("to_mean", "thermal")]
    assert set(found) == {(*kind, length) for kind in kinds for length in (0.0, 1.5)}
    expected = averages(mean, [potential_energy(mean)], [1.5])[0, 0]
    np.testing.assert_array_equal(found["energy", "averaged", 1.5], expected)
    with pytest.raises(ValueError, match="no averaged positions: they are computed from"):
        evaluate(mean, KNOWN["energy"], "averaged")
    assert set(all_values(mean, {"energy": KNOWN["energy"]}, [1.5])) >= {
        ("energy", "thermal", 0.0), ("energy", "inherent", 0.0),
    }  # fmt: skip


def test_the_hessian_is_the_derivative_of_the_forces(frame):
    minimum = frame.inherent
    i, j, off, own = hessian_blocks(minimum)
    whole = np.zeros((300, 3, 300, 3))
    whole[i, :, j, :] = off
    whole[np.arange(300), :, np.arange(300), :] = own

    def force(positions):
        moved = Snapshot(positions, frame.species, frame.box, frame.liquid)
        d, r = apart(moved)
        f = np.zeros((300, 3))
        for u in (0, 1):
            for v in (0, 1):
                chosen = np.ix_(moved.species == u, moved.species == v)
                pull = -KA.virial(u, v, r[chosen]) / r[chosen] ** 2
                f[moved.species == u] += (pull[..., None] * d[chosen]).sum(axis=1)
        return f

    for particle, axis in ((0, 0), (17, 2)):
        step = np.zeros((300, 3))
        step[particle, axis] = 1e-5
        expected = -(force(minimum.positions + step) - force(minimum.positions - step)) / 2e-5
        # a pair that crosses the cut-off, where the force jumps, is out of the difference's reach
        np.testing.assert_allclose(whole[:, :, particle, axis], expected, atol=0.05)

    inverse = np.linalg.pinv(whole.reshape(900, 900), rcond=1e-9, hermitian=True)
    expected = T * np.diag(inverse).reshape(300, 3).sum(axis=1)
    np.testing.assert_allclose(debye_waller(minimum), expected[frame.species == 0], rtol=2e-3)
    with pytest.raises(ValueError, match="not a minimum of the potential energy"):
        debye_waller(Snapshot(*start()[:3], frame.liquid))


def test_particles_that_nothing_holds_are_the_loosest(frame):
    """Without attractions some particles rattle; without those only the whole can move freely."""
    cut = replace(KA, cutoff=2 ** (1 / 6) * KA.sigma)
    liquid = replace(frame.liquid, mixture=cut)
    positions, species, box = start()
    positions += np.random.default_rng(0).normal(0, 0.3, positions.shape)
    positions, box = 1.03 * positions, 1.03 * box  # the edge of what is jammed
    minimum = Snapshot(positions, species, box, liquid).inherent
    i, j, _, _ = hessian_blocks(minimum)
    neighbours = {k: set(j[i == k]) for k in range(300)}
    while loose := {k for k, near in neighbours.items() if len(near) < 4}:
        neighbours = {k: near - loose for k, near in neighbours.items() if k not in loose}
    rests = non_rattlers(i, j, 300)
    assert set(np.flatnonzero(rests)) == set(neighbours) and 0 < np.sum(~rests) < 30
    rest = Snapshot(minimum.positions[rests], species[rests], box, liquid)
    i, j, off, own = hessian_blocks(rest)
    whole = np.zeros((n := len(own), 3, n, 3))
    whole[i, :, j, :] = off
    whole[np.arange(n), :, np.arange(n), :] = own
    whole = whole.reshape(3 * n, 3 * n)
    assert np.sum(np.linalg.eigvalsh(whole) < 1e-6) == 3
    expected = T * np.diag(np.linalg.pinv(whole, rcond=1e-9, hermitian=True)).reshape(n, 3).sum(1)
    vibrations = minimum.cached(mean_square_vibrations)
    assert minimum.cached(mean_square_vibrations) is vibrations
    np.testing.assert_allclose(vibrations[rests], expected, rtol=2e-3)
    np.testing.assert_allclose(vibrations[~rests], expected.max(), rtol=2e-3)


def test_averages_are_literal_sums(frame):
    values = np.random.default_rng(4).normal(3, 1, (np.count_nonzero(frame.species == 1), 2))
    _, r = apart(frame)
    r = r[np.ix_(frame.species == 0, frame.species == 1)]
    w = np.where(r <= frame.box / 2, np.exp(-r / 1.5), 0)
    expected = w @ values / w.sum(axis=1)[:, None]
    got = averages(frame, values.T, [0.5, 1.5], neighbour=1)
    assert got.shape == (2, 2, len(expected))
    np.testing.assert_allclose(got[:, 1].T, expected, rtol=1e-5)
    ones = np.ones(np.count_nonzero(frame.species == 0))
    np.testing.assert_allclose(averages(frame, [ones], [1.5]), 1, rtol=1e-6)
    assert (np.diag(weights(frame, 1.5)) == 1).all()


@pytest.mark.parametrize("length", [0.0, 3.2])
def test_a_length_beyond_half_the_box_is_refused(frame, length):
    with pytest.raises(ValueError, match=r"half the box \(3\.15\)"):
        weights(frame, length)


def test_a_small_box_is_refused(frame):
    with pytest.raises(ValueError, match="beyond half the box"):
        Snapshot(frame.positions, frame.species, 5.9, frame.liquid)


def test_every_descriptor_gives_a_number_for_each_particle_and_has_a_name(frame):
    for descriptor in KNOWN.values():
        assert descriptor.quantity.symbol and descriptor.quantity.words
        for positions in descriptor.positions:
            for tagged in (0, 1):
                got = evaluate(frame, descriptor, positions, tagged)
                assert got.shape == (np.count_nonzero(frame.species == tagged),)
                if tagged == 1 and descriptor.name.startswith("softness"):
                    assert np.isnan(got).all()  # the line is that of A
                    continue
                assert np.isfinite(got).all() and got.std() > 0, descriptor.name
    with pytest.raises(
        ValueError, match="debye_waller cannot be computed from thermal positions, only"
    ):
        evaluate(frame, KNOWN["debye_waller"], "thermal")


def test_numbers_do_not_depend_on_where_the_box_begins(frame):
    by = 0.37 * frame.box
    moved = Snapshot(frame.positions + by, frame.species, frame.box, frame.liquid, frame.mean + by)
    for descriptor in KNOWN.values():
        if "thermal" in descriptor.positions and descriptor.name != "to_inherent":
            np.testing.assert_allclose(
                descriptor(moved), descriptor(frame), rtol=2e-3, atol=2e-3, err_msg=descriptor.name
            )


def test_a_liquid_knows_its_first_shell(frame):
    rng = np.random.default_rng(0)
    shaken = [frame.positions + rng.normal(0, 0.04, frame.positions.shape) for _ in range(20)]
    liquid = liquid_of_frames(shaken, frame.species, frame.box, KA, T)
    assert 0.8 < liquid.r0[0, 0] < 1 < liquid.r_min[0, 0] < 1.6
    assert liquid.r0[0, 1] < liquid.r0[0, 0]


def test_a_run_is_described_without_its_future(frame, tmp_path):
    """Averages are those of the frames up to each; what comes after changes nothing."""
    rng = np.random.default_rng(6)
    run = frame.inherent.positions + rng.normal(0, 0.03, (12, 300, 3))
    times = 0.5 * np.arange(12)
    write_topology(tmp_path / "topology.pdb", frame.species, KA.species, run[0], frame.box)
    found = []
    for later in (run[8:], run[8:] + rng.normal(0, 0.3, (4, 300, 3))):
        path = tmp_path / "uniform.nc"
        write_stream(path, [run[:8], later], frame.box, np.arange(12), times)
        described = describe_run(open_trajectory(path), np.array([7]), frame.liquid, 2.0, [1.5])
        assert described.times == [3.5] and described.end == 5.5
        found.append(described.values)
    for key, values in found[0].items():
        np.testing.assert_array_equal(found[1][key], values)
    moved = run[7] - run[4:8].mean(axis=0)
    expected = np.linalg.norm(moved - moved.mean(axis=0), axis=1)[frame.species == 0]
    np.testing.assert_allclose(found[0]["to_mean", "thermal", 0.0][0], expected, atol=1e-5)
    mean = Snapshot(run[4:8].mean(axis=0), frame.species, frame.box, frame.liquid)
    got = found[0]["energy", "averaged", 0.0][0]
    np.testing.assert_allclose(got, potential_energy(mean), rtol=1e-3, atol=1e-3)
    # those in the cage are used by name only
    kinds = [p for d in KNOWN.values() for p in d.positions if p != "cage"]
    assert len(found[0]) == 2 * len(kinds)


def test_names_follow_the_species_and_the_widths():
    known = descriptors(("Ni", "P"), (0.05, 0.1), 0.1)
    assert [name for name in known if name.startswith("depth_0")] == ["depth_0.05", "depth_0.1"]
    assert {"term_Ni", "energy_P", "neighbours_Ni", "s2_P", "softness_0.1"} <= set(known)
    assert not {"term_A", "depth_0.09"} & set(known)
    assert descriptor_quantity("energy_P").words == "potential energy, P"
    assert descriptor_quantity("depth_0.05").words == "depth, delta = 0.05"
    assert descriptor_quantity("depth_pair").words == "depth, C = g - 1"
    assert len({descriptor_quantity(name).words for name in known}) == len(known)
    assert set(descriptors(("A",))) < set(descriptors("AB")) < set(descriptors("ABC"))


def test_the_reference_width_reaches_all_that_is_smeared(frame):
    narrow = descriptors(KA.species, (0.04,), 0.04)
    for name in ("depth_mean", "depth_pair", "term_B", "s2", "s2_A"):
        assert np.abs(narrow[name](frame) - KNOWN[name](frame)).max() > 1e-3, name
    np.testing.assert_array_equal(narrow["depth_pair"](frame), depth_pair(frame, delta=0.04))


def test_a_liquid_is_that_of_its_study(tmp_path, frame):
    liquid = frame.liquid
    curves = {name: getattr(liquid, name) for name in ("r", "g", "r0", "r_min")}
    np.savez(tmp_path / "T0.5.npz", **curves, q=np.arange(3))
    line = Line("", *LINE, np.nan, 20, "curvature", pd.DataFrame(), None, "pair")
    back = liquid_of_study(tmp_path / "T0.5.npz", KA, T, line)
    assert back.line == LINE and back.closure == "pair" and back.temperature == T
    for name, values in curves.items():
        np.testing.assert_array_equal(getattr(back, name), values)


def test_who_has_no_softness_is_softer_than_all_in_every_number(frame):
    """Beyond the end of the line: the largest softness of the frame, and the last rank."""
    depths = depth(frame)
    end = np.quantile(depths, 0.1)
    short = replace(frame.liquid, line=(-LINE[1] * -end, LINE[1]))
    cut = Snapshot(frame.positions, frame.species, frame.box, short)
    got, beyond = softness(cut), depths <= end
    assert 0 < beyond.sum() < len(got) and np.isfinite(got).all()
    assert got[beyond].min() > got[~beyond].max()
    np.testing.assert_allclose(got[beyond], got[~beyond].max(), rtol=1e-6)
    assert got[beyond].astype(np.float32).min() > got[~beyond].astype(np.float32).max()
    averaged = all_values(cut, {"softness_0.09": KNOWN["softness_0.09"]}, [1.5], ["thermal"])
    expected = averages(cut, [got], [1.5])[0, 0]
    np.testing.assert_array_equal(averaged["softness_0.09", "thermal", 1.5], expected)


def test_a_minimum_may_keep_the_force_of_a_few_pairs_at_the_cutoff():
    """The steepest pair potential there is that of AB, by finite differences."""
    r, h = KA.cutoff[0, 1], 1e-5
    slope = (KA.pair(0, 1).energy(r + h) - KA.pair(0, 1).energy(r - h)) / (2 * h)
    assert force_of_jumps(KA, 300) == pytest.approx(abs(slope) * np.sqrt(8 / 300), rel=1e-4)
    cut = replace(KA, cutoff=2 ** (1 / 6) * KA.sigma)  # at the minimum, where no force is
    assert force_of_jumps(cut, 300) < 1e-6
    left = 0.9 * force_of_jumps(KA, 300)
    assert is_minimum(left, 1e-4, KA, 300) and not is_minimum(left, 1e-4, cut, 300)
    assert not is_minimum(1.2 * left, 1e-4, KA, 300) and is_minimum(1.2 * left, 1.0, cut, 300)


# ---------------------------------------------------------------- other boxes
def between(frame):
    """Return the distances between A and B particles."""
    return frame.cell.distances(*(frame.centred[1][frame.species == k] for k in (0, 1)))


def test_descriptors_of_a_cube_in_a_tilted_cell(frame):
    """Two cubes in a tilted cell: every descriptor that needs no inherent structure is the same."""
    edge = frame.box
    cell = edge * np.array([[2.0, 0, 0], [1, 1, 0], [0, 0, 1]])
    both = np.concatenate([frame.positions, frame.positions + [edge, 0, 0]])
    twice = Snapshot(both, np.tile(frame.species, 2), cell, frame.liquid)
    table = descriptors(KA.species)
    for name in ("depth_0.09", "depth_pair", "energy", "virial", "neighbours_B", "s2", "Q6",
                 "Q6_averaged", "voronoi"):  # fmt: skip
        expected = np.tile(table[name](frame), 2)
        np.testing.assert_allclose(
            table[name](twice), expected, rtol=2e-4, atol=1e-4 * np.abs(expected).mean()
        )
    close = Snapshot(frame.positions, frame.species, edge * np.eye(3), frame.liquid)
    np.testing.assert_array_equal(between(close), between(frame))
    apart, again = between(frame), between(twice)
    n, m = apart.shape
    nearest = np.minimum(again[:n, :m], again[:n, m:])
    near = apart < edge / 2
    np.testing.assert_allclose(nearest[near], apart[near], atol=1e-5)
    expected = np.tile(table["to_inherent"](frame), 2)
    np.testing.assert_allclose(table["to_inherent"](twice), expected, atol=1e-4)


def test_vibrations_in_a_plane_are_those_of_the_inverse_of_the_hessian():
    """A crystal with defects in a tilted cell; its Hessian is the difference of forces."""
    n, rng = 10, np.random.default_rng(1)
    cell = 1.12 * n * np.array([[1, 0, 0], [0.5, np.sqrt(0.75), 0], [0, 0, 0.0]])
    cell[2, 2] = 1.0
    places = np.stack(np.meshgrid(*[np.arange(n) / n] * 2, indexing="ij"), -1).reshape(-1, 2)
    sites = places @ cell[:2, :2] + rng.normal(0, 0.03, (n * n, 2))
    box, kinds = Box.of(cell, dimension=2), rng.permutation(np.arange(n * n) % 10 == 0).astype(int)
    liquid = Liquid(KA, T, *[np.ones(2)] * 2, np.full((2, 2), 0.8), np.full((2, 2), 1.4))
    rest = Snapshot(sites, kinds, box, liquid).inherent
    plain, step = PlainForces(KA, kinds, box), 1e-5
    hessian = np.empty((2 * n * n, 2 * n * n))
    for k in range(2 * n * n):
        ends = np.array([-step, step])[:, None] * np.eye(2 * n * n)[k]
        forces = [plain.forces(rest.positions + end.reshape(-1, 2)).ravel() for end in ends]
        hessian[k] = (forces[0] - forces[1]) / (2 * step)
    expected = T * np.diag(np.linalg.pinv(hessian, rcond=1e-8)).reshape(-1, 2).sum(axis=1)
    found = np.empty(n * n)
    for k in (0, 1):
        found[kinds == k] = descriptors(KA.species)["debye_waller"](rest, tagged=k)
    np.testing.assert_allclose(found, expected, rtol=2e-3)


def test_descriptors_of_a_hexagonal_crystal():
    i, j = (k.ravel() for k in np.mgrid[:12, :12])
    points = np.stack([i + 0.5 * j, np.sqrt(0.75) * j], axis=1)
    points += np.random.default_rng(0).normal(0, 1e-3, points.shape)
    kinds = np.where(np.arange(144) % 5 == 1, 1, 0)
    cell = [12.0, 12 * np.sqrt(0.75)]
    liquid = Liquid(KA, T, *[np.ones(2)] * 2, np.full((2, 2), 0.8), np.full((2, 2), 1.4))
    crystal = Snapshot(points, kinds, cell, liquid)
    table, a = descriptors(KA.species), kinds == 0
    np.testing.assert_allclose(table["Q6"](crystal), 1.0, atol=1e-3)
    np.testing.assert_allclose(table["Q6_averaged"](crystal), 1.0, atol=1e-3)
    np.testing.assert_allclose(table["voronoi"](crystal), np.sqrt(0.75), rtol=0.01)
    both = table["neighbours_A"](crystal) + table["neighbours_B"](crystal)
    np.testing.assert_array_equal(both, 6)
    apart = points[a][:, None] - points[None]
    apart -= cell * np.rint(apart / cell)
    r = np.sqrt((apart**2).sum(axis=-1))
    r[r == 0] = np.inf
    virial = sum(KA.virial(0, v, r[:, kinds == v]).sum(axis=1) for v in (0, 1)) / 4
    np.testing.assert_allclose(table["virial"](crystal), virial)
    with pytest.raises(ValueError, match="periodic along all directions"):
        Snapshot(points, kinds, Box.of(np.c_[[-1, -1, 0], [20, 20, 0]], periodic=False), liquid)

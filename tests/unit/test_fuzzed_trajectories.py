"""Generated trajectories are read and scored to the truth, or refused by a sentence.

``SOFTCAGE_FUZZ=10000 pytest tests/unit/test_fuzzed_trajectories.py`` runs that many.
"""

import bz2
import gzip
import io
import json
import lzma
import os
from contextlib import redirect_stderr
from dataclasses import dataclass, replace

import gsd.hoomd
import h5py
import mdtraj
import netCDF4
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.apart import pushed_apart

from softcage.cage.frames import score_frames
from softcage.cli.command import main
from softcage.io.external import import_trajectory, open_external
from softcage.io.readers import Frame, TrajectoryError, read_frames
from softcage.isoconfigurational.files import read_configuration
from softcage.model import kob_andersen

KA = kob_andersen()
EXAMPLES = int(os.environ.get("SOFTCAGE_FUZZ", "400"))


@dataclass
class Run:
    """A trajectory; writers draw what a format leaves open from ``rng``."""

    x: np.ndarray
    box: float
    names: np.ndarray
    steps: np.ndarray
    times: np.ndarray
    rng: np.random.Generator

    def choose(self, *options):
        return options[self.rng.integers(len(options))]

    def frames(self, **same):
        """Return the frames that a reader should give if the format has all of them."""
        whole = {"box": self.box * np.eye(3), "labels": tuple(self.names), **same}
        return [
            Frame(x, step=int(s), time=float(t), **whole)
            for x, s, t in zip(self.x, self.steps, self.times, strict=True)
        ]

    def wrapped(self, low=0.0):
        images = np.floor((self.x - low) / self.box)
        return self.x - images * self.box, images.astype(int)


@st.composite
def runs(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, frames = draw(st.integers(1, 9)), draw(st.integers(1, 4))
    box, origin = draw(st.floats(1.0, 40.0)), draw(st.sampled_from([0.0, -30.0, 1e4]))
    x = origin + rng.uniform(0, box, (1, n, 3)) + rng.normal(0, 0.3, (frames, n, 3)).cumsum(axis=0)
    steps = rng.integers(0, 1000) + rng.integers(1, 50, frames).cumsum()
    return Run(x, box, rng.choice(["A", "B"], n), steps, steps * 0.25, rng)


# ---------------------------------------------------------------- writers
# Each writes a file and returns the frames that are in it.
def lines(columns):
    return ["\n" + " ".join(f"{v:.17g}" if isinstance(v, float) else str(v) for v in row)
            for row in zip(*(np.asarray(c).tolist() for c in columns), strict=True)]  # fmt: skip


def lammps(path, run):
    low = run.choose(0.0, -0.5 * run.box)
    inside, images = run.wrapped(low)
    kind = run.choose("x y z", "xs ys zs", "xu yu zu", "xsu ysu zsu")
    flags, timed = run.choose(True, False), run.choose(True, False)
    what = run.choose("type", "element", None)
    ids = 1 + run.rng.permutation(3 * len(run.names))[: len(run.names)]
    b = run.box
    box = run.choose(
        "pp pp pp" + 3 * f"\n{low!r} {low + b!r}",
        "xy xz yz pp pp pp" + 3 * f"\n{low!r} {low + b!r} 0",
        f"abc origin pp pp pp\n{b!r} 0 0 {low!r}\n0 {b!r} 0 {low!r}\n0 0 {b!r} {low!r}",
    )
    unwrapped = "u" in kind or flags
    x = run.x if "u" in kind else inside
    x = (x - low) / b if "s" in kind else x
    names = ["id", *kind.split(), *(["ix", "iy", "iz"] if flags else []), *([what] if what else [])]
    order = run.rng.permutation(len(names))
    text = []
    for k in range(len(run.x)):
        columns = [ids, *x[k].T, *(images[k].T if flags else []), *([run.names] if what else [])]
        rows = lines([columns[c] for c in order])
        time = f"\nITEM: TIME\n{run.times[k]}" if timed else ""
        head = f"\nITEM: TIMESTEP\n{run.steps[k]}{time}\nITEM: NUMBER OF ATOMS\n{len(ids)}"
        named = " ".join(names[c] for c in order)
        text += [head, f"\nITEM: BOX BOUNDS {box}\nITEM: ATOMS {named} "]
        text += [rows[i] for i in run.rng.permutation(len(rows))]
    path.write_text("".join(text)[1:] + "\n")
    by_id = np.argsort(ids)
    return [
        replace(
            f,
            positions=(p if unwrapped else q)[by_id],
            labels=tuple(run.names[by_id]) if what else None,
            ids=tuple(np.sort(ids).tolist()),
            time=f.time if timed else None,
            unwrapped=unwrapped,
        )
        for f, p, q in zip(run.frames(), run.x, inside, strict=True)
    ]


def xyz(path, run):
    kind, b = run.choose("plain", "lammps", "extended", "rumd", "atooms"), run.box
    n, frames, inside, images = len(run.names), run.frames(), *run.wrapped(-0.5 * run.box)
    comment = {
        "plain": "",
        "lammps": " Atoms. Timestep: {0}",
        "extended": f'Lattice="{b!r} 0 0 0 {b!r} 0 0 0 {b!r}" '
        f'Properties=species:S:1:pos:R:3 pbc="{run.choose("T T T", "1 1 1", "True True True")}" '
        "Time={1}",
        "rumd": "timeStepIndex={0} integrator=IntegratorNVT,0.25,1 "
        f"sim_box=RectangularSimulationBox,{b!r},{b!r},{b!r} columns=type,x,y,z,imx,imy,imz",
        "atooms": f"step:{{0}} columns:name,pos cell:{b!r},{b!r},{b!r} dt:0.25",
    }[kind]
    text = ""
    for k in range(len(frames)):
        x = [*inside[k].T, *images[k].T] if kind == "rumd" else run.x[k].T
        text += f"{n}\n" + comment.format(run.steps[k], run.times[k])
        text += "".join(lines([run.names, *x])) + "\n"
    path.write_text(text)
    lost = {"plain": "box step time", "lammps": "box time", "extended": "step"}
    gone = dict.fromkeys(lost.get(kind, "").split())
    return [replace(f, unwrapped=kind == "rumd", **gone) for f in frames]


def gro(path, run):
    digits, titled = run.choose(3, 6), run.choose(True, False)
    text = ""
    for k, x in enumerate(run.x):
        text += f"made up, t= {run.times[k]} step= {run.steps[k]}" if titled else ""
        text += f"\n{len(x)}\n"
        for i, row in enumerate(x):
            text += f"{1:5d}X    {run.names[i]:>5s}{i + 1:5d}"
            text += "".join(f"{v:{digits + 7}.{digits}f}" for v in row) + "\n"
        text += f" {run.box!r} {run.box!r} {run.box!r}\n"
    path.write_text(text)
    gone = {} if titled else {"step": None, "time": None}
    return [replace(f, positions=np.round(f.positions, digits), **gone) for f in run.frames()]


def hoomd(path, run):
    inside, images = run.wrapped(-0.5 * run.box)
    live = run.choose(True, False)
    with gsd.hoomd.open(str(path), "w") as handle:
        for k in range(len(run.x)):
            snapshot = gsd.hoomd.Frame()
            snapshot.configuration.step = int(run.steps[k])
            snapshot.configuration.box = [run.box] * 3 + [0, 0, 0]
            snapshot.particles.N, snapshot.particles.types = len(run.names), ["A", "B"]
            snapshot.particles.typeid = (run.names == "B").astype(int)
            snapshot.particles.position = inside[k]
            if live:
                snapshot.particles.image = images[k]
            handle.append(snapshot)
    return [replace(f, positions=p, time=None) for f, p in zip(run.frames(), inside, strict=True)]


def netcdf(path, run):
    own, order = run.choose(True, False), run.rng.permutation(len(run.names))
    version = run.choose("NETCDF3_64BIT_OFFSET", "NETCDF3_CLASSIC", "NETCDF3_64BIT_DATA", "NETCDF4")
    with netCDF4.Dataset(path, "w", format=version) as store:
        for size in (("frame", None), ("atom", len(run.names)), ("spatial", 3)):
            store.createDimension(*size)
        digits, scale = run.choose("f4", "f8"), run.choose(1.0, 0.1, 10.0)
        x = store.createVariable("coordinates", digits, ("frame", "atom", "spatial"))
        edges = store.createVariable("cell_lengths", "f8", ("frame", "spatial"))
        time = store.createVariable("time", "f4", ("frame",))
        if own:
            ids, kinds = (store.createVariable(c, "i4", ("frame", "atom")) for c in ("id", "type"))
        for part in (x, edges):
            part.set_auto_maskandscale(False)
            part.scale_factor = scale
        for k, positions in enumerate(run.x):
            x[k], edges[k] = positions[order] / scale, run.box / scale
            time[k] = run.times[k]
            if own:
                ids[k], kinds[k] = order, 1 + (run.names == "B")[order]
    back = np.arange(len(order)) if own else order
    labels = tuple("12"[name == "B"] for name in run.names) if own else None
    same = {"labels": labels, "ids": tuple(back.tolist()) if own else None}
    return [replace(f, positions=f.positions[back], step=None, **same) for f in run.frames()]


def of_mdtraj(path, run):
    with mdtraj.open(str(path), "w") as handle:
        x, edges = run.x.astype(np.float32), np.full((len(run.x), 3), run.box, np.float32)
        if path.suffix == ".dcd":
            handle.write(x, edges, np.full_like(edges, 90))
            gone = {"step": None, "time": None}
        else:
            box = run.box * np.tile(np.eye(3, dtype=np.float32), (len(x), 1, 1))
            times, steps = run.times.astype(np.float32), run.steps.astype(np.int32)
            handle.write(x, time=times, step=steps, box=box)
            gone = {}
    return [replace(f, labels=None, **gone) for f in run.frames()]


def hdf5(path, run):
    atoms = [{"index": i, "name": str(name)} for i, name in enumerate(run.names)]
    with h5py.File(path, "w") as store:
        store["coordinates"], store["time"] = run.x.astype(np.float32), run.times
        store["cell_lengths"] = np.full((len(run.x), 3), run.box)
        topology = {"chains": [{"residues": [{"atoms": atoms}]}]}
        store["topology"] = np.array([json.dumps(topology).encode()])
    return [replace(f, step=None) for f in run.frames()]


def gamdpy(path, run):
    inside, images = run.wrapped(-0.5 * run.box)
    with h5py.File(path, "w") as store:
        store.attrs["dt"] = 0.25
        start, saved = store.create_group("initial_configuration"), store.create_group("trajectory")
        start["ptype"] = (run.names == "B").astype(np.int32)
        start.attrs["simbox_name"], start.attrs["simbox_data"] = "Orthorhombic", [run.box] * 3
        saved.attrs["steps_per_timeblock"], saved["steps"] = 10**6, run.steps
        saved["positions"], saved["images"] = inside[None], images[None]
    labels = tuple("01"[name == "B"] for name in run.names)
    return run.frames(labels=labels, unwrapped=True)


TEXT = {"run.lammpstrj": lammps, "run.xyz": xyz, "run.gro": gro}
BINARY = {"run.gsd": hoomd, "run.nc": netcdf, "run.dcd": of_mdtraj, "run.trr": of_mdtraj,
          "run.xtc": of_mdtraj, "run.h5": hdf5, "run.hdf5": gamdpy}  # fmt: skip
PACKERS = (bytes, gzip.compress, bz2.compress, lzma.compress,
           lambda data: pa.compress(data, "zstd", asbytes=True))  # fmt: skip


# ---------------------------------------------------------------- the property
def same(got, truth, box, exact):
    scale = np.abs(truth.positions).max() + box
    atol = 1e-12 * scale if exact else 6e-4 + 1e-6 * scale  # XTC has three decimals
    shift = got.positions - truth.positions
    if not exact and got.unwrapped != truth.unwrapped:
        shift = shift - box * np.rint(shift / box)
    np.testing.assert_allclose(shift, 0, atol=atol)
    for name in ("labels", "ids", "step"):
        assert getattr(got, name) == getattr(truth, name), name
    assert got.time == (None if truth.time is None else pytest.approx(truth.time, rel=1e-6))
    assert got.periodic and (got.unwrapped == truth.unwrapped or not exact)
    if truth.box is None:
        assert got.box is None
    else:
        np.testing.assert_allclose(got.box, truth.box, rtol=1e-6)


def damaged(content, kind, where):
    """Return the bytes of a file after an accident at a place ``where`` from 0 to 1."""
    k = min(int(where * len(content)), len(content) - 1)
    if kind == "cut":
        return content[:k]
    if kind == "flipped":
        return content[:k] + bytes([content[k] ^ (1 << (k % 7))]) + content[k + 1 :]
    rows = content.splitlines(keepends=True)
    k = min(int(where * len(rows)), len(rows) - 1)
    if kind == "a line lost":
        return b"".join(rows[:k] + rows[k + 1 :])
    if kind == "a line twice":
        return b"".join(rows[: k + 1] + rows[k:])
    return content


def outcome(path, truth, kind, exact, box):
    """Read; what comes must be the truth or its beginning, unless characters were changed."""
    try:
        frames = list(read_frames(path))
    except TrajectoryError as error:
        message = str(error)
        assert message.startswith(str(path)) and "\n" not in message
        # what a flipped name of a variable makes of a file is said of the file as a whole
        assert kind == "flipped" or "frame" in message or "truncated" in message, message
        assert kind != "whole", message
        return
    if kind == "flipped":
        return
    assert 0 < len(frames) <= len(truth)
    assert kind != "whole" or len(frames) == len(truth)
    for got, expected in zip(frames, truth, strict=False):
        same(got, expected, box, exact)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz")


@settings(max_examples=EXAMPLES * 5 // 8, deadline=None)
@given(
    run=runs(),
    name=st.sampled_from(sorted(TEXT)),
    packer=st.sampled_from(PACKERS),
    kind=st.sampled_from(["whole", "cut", "flipped", "a line lost", "a line twice"]),
    where=st.floats(0, 1),
    ends=st.sampled_from([b"\n", b"\r\n"]),
    mark=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_text(folder, run, name, packer, kind, where, ends, mark):
    path = folder / name
    truth = TEXT[name](path, run)
    content = damaged(path.read_bytes(), kind, where).replace(b"\n", ends)
    path.write_bytes(packer(content.decode("utf-8", "replace").encode(mark)))
    outcome(path, truth, kind, True, run.box)


@settings(max_examples=EXAMPLES * 3 // 8, deadline=None)
@given(
    run=runs(),
    name=st.sampled_from(sorted(BINARY)),
    kind=st.sampled_from(["whole", "cut", "flipped"]),
    where=st.floats(0, 1),
)
def test_binary(folder, run, name, kind, where):
    path = folder / name
    path.unlink(missing_ok=True)
    truth = BINARY[name](path, run)
    path.write_bytes(damaged(path.read_bytes(), kind, where))
    outcome(path, truth, kind, False, run.box)


@settings(max_examples=max(EXAMPLES // 20, 10), deadline=None)
@given(run=runs(), name=st.sampled_from(sorted(TEXT)), packer=st.sampled_from(PACKERS[1:]),
       kind=st.sampled_from(["cut", "flipped"]), where=st.floats(0, 1))  # fmt: skip
def test_packed_files_that_are_damaged(folder, run, name, packer, kind, where):
    path = folder / name
    truth = TEXT[name](path, run)
    path.write_bytes(damaged(packer(path.read_bytes()), kind, where))
    outcome(path, truth, kind, True, run.box)


# ---------------------------------------------------------------- scores
def liquid(seed, origin):
    """Return a trajectory that can be scored: a lattice that shakes, with jumps; three decimals."""
    rng = np.random.default_rng(seed)
    n, frames, box = 108, 9, (108 / 1.2) ** (1 / 3)
    corners = np.stack(np.meshgrid(*3 * [np.arange(3)]), axis=-1).reshape(-1, 1, 3)
    basis = np.array([[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]])
    jumps = rng.normal(0, 0.3, (frames, n, 3)).clip(-0.5, 0.5) * (rng.random((frames, n, 1)) < 0.03)
    x = origin + (corners + basis).reshape(-1, 3) * box / 3 + jumps.cumsum(axis=0)
    names, steps = rng.permutation(["A"] * 86 + ["B"] * 22), 100 + 2 * np.arange(frames)
    x = pushed_apart(x + rng.normal(0, 0.07, x.shape), box)
    return Run(np.round(x, 3), box, names, steps, 0.25 * steps, rng)


def scores(path, folder, *words):
    """Score a file with the command; return depth and p_hop, (frames, A particles)."""
    said, out = io.StringIO(), folder / "scores.parquet"
    words = ["score", path, "--temperature", 0.8, "--calibration", folder, "--hop-window", 2,
             "--p-c", 0.1, "--of", "A", "--quiet", "--out", out, *words]  # fmt: skip
    with redirect_stderr(said):
        assert main([str(word) for word in words]) == 0, said.getvalue()
    table = pd.read_parquet(out)
    places = table["particle"][table["frame"] == 0].to_numpy()
    return places, *(table[c].to_numpy(float).reshape(-1, len(places)) for c in ("depth", "p_hop"))


@pytest.fixture(scope="module")
def line(folder):
    """Radii and a line, so that the digits of a format change nothing but positions."""
    shared = {"q_max": 20, "route": "curvature"}
    radii = {"r0_AA": 0.7, "r0_AB": 0.65, "r_min_AA": 1.2, "r_min_AB": 1.15}
    cages = [{"T": T, **shared, **radii} for T in (0.47, 0.8)]
    pd.DataFrame(cages).to_csv(folder / "cage.csv", index=False)
    found = {"relation": "c", **shared, "intercept": 900.0, "slope": -19.6}
    pd.DataFrame([found]).to_csv(folder / "calibration.csv", index=False)
    return folder


SINGLE = {"run.dcd", "run.trr", "run.nc", "run.h5"}  # precision, and unwrapped


@settings(max_examples=max(EXAMPLES // 20, 20), deadline=None)
@given(seed=st.integers(0, 2**32 - 1), name=st.sampled_from(sorted(TEXT | BINARY)),
       far=st.booleans())  # fmt: skip
def test_scores_are_those_of_a_clean_table(line, seed, name, far):
    run = liquid(seed, origin=-30.0 if not far else 30.0 if name in SINGLE else 1e3)
    path, clean, top = line / name, line / "clean.lammpstrj", line / "names.txt"
    path.unlink(missing_ok=True)
    first = (TEXT | BINARY)[name](path, run)[0]
    shift = first.positions[:, None] - run.x[0]
    of = np.linalg.norm(shift - run.box * np.rint(shift / run.box), axis=2).argmin(axis=1)
    kinds = sorted(set(first.labels or "AB"))
    words = ["--species", f"A={kinds[0]},B={kinds[1]}"]
    if first.labels is None:
        top.write_text("\n".join(run.names[of]))
        words += ["--top", top]
    words += [] if first.time is not None else ["--interval", 0.5]
    words += [] if first.box is not None else ["--box", run.box]
    text, ids = "", np.arange(len(of))
    for step, x in zip(run.steps, run.x, strict=True):
        text += f"ITEM: TIMESTEP\n{step}\nITEM: NUMBER OF ATOMS\n{len(of)}\n"
        text += "ITEM: BOX BOUNDS pp pp pp" + 3 * f"\n0 {run.box!r}"
        text += "\nITEM: ATOMS id type xu yu zu"
        text += "".join(lines([ids, run.names, *x.T])) + "\n"
    clean.write_text(text)
    who, depth, p_hop = scores(clean, line, "--interval", 0.5)
    places, got_depth, got_p_hop = scores(path, line, *words)
    back = np.argsort(of[places])
    np.testing.assert_array_equal(np.sort(of[places]), who)
    # a depth is what is left of contributions as large as the largest depth
    atol = 1e-4 * np.abs(depth).max()
    np.testing.assert_allclose(got_depth[:, back], depth, rtol=1e-4, atol=atol)
    np.testing.assert_allclose(got_p_hop[:, back], p_hop, rtol=1e-3, atol=1e-5)
    assert np.isfinite(p_hop).any()


# ---------------------------------------------------------------- what is no liquid, or not its box
def disturbed(x, box, kind, rng):
    """Return frames (F, N, 3) after a mistake of those who wrote, converted or read them."""
    x, who = x.copy(), rng.integers(x.shape[1])
    late = rng.integers(1, len(x))
    if kind == "scaled":
        return x / box
    if kind == "another unit":
        return x * rng.choice([0.1, 10.0, 1.8897, 0.5292])
    if kind == "another column":
        return np.stack([np.broadcast_to(1.0, x.shape[:2]), x[..., 0], x[..., 1]], axis=-1)
    if kind == "a point lost":
        x[late, who, rng.integers(3)] *= 1e6
    if kind == "an image counter that overflows":
        x[late:, who, rng.integers(3)] += rng.choice([-1, 1]) * 1024 * box
    if kind == "two at one place":
        x[0, who] = x[0, who - 1]
    if kind == "fill values":
        x[late, who] = 9.969209968386869e36
    return x


KINDS = ("none", "scaled", "another unit", "another column", "a point lost", "two at one place",
         "an image counter that overflows", "fill values")  # fmt: skip


@settings(max_examples=max(EXAMPLES // 20, 20), deadline=None)
@given(seed=st.integers(0, 2**32 - 1), kind=st.sampled_from(KINDS), hops=st.booleans())
def test_a_disturbed_trajectory_is_refused(folder, seed, kind, hops):
    run = liquid(seed, origin=0.0)
    x = disturbed(run.x, run.box, kind, np.random.default_rng(seed))
    text, path = "", folder / "disturbed.lammpstrj"
    for step, frame in zip(run.steps, x, strict=True):
        text += f"ITEM: TIMESTEP\n{step}\nITEM: NUMBER OF ATOMS\n{len(frame)}\n"
        text += "ITEM: BOX BOUNDS pp pp pp" + 3 * f"\n0 {run.box!r}"
        text += "\nITEM: ATOMS id type xu yu zu"
        text += "".join(lines([np.arange(len(frame)), run.names, *frame.T])) + "\n"
    path.write_text(text)
    external = open_external(path, KA)
    try:
        got = import_trajectory(external, folder / "ours", KA, interval=0.5, hops=hops)
    except TrajectoryError as error:
        assert kind != "none", str(error)
        return
    # frames one by one are moved into the box: whole boxes do not matter
    assert kind == "none" or (kind.startswith("an image") and not hops), kind
    shift = got.read(range(len(run.x))) - run.x[:, external.order]
    shift -= run.box * np.rint(shift / run.box)
    np.testing.assert_allclose(shift - shift.mean(axis=1, keepdims=True), 0, atol=1e-5)


@settings(max_examples=max(EXAMPLES // 20, 20), deadline=None)
@given(seed=st.integers(0, 2**32 - 1), kind=st.sampled_from((*KINDS, "masked")))
def test_disturbed_arrays_are_refused(seed, kind):
    run = liquid(seed, origin=0.0)
    rng = np.random.default_rng(seed)
    truth = score_frames(run.x, run.names, run.box, 0.8).depth
    x = disturbed(run.x, run.box, kind, rng)
    if kind == "masked":
        x = np.ma.masked_array(x, mask=rng.random(x.shape) < 0.01)
    if kind in ("none", "an image counter that overflows"):
        np.testing.assert_allclose(score_frames(run.x, run.names, run.box, 0.8).depth, truth)
        return
    with pytest.raises(ValueError, match="positions"):
        score_frames(x, run.names, run.box, 0.8)


@settings(max_examples=max(EXAMPLES // 4, 40), deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    kind=st.sampled_from(["none", "wrapped", "wrapped about the origin", "another origin", "drift",
                          "another order", "zeros", "a copy", "one jumps", "tilted", "NaN"]),
)  # fmt: skip
def test_isoconfigurational_runs_are_read_to_the_truth_or_refused(folder, seed, kind):
    run, rng = liquid(seed, origin=0.0), np.random.default_rng(seed)
    start, box, n = np.mod(run.x[0], run.box), run.box, len(run.names)
    steps = rng.uniform(0.05, 0.5, (n, 1)) * rng.normal(size=(12, n, 3))
    steps -= steps.mean(axis=1, keepdims=True)
    runs, types, k = start + steps, (run.names == "B").astype(int), rng.integers(12)
    moved = np.linalg.norm(steps, axis=2).mean(axis=0)[types == 0]
    changed = {
        "none": {},
        "wrapped": {"positions": np.mod(runs, box)},
        "wrapped about the origin": {"positions": runs - box * np.floor(runs / box + 0.5)},
        "another origin": {"initial_positions": start - 0.5 * box},
        "drift": {"positions": runs + rng.normal(0, 3, (12, 1, 3))},
        "another order": {"positions": runs[:, rng.permutation(n)]},
        "zeros": {"positions": np.where(np.arange(12)[:, None, None] == k, 0.0, runs)},
        "a copy": {"positions": np.concatenate([runs[1:], runs[1:2]])},
        "one jumps": {"positions": runs + 0.9 * box * (np.arange(n) == k)[:, None]},
        "tilted": {"box": box * np.array([[1, 0, 0], [0.2, 1, 0], [0, 0, 1]])},
        "NaN": {"positions": np.where(np.arange(n)[:, None] == k, np.nan, runs)},
    }[kind]
    given = {"types": types, "initial_positions": start, "positions": runs, "box": box}
    np.savez(folder / "runs.npz", **{**given, **changed})
    try:
        found = read_configuration(folder / "runs.npz", KA, 1.2)
    except ValueError as error:
        assert kind not in ("none", "another origin", "drift"), str(error)
        assert str(error).startswith(str(folder)) and "\n" not in str(error)
        return
    np.testing.assert_allclose(found.measured["propensity"][0], moved, rtol=1e-6)

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


def dump_frames(run, columns="id type xu yu zu", **others):
    """Return a list of lines for each frame of a LAMMPS dump, and with ``others`` other columns."""
    bounds = others.pop("bounds", "pp pp pp" + 3 * f"\n0 {run.box!r}")
    inside, images = run.wrapped() if "x" in columns.split() else (run.x, run.x)
    frames = []
    for k, x in enumerate(run.x):
        have = {"id": np.arange(len(x)), "type": run.names}
        for d, c in enumerate("xyz"):
            have |= {c: inside[k, :, d], f"{c}u": x[:, d], f"i{c}": images[k, :, d]}
        have |= {name: values[k] for name, values in others.items()}
        head = f"ITEM: TIMESTEP\n{run.steps[k]}\nITEM: NUMBER OF ATOMS\n{len(x)}\n"
        head += f"ITEM: BOX BOUNDS {bounds}\nITEM: ATOMS {columns}"
        rows = lines([have[c] for c in columns.split()])
        frames.append([*head.split("\n"), *(row[1:] for row in rows)])
    return frames


def write_lines(path, frames):
    path.write_text("\n".join(row for frame in frames for row in frame) + "\n")
    return path


def told(*words):
    """Run the command; return its exit status and what it says."""
    said = io.StringIO()
    with redirect_stderr(said):
        status = main([str(word) for word in words])
    return status, said.getvalue()


def scores(path, folder, *words):
    """Score a file with the command; return particles, depth and p_hop, (frames, A particles).

    If it is refused, return the sentence.
    """
    out = folder / "scores.parquet"
    out.unlink(missing_ok=True)
    status, said = told(
        "score", path, "--temperature", 0.8, "--calibration", folder, "--hop-window", 2,
        "--p-c", 0.1, "--of", "A", "--quiet", "--out", out, *words,
    )  # fmt: skip
    if status != 0:
        assert status == 1 and len(said.splitlines()) == 1 and not out.exists(), said
        return said
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
    write_lines(clean, dump_frames(run))
    who, depth, p_hop = scores(clean, line, "--interval", 0.5)
    places, got_depth, got_p_hop = scores(path, line, *words)
    back = np.argsort(of[places])
    np.testing.assert_array_equal(np.sort(of[places]), who)
    # a depth is what is left of contributions as large as the largest depth
    atol = 1e-4 * np.abs(depth).max()
    np.testing.assert_allclose(got_depth[:, back], depth, rtol=1e-4, atol=atol)
    np.testing.assert_allclose(got_p_hop[:, back], p_hop, rtol=1e-3, atol=1e-5)
    assert np.isfinite(p_hop).any()


# ---------------------------------------------------------------- files as others write them
# Each function gives a file, options, and what is to come of it: a run whose table it must give,
# or None, if it must be refused.
HEAD = 9  # lines before the particles of a frame of a dump


def edited(run, folder, edit, all_lines=False):
    """Write a dump whose lines, or one of them, an edit of the words has gone over."""
    frames = dump_frames(run)
    rows = [(k, i) for k in range(len(frames)) for i in range(HEAD, HEAD + len(run.names))]
    for k, i in rows if all_lines else [rows[run.rng.integers(len(rows))]]:
        frames[k][i] = " ".join(edit(frames[k][i].split()))
    return write_lines(folder / "of_others.lammpstrj", frames)


def of_lines(edit, fine=False):
    return lambda run, folder: (edited(run, folder, edit, fine), [], run if fine else None)


def point_lost(words):
    largest = max(words[2:], key=lambda word: abs(float(word)))
    lost = f"{float(largest):.6f}".replace(".", "")
    return [lost if word == largest else word for word in words]


def powers(letter):
    def edit(words):
        return [*words[:2], *(f"{float(word):.16e}".replace("e", letter) for word in words[2:])]

    return edit


def cube(vectors):
    """Return a writer of dumps in a cube with these vectors of length 1."""

    def write(run, folder):
        turn, b = np.array(vectors, dtype=float), run.box
        rows = "\n".join(" ".join(f"{b * v:.17g}" for v in row) + " 0" for row in turn)
        turned = replace(run, x=run.x @ turn)
        frames = dump_frames(turned, bounds=f"abc origin pp pp pp\n{rows}")
        return write_lines(folder / "of_others.lammpstrj", frames), [], run

    return write


def other_id(run, folder):
    late = run.rng.integers(1, len(run.x))
    ids = np.tile(np.arange(len(run.names)), (len(run.x), 1))
    ids[late:, run.rng.integers(len(run.names))] = len(run.names) + 1
    return write_lines(folder / "of_others.lammpstrj", dump_frames(run, id=ids)), [], None


def early_end(run, folder):
    early = replace(run, steps=np.r_[run.steps[:-1], run.steps[-2] + 1])
    path = write_lines(folder / "of_others.lammpstrj", dump_frames(early))
    return path, [], replace(run, x=run.x[:-1], steps=run.steps[:-1])


def ten_bits(run, folder):
    """Images from -512 to 511; a particle that leaves them comes in again at the other end."""
    images = run.wrapped()[1] + run.rng.integers(-511, 512, (1, *run.x.shape[1:]))
    flags = {f"i{c}": (images[..., d] + 512) % 1024 - 512 for d, c in enumerate("xyz")}
    frames = dump_frames(run, "id type x y z ix iy iz", **flags)
    return write_lines(folder / "of_others.lammpstrj", frames), [], run


def swap(run, folder):
    """Monte Carlo moves that exchange an A with a B: depths need the species of the frame alone."""
    names, late = np.tile(run.names, (len(run.x), 1)), run.rng.integers(1, len(run.x))
    pair = [run.rng.choice(np.flatnonzero(run.names == name)) for name in "AB"]
    names[late:, pair] = names[late:, pair[::-1]]
    path = write_lines(folder / "of_others.lammpstrj", dump_frames(run, type=names))
    return path, [], replace(run, names=names)


def inherent(run, folder):
    """Quenched frames: particles move a little, or very little if none rearranges."""
    size = run.rng.choice([0.002, 0.03], (len(run.x), 1, 1))
    x = run.x[:1] + np.cumsum(size * run.rng.normal(0, 1, run.x.shape), axis=0)
    quenched = replace(run, x=pushed_apart(x, run.box))
    return write_lines(folder / "of_others.lammpstrj", dump_frames(quenched)), [], quenched


def walls(run, folder):
    flags = run.choose("pp ff pp", "ff ff ff", "pp pp ss", "mm pp pp")
    frames = dump_frames(run, bounds=flags + 3 * f"\n0 {run.box!r}")
    return write_lines(folder / "of_others.lammpstrj", frames), [], None


def wide(run, folder):
    path = write_lines(folder / "of_others.lammpstrj", dump_frames(run))
    path.write_text(path.read_text(), encoding="utf-16")
    return path, [], run


def xyz_lines(run, folder, comment, *before):
    text = ""
    for x in run.x:
        text += f"{len(x)}\n{comment}" + "".join(lines([run.names, *before, *x.T])) + "\n"
    (folder / "of_others.xyz").write_text(text)
    return folder / "of_others.xyz"


def column_before_x(run, folder):
    n = len(run.names)
    column = run.choose(np.arange(n), np.ones(n), np.full(n, 0.5), run.rng.integers(1, 3, n))
    return xyz_lines(run, folder, "", column), ["--box", run.box], None


def open_boundaries(run, folder):
    b, flags = run.box, run.choose("0 0 0", "1 1 0", "T T F", "n n n", "False True True", "0")
    comment = (
        f'Lattice="{b!r} 0 0 0 {b!r} 0 0 0 {b!r}" Properties=species:S:1:pos:R:3 pbc="{flags}"'
    )
    return xyz_lines(run, folder, comment), [], None


def named(run, folder):
    (folder / "names.txt").write_text("\n".join(run.names))
    return ["--top", folder / "names.txt"]


def killed(run, folder):
    """A run that was killed while it wrote, whose whole frames are asked for."""
    path = folder / run.choose("of_others.xtc", "of_others.trr", "of_others.dcd")
    of_mdtraj(path, run)
    content, lost = path.read_bytes(), run.rng.integers(1, 4)
    each = len(content) // len(run.x)  # of XTC: about
    path.write_bytes(content[: len(content) - lost * each - each // 2])
    return path, [*named(run, folder), "--whole-frames"], replace(run, x=run.x[: -lost - 1])


def velocities_between(run, folder):
    """TRR as GROMACS writes it where velocities are saved more often than positions."""
    path = folder / "of_others.trr"
    of_mdtraj(path, run)
    content = path.read_bytes()
    each, written = len(content) // len(run.x), b""
    for frame in (content[k : k + each] for k in range(0, len(content), each)):
        sizes = np.frombuffer(frame[24:76], ">i4").copy()
        sizes[7], sizes[8] = 0, sizes[7]  # positions count as velocities
        written += frame + frame[:24] + sizes.tobytes() + frame[76:]
    path.write_bytes(written)
    return path, named(run, folder), run


def times_not_written(run, folder):
    """NetCDF without times in all frames, or in one."""
    path, lost = folder / "of_others.nc", run.choose(slice(None), run.rng.integers(len(run.x)))
    variables = {}
    while "id" not in variables:
        path.unlink(missing_ok=True)
        netcdf(path, run)
        with netCDF4.Dataset(path, "a") as store:
            variables = set(store.variables)
            store["time"][lost] = 9.969209968386869e36
    return path, ["--species", "A=1,B=2"], run if isinstance(lost, slice) else None


OTHERS = {
    "a field too many": of_lines(lambda words: [*words[:2], "1", *words[2:]]),
    "a field too few": of_lines(lambda words: words[:-1]),
    "a point lost": of_lines(point_lost),
    "a decimal comma": of_lines(lambda words: [word.replace(".", ",") for word in words]),
    "exponents of Fortran": of_lines(powers("D"), fine=True),
    "exponents of Mathematica": of_lines(powers("*^"), fine=True),
    "a cube in another order": cube([[0, 1, 0], [0, 0, 1], [1, 0, 0]]),
    "a cube that is turned": cube([[0.8, 0.6, 0], [-0.6, 0.8, 0], [0, 0, 1]]),
    "another id": other_id,
    "an early end": early_end,
    "images of ten bits": ten_bits,
    "swap": swap,
    "inherent structures": inherent,
    "walls": walls,
    "UTF-16": wide,
    "a column before x": column_before_x,
    "open boundaries": open_boundaries,
    "killed": killed,
    "velocities between": velocities_between,
    "times not written": times_not_written,
}
NO_HOPS = ("swap", "images of ten bits")  # with hops they may be refused


@settings(max_examples=max(EXAMPLES // 4, 60), deadline=None)
@given(seed=st.integers(0, 2**32 - 1), kind=st.sampled_from(sorted(OTHERS)), hops=st.booleans())
def test_files_as_others_write_them(line, seed, kind, hops):
    run = liquid(seed, origin=0.0)
    path, words, truth = OTHERS[kind](run, line)
    words += ["--interval", 0.5] + ([] if hops else ["--no-hops"])
    found = scores(path, line, *words)
    if isinstance(found, str):
        assert truth is None or (kind in NO_HOPS and hops), found
        assert str(path) in found
        return
    assert truth is not None, "is taken"
    # a depth is what is left of contributions as large as the largest depth
    if kind == "swap":  # each frame by its own types
        for depth, x, names in zip(found[1], truth.x, truth.names, strict=True):
            scored = score_frames(x, names, run.box, 0.8, calibration=line, of=["A"])
            expected = scored.depth[names == "A"]
            np.testing.assert_allclose(depth, expected, atol=1e-4 * np.abs(expected).max())
        return
    clean = write_lines(line / "clean.lammpstrj", dump_frames(truth))
    expected = scores(clean, line, *words[words.index("--interval") :])
    digits = 1e-4 if path.suffix in (".xtc", ".trr", ".dcd", ".nc") else 1e-6
    for got, values in zip(found, expected, strict=True):
        scale = np.nanmax(np.abs(values)) if np.isfinite(values).any() else 0.0
        np.testing.assert_allclose(got, values, rtol=digits, atol=digits * scale)


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
        # of the largest coordinate: one near 0 may become one that is elsewhere in the box
        x[late, who, np.abs(x[late, who]).argmax()] *= 1e6
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
    path = write_lines(folder / "disturbed.lammpstrj", dump_frames(replace(run, x=x)))
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


BOXES = {
    "edge": lambda b: b,
    "edges": lambda b: [b, b, b],
    "MDAnalysis": lambda b: [b, b, b, 90, 90, 90],
    "HOOMD-blue": lambda b: [b, b, b, 0, 0, 0],
    "LAMMPS": lambda b: [[-1, b - 1]] * 3,
    "LAMMPS, six numbers": lambda b: [0, b, 0, b, 0, b],
    "vectors": lambda b: b * np.eye(3),
    "vectors in another order": lambda b: b * np.eye(3)[[1, 2, 0]],
    "OVITO": lambda b: np.c_[b * np.eye(3), [-1, 2, 3]],
}
NO_BOXES = {
    "flat": lambda b: b * np.array([[1, 0, 0], [1, 0, 0], [0, 0, 1]]),
    "left-handed": lambda b: b * np.array([[1, 0, 0], [0, -1, 0], [0, 0, 1]]),
    "rows or columns": lambda b: b * np.array([[1, 0.2, 0], [0, 1, 0], [0, 0, 1]]),
    "no angles": lambda b: [b, b, b, 10, 10, 170],
    "half empty": lambda b: [b, b, 2 * b],
    "twice": lambda b: 2 * b,
    "in another unit": lambda b: b / 10,
    "negative": lambda b: -b,
    "NaN": lambda b: np.nan,
}


@settings(max_examples=max(EXAMPLES // 20, 30), deadline=None)
@given(seed=st.integers(0, 2**32 - 1), kind=st.sampled_from(sorted(BOXES | NO_BOXES)))
def test_boxes_of_arrays_are_taken_or_refused(seed, kind):
    run = liquid(seed, origin=0.0)
    box = (BOXES | NO_BOXES)[kind](run.box)
    if kind in NO_BOXES:
        with pytest.raises(ValueError, match="box"):
            score_frames(run.x, run.names, box, 0.8, of=["A"])
        return
    truth, found = (score_frames(run.x, run.names, b, 0.8, of=["A"]).depth for b in (run.box, box))
    np.testing.assert_allclose(found, truth, rtol=1e-9)


@settings(max_examples=max(EXAMPLES // 20, 20), deadline=None)
@given(seed=st.integers(0, 2**32 - 1), kind=st.sampled_from((*KINDS, "masked")))
def test_disturbed_arrays_are_refused(seed, kind):
    run = liquid(seed, origin=0.0)
    rng = np.random.default_rng(seed)
    truth = score_frames(run.x, run.names, run.box, 0.8, of=["A"]).depth
    x = disturbed(run.x, run.box, kind, rng)
    if kind == "masked":
        x = np.ma.masked_array(x, mask=rng.random(x.shape) < 0.01)
    if kind in ("none", "an image counter that overflows"):
        found = score_frames(run.x, run.names, run.box, 0.8, of=["A"]).depth
        np.testing.assert_allclose(found, truth)
        return
    with pytest.raises(ValueError, match="positions"):
        score_frames(x, run.names, run.box, 0.8, of=["A"])


def one_of(runs, value, rng):
    """Return runs, one of them replaced."""
    return np.where((np.arange(len(runs)) == rng.integers(len(runs)))[:, None, None], value, runs)


# From the configuration (N, 3), the runs (n, N, 3), the box and a generator to the arrays that are
# changed. The first three change nothing of what is measured, nor do boxes of other shapes.
ARRAYS = {
    "none": lambda x, runs, b, rng: {},
    "another origin": lambda x, runs, b, rng: {"initial_positions": x - 0.5 * b},
    "drift": lambda x, runs, b, rng: {"positions": runs + rng.normal(0, 3, (len(runs), 1, 3))},
    "wrapped": lambda x, runs, b, rng: {"positions": np.mod(runs, b)},
    "wrapped about the origin": lambda x, runs, b, rng: {
        "positions": runs - b * np.floor(runs / b + 0.5)
    },
    "another order": lambda x, runs, b, rng: {"positions": runs[:, rng.permutation(len(x))]},
    "one in another order": lambda x, runs, b, rng: {
        "positions": one_of(runs, runs[:, rng.permutation(len(x))], rng)
    },
    "zeros": lambda x, runs, b, rng: {"positions": one_of(runs, 0.0, rng)},
    "fill values": lambda x, runs, b, rng: {"positions": one_of(runs, 9.969209968386869e36, rng)},
    "a copy": lambda x, runs, b, rng: {"positions": np.concatenate([runs[1:], runs[1:2]])},
    "one in another unit": lambda x, runs, b, rng: {"positions": one_of(runs, 10 * runs, rng)},
    "a particle jumps": lambda x, runs, b, rng: {
        "positions": runs + 0.9 * b * (np.arange(len(x)) == rng.integers(len(x)))[:, None]
    },
    "NaN": lambda x, runs, b, rng: {
        "positions": np.where((np.arange(len(x)) == rng.integers(len(x)))[:, None], np.nan, runs)
    },
    "types from 1": lambda x, runs, b, rng: {"types": 1 + (np.arange(len(x)) < len(x) // 5)},
}
UNCHANGED = {"none", "another origin", "drift", *BOXES}


@settings(max_examples=max(EXAMPLES // 4, 60), deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    kind=st.sampled_from(sorted({*ARRAYS, *BOXES, *NO_BOXES})),
    accident=st.sampled_from(["whole", "whole", "cut", "flipped"]),
    where=st.floats(0, 1),
)
def test_isoconfigurational_runs_are_read_to_the_truth_or_refused(
    folder, seed, kind, accident, where
):
    run, rng = liquid(seed, origin=0.0), np.random.default_rng(seed)
    start, box, n = np.mod(run.x[0], run.box), run.box, len(run.names)
    steps = rng.uniform(0.05, 0.5, (n, 1)) * rng.normal(size=(12, n, 3))
    steps -= steps.mean(axis=1, keepdims=True)
    runs, types = start + steps, (run.names == "B").astype(int)
    moved = np.linalg.norm(steps, axis=2).mean(axis=0)[types == 0]
    given = {"types": types, "initial_positions": start, "positions": runs, "box": box}
    if kind in ARRAYS:
        given |= ARRAYS[kind](start, runs, box, rng)
    else:
        given["box"] = (BOXES | NO_BOXES)[kind](box)
    path = folder / "runs.npz"
    np.savez(path, **given)
    path.write_bytes(damaged(path.read_bytes(), accident, where))
    try:
        found = read_configuration(path, KA, 1.2)
    except ValueError as error:
        assert accident != "whole" or kind not in UNCHANGED, str(error)
        assert str(error).startswith(str(folder)) and "\n" not in str(error)
        return
    # a flipped byte may be in the name of the box, which the density gives too
    assert kind in UNCHANGED or accident == "flipped", "is taken"
    np.testing.assert_allclose(found.measured["propensity"][0], moved, rtol=1e-6)

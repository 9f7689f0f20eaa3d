"""Every key of a configuration: its type, range, default, unit and meaning.

One model a group of keys. ``python -m study.documents`` makes config/config.yaml and the tables
of config/README.md from here; the first sentence of a key is its comment in the former. What no
key can tell alone is in :mod:`study.checks`.
"""

from __future__ import annotations

import inspect
import math
import os
import re
from collections.abc import Iterator
from itertools import chain
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
)
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from softcage import defaults
from softcage.model import KOB_ANDERSEN


# ---------------------------------------------------------------- types
def _not_huge(value: Any) -> Any:
    if isinstance(value, int | float) and 1e12 < abs(value) < math.inf:
        raise PydanticCustomError("large", "no number here may be that large")
    return value


def _matching(pattern: str, words: str) -> AfterValidator:
    """Refuse text that does not match as a whole."""

    def check(text: str) -> str:
        if not re.fullmatch(pattern, text, re.ASCII):
            raise PydanticCustomError("pattern", "it must be {words}", {"words": words})
        return text

    return AfterValidator(check)


def _each_once(entries: list) -> list:
    if len(set(entries)) < len(entries):
        raise PydanticCustomError("twice", "an entry appears twice")
    return entries


def _listed(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


def _labels(value: Any) -> Any:
    """Check types or names of particles as a file has them: one, or a list."""
    if value == [] or {type(label) for label in _listed(value)} - {int, str}:
        raise PydanticCustomError("labels", "it must be a type or name, or a list of them")
    return value


Number = Annotated[float, Field(allow_inf_nan=False, title="number"), BeforeValidator(_not_huge)]
Positive = Annotated[Number, Field(gt=0)]
NotNegative = Annotated[Number, Field(ge=0)]
Scale = Annotated[Number, Field(ge=0.001, le=1000)]  # lengths, energies and masses in units of A's
Scales = Annotated[list[Scale], Field(min_length=1)]
Matrix = Annotated[list[Scales], Field(min_length=1, title="matrix")]
Whole = Annotated[int, Field(title="whole number"), BeforeValidator(_not_huge)]
Count = Annotated[Whole, Field(ge=1)]
Text = Annotated[str, Field(title="text")]
Name = Annotated[
    Text, _matching(r"[A-Za-z0-9][\w.-]*", "letters, digits, and . _ - after the first")
]
SetName = Annotated[
    Text,
    _matching(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?", "one name, or two with / between them"),
]
SHORT = "a letter, and then up to two letters or digits (the PDB format has no more room)"
ShortName = Annotated[str, Field(title="name"), _matching("[A-Za-z][A-Za-z0-9]{0,2}", SHORT)]
HOME = AfterValidator(os.path.expanduser)  # of ~ at the beginning
PLAIN = "a path without braces, asterisks or question marks"
Path = Annotated[str, Field(title="path"), _matching(r"[^{}*?\x00-\x1f\x7f]+", PLAIN), HOME]
Files = Annotated[
    str, Field(title="path"), _matching(r"[^{}\x00-\x1f\x7f]+", "a path without braces"), HOME
]


class Group(BaseModel):
    """A group of keys."""

    model_config = ConfigDict(extra="forbid", strict=True, use_attribute_docstrings=True)


def key(default: Any, unit: str = "", **limits: Any) -> Any:
    """Return a key with a unit and limits; ``...`` is no default, None an optional key."""
    return Field(default, json_schema_extra={"unit": unit}, **limits)


# ---------------------------------------------------------------- groups
class Mixture(Group):
    """Species and pair potentials, those of Kob and Andersen. A row and a column each species."""

    species: Annotated[list[ShortName], AfterValidator(_each_once)] = key(..., min_length=1)
    """Names, up to three letters or digits. The first is the one whose softness is computed."""
    fractions: list[Positive] = key(..., min_length=1)
    """Number fractions, sum 1. With `system.particles` they must give whole numbers, at least 10 of
    each species: composition is exact."""
    masses: Scales = key(..., "m_A")
    """Mass of each species."""
    sigma: Matrix = key(..., "sigma_AA")
    """Pair diameters, symmetric."""
    epsilon: Matrix = key(..., "epsilon_AA")
    """Pair well depths, symmetric."""
    cutoff: Annotated[
        Annotated[Scale, Tag("<number>")] | Annotated[Matrix, Tag("<matrix>")],
        Discriminator(lambda value: "<matrix>" if isinstance(value, list) else "<number>"),
        Field(title="number or matrix"),
    ] = key(..., "sigma_ab")
    """Cut-off of each pair, where its potential is shifted to 0. 1.122462048309373 makes it WCA."""


class System(Group):
    """Size of the system."""

    particles: Whole = key(4000, ge=2, le=10_000_000)
    """All particles. The box edge must be more than twice the longest cut-off."""
    density: Scale = key(1.2, "sigma_AA^-3")
    """Particles per volume."""


class MD(Group):
    """The simulation."""

    timestep: Number = key(0.0025, "time", ge=1e-6)
    """Integration step. All times below are whole numbers of it."""
    thermostat_time: Positive = key(0.25, "time")
    """Nose-Hoover time constant tau; Q = N_f k_B T tau^2. At least 10 steps. Some codes call a
    period 2 pi times longer by that name."""
    thermostat_chain: Count = key(3, le=100)
    """Length of the Nose-Hoover chain."""
    precision: Literal["mixed", "double"] = "mixed"
    """Pair forces in float32 (mixed) or float64 (double). All else is 64-bit in both. `double`
    takes 1.6 to 1.7 times as long and gives the same averages (tested)."""
    melt_temperature: Positive = key(3.0, "epsilon_AA", le=1000)
    """Temperature of the melt, at least the hottest T. Runs start as a lattice."""
    melt_time: NotNegative = key(25.0, "time")
    """Time at that temperature."""
    cooling_time: NotNegative = key(50.0, "time")
    """Linear cooling to T."""
    frame_interval: Positive = key(0.5, "time")
    """Frames of the uniform stream. Hops need 0.25 to 0.5."""
    log_block_time: Positive = key(150.0, "time")
    """Period of the blocks of log-spaced frames. Each block is a time origin, and the longest lag
    lies inside one block."""
    thermo_interval: Positive = key(0.5, "time")
    """Lines of `thermo.csv`."""
    checkpoint_interval: Positive = key(300, "s")
    """Wall time between checkpoints. A killed simulation goes on from the last one, with the same
    result to the bit."""
    threads: Count = key(1, le=1024)
    """Threads of one simulation. One is best as long as there are as many state points as cores."""


class Trajectory(Group):
    """A run made elsewhere."""

    path: Annotated[list[Files], BeforeValidator(_listed)] = key(..., min_length=1)
    """A file, or one each replica: LAMMPS dump, GSD, DCD, XTC, TRR, HDF5, NetCDF or another format
    of mdtraj. Files that fit a pattern, as `dump.*.gz`, are one run, in the order of their times or
    steps."""
    topology: Path = key(None)
    """File that says what the particles are, if the path does not: PDB, GRO, LAMMPS dump, GSD, or a
    `.txt` with one name a line."""
    species: dict[str, Annotated[Any, AfterValidator(_labels)]] = key(None, min_length=1)
    """Species to type or name in the file, `{A: 1, B: 2}`. Left out: they have the same names."""
    interval: Positive = key(None, "time")
    """Time between frames, for a file without times. If the file gives other times, this value is
    used, with a note in the log; if it is left out, those of the file are. Best a whole part of
    `md.frame_interval`; a longer one is taken as it is, if half of every hop window is a whole
    number of frames."""
    length_unit: Positive = key(None)
    """How many of the file's units of length make one sigma_AA; left out: 1. 10 for what mdtraj
    writes as DCD, NetCDF or LAMMPS dump."""
    unwrapped: bool = key(None)
    """Take positions as unwrapped, or not; left out: as the file says."""


class StatePoint(Group):
    """A temperature and its times."""

    T: Number = key(..., "epsilon_AA", ge=0.001)  # they are told apart by six digits
    """Temperature; each only once."""
    equilibration: NotNegative = key(..., "time")
    """Not recorded. At least 10 tau_alpha is wanted; checked afterwards, see `equilibration`."""
    production: Positive = key(..., "time")
    """Recorded. At least `dynamics.hop_window`, and a whole number of frames."""
    start: Path = key(None)
    """Saved state to start from in place of melting: `md/T.../r.../final.npz` of a study of the
    same liquid. Velocities are drawn anew for T and each replica; equilibration follows."""
    trajectory: Annotated[
        Trajectory,
        BeforeValidator(lambda given: {"path": given} if isinstance(given, str | list) else given),
    ] = key(None)
    """A run made elsewhere, in place of a simulation: a file, a list of files (one a replica), or a
    group with the keys below. Its frames are unwrapped, freed of drift and checked (constant cube,
    composition, particles, density); energies are computed from the positions. `production` is how
    much of it is used, from its beginning; `equilibration` is what you know of the time before.
    Lags below the time between its frames do not exist."""


class Structure(Group):
    """Pair structure and the mean-field cage."""

    r_bin: Positive = key(defaults.R_BIN, "sigma_AA", le=0.05)
    """Bin of g(r). Not wider than 0.005 for the radii where g vanishes."""
    frames: Count = defaults.STRUCTURE_FRAMES
    """Frames of the uniform stream for g(r) and S(q), evenly spaced."""
    q_max: Positive = key(defaults.Q_MAX, "1/sigma_AA", le=1000)
    """Upper limit of the wave-number integrals. 1/S_av grows with it (the integrand falls slowly),
    the paper does not give its own; ranks and AUC do not depend on it."""
    q_max_alternatives: list[Annotated[Positive, Field(le=1000)]] = key(
        [10, 15, 30, 60], "1/sigma_AA"
    )
    """Further limits, for figure S1."""
    q_bin: Positive = key(defaults.Q_BIN, "1/sigma_AA")
    """Width of a shell of wave vectors."""
    q_vectors: Count = defaults.Q_VECTORS
    """At most so many lattice vectors in a shell. Smaller shells are used whole."""
    q_match: list[Positive] = key(list(defaults.Q_MATCH), "1/sigma_AA", min_length=2, max_length=2)
    """S(q) from lattice vectors below, g(r) above, blended between. The second at most `q_max`."""
    route: Literal["curvature", "harmonic"] = defaults.ROUTE
    """How 1/S_av is computed: curvature or harmonic. From the curvature of the cage potential at 0,
    or from a parabola fitted to it."""
    harmonic_range: Number = key(defaults.HARMONIC_RANGE, "sigma_AA", ge=0.001, le=1)
    """Displacement up to which the parabola is fitted."""
    harmonic_range_alternatives: list[Annotated[Positive, Field(le=1)]] = key(
        [0.02, 0.1, 0.2], "sigma_AA"
    )
    """Further ranges, for figure S1. At `q_max`; nothing else uses them."""
    core_threshold: Positive = key(defaults.CORE_THRESHOLD, le=0.5)
    """g below this counts as zero. It sets r0, where the integral of Eq. 5 begins."""


class Softness(Group):
    """The local softness."""

    closure: Literal["hnc", "pair"] = defaults.CLOSURE
    """Depth from g(r): hnc or pair. C = g - 1 - beta U - ln g with the weights sqrt(x_u x_v), as in
    the paper, or C = g - 1 with x_u x_v. The calibration is made with the same."""
    delta: Positive = key(defaults.DELTA, "sigma_AA")
    """Width of the Gaussian that smears a neighbour. One of `delta_values`, for all figures that do
    not compare widths. Smaller for purely repulsive pairs: smeared far into a wall that has
    no well beside it, neighbours make the depth negative."""
    delta_values: list[Annotated[Number, Field(ge=0.001)]] = key(
        list(defaults.DELTA_VALUES), "sigma_AA", min_length=1
    )
    """All widths that are computed."""
    stride: Count = key(1, "frames")
    """Every stride-th frame of the uniform stream."""
    average_window: NotNegative = key(0, "time")
    """0: positions of single frames, as in the paper. Otherwise their mean over so much time up to
    t, which takes vibration out."""


class Dynamics(Group):
    """Relaxation and rearrangements."""

    overlap_radius: Positive = key(defaults.OVERLAP_RADIUS, "sigma_AA")
    """Radius a of the overlap q(t). At tau_alpha, q = 1/e."""
    hop_window: Positive = key(defaults.HOP_WINDOW, "time")
    """Window Dt of p_hop, half before and half after t. S at t is partly concurrent with a hop."""
    hop_window_alternatives: list[Positive] = key([30, 75], "time")
    """Further windows, for figure S3. Windows longer than the run are left empty."""
    p_c: Literal["measured", "paper"] = "measured"
    """Threshold of p_hop: measured or paper. Measured: the MSD at the maximum of alpha_2."""
    p_c_paper: dict[Positive, Positive] = key(
        {0.47: 0.115, 0.53: 0.130, 0.58: 0.141, 0.70: 0.159, 0.80: 0.178}, "sigma_AA^2"
    )
    """The paper's thresholds. With `p_c: paper` every temperature needs one."""


class Bins(Group):
    """Bins of equal width."""

    start: Number
    """Lower edge."""
    stop: Number
    """Upper edge."""
    width: Positive
    """Bin width."""


class Prediction(Group):
    """Softness against rearrangement."""

    cage_displacement: Positive = key(defaults.CAGE_DISPLACEMENT, "sigma_AA")
    """A particle that stayed within this is still in its cage. For C_S, G and <S(t)>."""
    softness_bins: Bins = Bins(start=0.0, stop=0.01, width=0.0001)
    """Bins of P(S) and P_R(S)."""
    depth_bins: Bins = key(Bins(start=-40, stop=140, width=2), "k_B T")
    """The same for the depth -beta Phi. A local depth can be negative."""
    minimum_hops: Count = defaults.MINIMUM_HOPS
    """Bins with fewer rearranging particles are left out of fits and of P_R(S) in figures."""
    arrhenius_temperatures: Whole = key(3, ge=2)
    """Temperatures that a bin needs for an Arrhenius fit. More than the study has: no fits."""
    softness_groups: Whole = key(defaults.SOFTNESS_GROUPS, ge=2, le=100)
    """Groups of initial softness for <S(t)> and q(S, t)."""
    propagator_times: list[NotNegative] = key([0, 0.01, 10, 1000], "time", min_length=1)
    """Times of G(S, S0, t). Those beyond the run are left out."""
    hard_softness: Positive = 0.001
    """Initial softness of the hard group in G."""
    colder: Positive = key(0.44, "epsilon_AA")
    """Temperature for which the laws of the study are extrapolated (figure S8). The fits use only
    hotter ones."""


class Interpretations(Group):
    """Where the paper is open to more than one interpretation (figures S6 and S7)."""

    frames: Count = 400
    """Frames of a run that are scored in every form. Evenly spaced."""
    average_windows: list[Positive] = key([2, 7.5], "time")
    """Times over which positions are averaged. Up to t, beside those of single frames."""
    inherent_frames: Whole = key(100, ge=0)
    """Frames of a run whose energy is minimised; 0: none. About 1 s each."""


class Isoconfigurational(Group):
    """Configurations of a temperature."""

    T: Positive = key(..., "epsilon_AA")
    """Temperature; the target `beyond` leaves out those that the study has not."""
    configurations: Count = key(None, le=10_000)
    """Number of configurations: frames 10 tau_alpha apart, taken from the replicas in turn. More
    can be asked for later: those that are done stay as they are."""
    files: Annotated[list[Files], BeforeValidator(_listed)] = key(None, min_length=1)
    """Configurations of others in place of frames of the study, in this order, as `softcage
    propensity` reads them; they need `times`. `configurations` may ask for the first few."""
    times: list[Positive] | None = key(None, "time", title="list of numbers")
    """Times at which displacements are recorded, in place of `propensity.times`."""
    copies: Count = key(None, le=10_000)
    """Of so many of the configurations, two copies are made and their propensity is measured too:
    one has the same cages, the other one the same sphere, and both are new otherwise. This says how
    much of the propensity structure determines at all."""


class Propensity(Group):
    """Runs from one configuration with velocities drawn anew (`snakemake beyond`)."""

    temperatures: list[Isoconfigurational] = [
        Isoconfigurational(T=0.47, configurations=8),
        Isoconfigurational(T=0.58, configurations=20),
    ]
    """Where the propensity is measured. Learned predictors need three configurations of a
    temperature."""
    draws: Whole = key(32, ge=defaults.LEAST_DRAWS, le=10_000)
    """Runs from each configuration, to 3 tau_alpha. More can be asked for later, best whole
    batches."""
    batch: Count = key(8, le=10_000)
    """Runs of one job. Another number makes all of them anew."""
    times: Whole = key(10, ge=1, le=1000)
    """Number of times at which displacements are recorded. Log-spaced from 0.1 to 3 tau_alpha."""


class Descriptors(Group):
    """Descriptors of a study's own frames, and the hops that follow (`snakemake beyond`)."""

    frames: Count = key(8, le=10_000)
    """Frames of each run. In the middle of as many equal parts of it; at N = 4000 about half a
    minute each, most of it for the Debye-Waller factor."""
    lengths: list[Positive] = key(list(defaults.LENGTHS), "sigma_AA", min_length=1)
    """L of averages over A particles, weighted with exp(-r/L). At most half the box."""
    average_window: Positive = key(defaults.AVERAGE_WINDOW, "time")
    """Time up to a frame over which positions are averaged, for descriptors of averaged
    positions."""


class Statistics(Group):
    """Error bars."""

    blocks: Whole = key(defaults.BLOCKS, ge=2, le=1000)
    """Largest number of time blocks of each run. No more than there are frames to be cut."""
    block_relaxation_times: Positive = key(defaults.BLOCK_RELAXATION_TIMES, "tau_alpha")
    """Least length of a block. Each temperature gets as many blocks as fit into a run, 2 to
    `statistics.blocks` (column `blocks` of `relaxation/summary/`); those of replicas are pooled."""
    resamples: Whole = key(defaults.RESAMPLES, ge=2, le=100_000)
    """Bootstrap resamples of blocks (never of particles)."""


class Equilibration(Group):
    """What counts as equilibrated."""

    minimum_relaxation_times: Positive = key(10, "tau_alpha")
    """Least equilibration and production. Shorter ones are *too short*, and marked in figures."""


class Job(Group):
    """What a job asks for."""

    runtime: Count = key(..., "min")
    """Time limit of a job."""
    mem_mb: Count = key(..., "MB")
    """Memory of a job."""
    partition: Text = key(None, min_length=1)
    """Partition that jobs of the class go to; left out: the cluster's."""
    account: Text = key(None, min_length=1)
    """Account that they are billed to; left out: yours."""


class Resources(Group):
    """What the jobs of each class ask a cluster for. A change here reruns nothing."""

    simulation: Job = Job(runtime=720, mem_mb=2000)
    """The simulations. A limit shorter than the simulation is fine: it goes on in the next job."""
    scoring: Job = Job(runtime=60, mem_mb=2000)
    """Softness and prediction, for each T, width and replica."""
    analysis: Job = Job(runtime=60, mem_mb=3000)
    """Structure, dynamics, and what follows from the scores."""
    short: Job = Job(runtime=10, mem_mb=1000)
    """Figures, tables, the compilation."""


class Figures(Group):
    """The look of the figures. A change here reruns only figures."""

    width: Number = key(3.4, "inch", ge=1, le=20)
    """Width of a column."""
    dpi: Whole = key(200, "1/inch", ge=30, le=1200)
    """Resolution of the PNG files."""


CLAIMED = (
    "p_c tau_alpha soft_share soft_share_delta shallow_share onset_softness onset_depth "
    "barrier_low barrier_high softness_low softness_high softness_high_all"
).split()


class Claim(Group):
    """A number of the paper."""

    id: Annotated[
        str, Field(title="name"), _matching("|".join(CLAIMED), "one of " + ", ".join(CLAIMED))
    ]
    """Which quantity."""
    T: Positive = key(None, "epsilon_AA")
    """Temperature, if the number belongs to one. Not in the study: *not measurable*."""
    delta: Positive = key(None, "sigma_AA")
    """Width of the smearing; left out: `softness.delta`."""
    value: Number
    """What the paper says."""


PAPER_POINTS = [
    StatePoint(T=0.47, equilibration=8100, production=8100),
    StatePoint(T=0.53, equilibration=1500, production=1500),
    StatePoint(T=0.58, equilibration=1000, production=1500),
    StatePoint(T=0.70, equilibration=500, production=1500),
    StatePoint(T=0.80, equilibration=500, production=1500),
]
PAPER_CLAIMS = [
    *(Claim(id="p_c", T=T, value=p_c) for T, p_c in Dynamics().p_c_paper.items()),
    Claim(id="tau_alpha", T=0.47, value=700),
    *(Claim(id="soft_share", T=T, value=v) for T, v in ((0.7, 0.65), (0.58, 0.69), (0.47, 0.75))),
    *(
        Claim(id="soft_share_delta", T=0.47, delta=delta, value=value)
        for delta, value in ((0.02, 0.66), (0.04, 0.74), (0.09, 0.752), (0.12, 0.71))
    ),
    Claim(id="shallow_share", T=0.47, value=0.62),
    Claim(id="onset_softness", value=0.801),
    Claim(id="onset_depth", value=0.80),
    Claim(id="barrier_low", value=1.2),
    Claim(id="barrier_high", value=2.9),
    Claim(id="softness_low", T=0.47, value=0.001),
    Claim(id="softness_high", T=0.47, value=0.002),
    Claim(id="softness_high_all", value=0.0025),
]


class PublicData(Group):
    """A set of isoconfigurational files that others have published, of the study's mixture."""

    name: SetName = key(...)
    """Name of the set and of its folder `public/<name>/`; each only once."""
    files: Annotated[list[Files], BeforeValidator(_listed)] = key(..., min_length=1)
    """The files, one configuration each, as `softcage propensity` reads them; patterns such as
    `botan/*.npz` are looked up."""
    temperature: Positive = key(..., "epsilon_AA")
    """Temperature of the runs."""
    density: Scale = key(1.2, "sigma_AA^-3")
    """Particles per volume; it gives the box where a file has none."""
    time: Positive = key(None, "time")
    """Time of the displacements in files that do not say it."""
    predictors: list[Text] = key(None, min_length=1)
    """Regressions that are fitted alone, without any descriptor, in far less time, such as
    `ridge_static`. Left out: every descriptor and every learned predictor."""
    published: Path = key(None)
    """A table of published correlations, as `softcage propensity --published` takes it, to put
    beside the learned predictors."""
    transfer: bool = False
    """Whether fits at other temperatures are tested here, and the fit here at others
    (`public/transfer/`), as `softcage transfer` does."""
    unseen: Annotated[list[Files], BeforeValidator(_listed)] = key([])
    """Configurations to predict by what was learned from all of `files`."""
    calibration: Path = key(None)
    """A table `calibration.csv`, with `cage.csv` beside it: the line that gives the softness. Left
    out: the depth alone."""


class Study(Group):
    """A study: the mixture, its state points and how they are analysed."""

    study: Name = "ka"
    """Name of the study and of its folder `<results>/<study>/`. Two studies share nothing."""
    results: Path = "results"
    """Folder of the studies; relative to where Snakemake runs, or absolute."""
    seed: Annotated[int, Field(title="whole number", ge=0, lt=2**63)] = 20220415
    """Seed of the study. The seed of a run comes from it, T and the replica alone, so adding or
    removing state points changes no other run."""
    mixture: Mixture = Mixture(**KOB_ANDERSEN)
    system: System = System()
    md: MD = MD()
    state_points: list[StatePoint] = key(PAPER_POINTS, min_length=1)
    """One entry a temperature; at least two, for the calibration."""
    replicas: Count = key(4, le=1000)
    """Independent runs (quenches) of each state point. All statistics use them."""
    structure: Structure = Structure()
    softness: Softness = Softness()
    dynamics: Dynamics = Dynamics()
    prediction: Prediction = Prediction()
    interpretations: Interpretations = Interpretations()
    propensity: Propensity = Propensity()
    descriptors: Descriptors = Descriptors()
    statistics: Statistics = Statistics()
    equilibration: Equilibration = Equilibration()
    resources: Resources = Resources()
    figures: Figures = Figures()
    claims: list[Claim] = PAPER_CLAIMS
    """The paper's numbers, to put beside ours in `comparison.csv`. In a study of another liquid
    (mixture, cut-off, density) they are *not applicable*; `[]` leaves them out."""
    public: list[PublicData] = []
    """Isoconfigurational files of others, for the target `public`; nothing else reads them."""


# ---------------------------------------------------------------- what is made of them
# Lists that mean the same in any order, which is then that of their numbers.
_SETS = (
    ("structure", "q_max_alternatives"),
    ("structure", "harmonic_range_alternatives"),
    ("softness", "delta_values"),
    ("dynamics", "hop_window_alternatives"),
    ("prediction", "propagator_times"),
    ("interpretations", "average_windows"),
    ("descriptors", "lengths"),
)


def complete(config: dict) -> None:
    """Bring a configuration, in place, into the one form that all its spellings share.

    It gets the keys that it leaves out, and all keys their order. 10 and 10.0, a cut-off for all
    pairs and the matrix of this cut-off, or the same widths in another order then give the same
    parameters of the rules, and nothing runs again because of them.
    """
    whole: dict = config
    for _ in range(2):  # the second time the defaults are validated too, which makes 20.0 of 20
        whole = Study.model_validate(whole).model_dump(exclude_none=True)
    for name, key_of_list in _SETS:
        whole[name][key_of_list].sort()
    whole["state_points"].sort(key=lambda point: point["T"])
    whole["propensity"]["temperatures"].sort(key=lambda point: point["T"])
    cutoff = whole["mixture"]["cutoff"]
    if isinstance(cutoff, list) and len(different := set(chain.from_iterable(cutoff))) == 1:
        (whole["mixture"]["cutoff"],) = different
    config.clear()
    config.update(whole)


def group(field: FieldInfo) -> type[Group] | None:
    """Return the model of what a key holds, alone or in a list; None if that is no group."""
    inner = (*get_args(field.annotation), field.annotation)[0]
    return inner if inspect.isclass(inner) and issubclass(inner, Group) else None


def keys(model: type[Group] = Study, above: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Yield the full name of every key, such as ``state_points[].T``, and what is said of it."""
    for name, field in model.model_fields.items():
        yield above + name, field
        if inner := group(field):
            entry = "[]." if get_origin(field.annotation) is list else "."
            yield from keys(inner, above + name + entry)

"""Thousands of broken configurations: each is refused in words that name a key, or can be run."""

import copy
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import study
from softcage.io.provenance import configuration_text
from softcage.md.simulation import Protocol
from softcage.model import Mixture
from study.config import keys
from study.sentences import full_name

ROOT = Path(__file__).resolve().parents[2]
CONFIGS = ROOT / "config"
FOLDER = "results"


def base(*overlays):
    """Return a configuration of the repository with few claims, so that a change hits others."""
    config = study.load(CONFIGS / "config.yaml", *(CONFIGS / name for name in overlays))
    del config["claims"][3:]
    return config


BASES = [base(), base("demo.yaml"), base("ka_wca.yaml")]
KEYS = {re.sub(r"\[\]", "[0]", name) for name, _ in keys()}

# ---------------------------------------------------------------- what a hand may write
numbers = st.one_of(
    st.integers(),
    st.integers(-(10**400), 10**400),
    st.floats(),
    st.sampled_from([0, -1, 1e-300, 1e300, -0.0, 10**30, 1e30, float("nan"), float("inf")]),
)
texts = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        [
            "",
            " ",
            "0.47",
            "1e-3",
            "nan",
            "T",
            "A",
            "0.47\n",
            "a b",
            "../x",
            "/",
            "{T}",
            "\x00",
            "%s",
        ]
    ),
)
scalars = st.one_of(numbers, texts, st.none(), st.booleans(), st.dates(), st.binary(max_size=4))
group_keys = st.one_of(texts, st.integers(), st.floats(), st.booleans(), st.none(), st.dates())
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(group_keys, inner, max_size=3),
    ),
    max_leaves=6,
)


def places(value, path=()):
    """Return the path of every value, groups and lists included."""
    found = [path] if path else []
    if isinstance(value, dict | list):
        entries = value.items() if isinstance(value, dict) else enumerate(value)
        for key, entry in entries:
            found += places(entry, (*path, key))
    return found


def at(config, path):
    for part in path:
        config = config[part]
    return config


def wrong_by_hand(value):
    """Return what becomes of a value by a slip of the hand."""
    slips = [[value], {"value": value}, str(value), None]
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e290:
        slips += [
            -value,
            0,
            value * 10**6,
            value * 1e-6,
            float(value),
            value + 0.1,
            1 / (value or 1),
        ]
    if isinstance(value, list):
        slips += [
            [],
            value[:-1],
            value[::-1],
            value + value[-1:],
            value + [value],
            dict(enumerate(value)),
        ]
    if isinstance(value, dict):
        slips += [list(value), list(value.values()), {}]
    return slips


@st.composite
def mutations(draw, config):
    """Change one place of a configuration, in place."""
    path = draw(st.sampled_from(places(config)))
    parent, key = at(config, path[:-1]), path[-1]
    kind = draw(st.sampled_from(["value", "slip", "slip", "remove", "add", "swap"]))
    if kind == "value":
        parent[key] = draw(values)
    elif kind == "slip":
        parent[key] = draw(st.sampled_from(wrong_by_hand(parent[key])))
    elif kind == "remove":
        del parent[key]
    elif kind == "swap":
        other = draw(st.sampled_from(places(config)))
        parent[key] = copy.deepcopy(at(config, other))
    elif isinstance(parent, dict):
        parent[draw(st.one_of(group_keys, st.just(f"{key}s"), st.sampled_from(["T", "delta"])))] = (
            draw(values)
        )
    else:
        parent.insert(draw(st.integers(0, len(parent))), draw(values))


@st.composite
def broken(draw):
    config = copy.deepcopy(draw(st.sampled_from(BASES)))
    for _ in range(draw(st.integers(1, 3))):
        if places(config):
            draw(mutations(config))
    return config


def full_names(config):
    """Return the keys that are known and those that are there, text or not."""
    names = {*KEYS, *(f"{name}[0]" for name in KEYS)}  # an entry of a default list
    for path in places(config):
        parts = [
            int(p) if isinstance(p, int) else p if isinstance(p, str) else repr(p) for p in path
        ]
        names |= {full_name(parts), full_name([*parts[:-1], str(parts[-1])])}
    return names


def assert_named(message, config):
    """A message is one line that begins with a key that is known or one of the configuration."""
    assert isinstance(message, str)
    assert message.isprintable(), message
    assert len(message) < 600, message
    names = {re.sub(r"\[-?\d+\]", "[0]", name) for name in full_names(config)}
    start = re.sub(r"\[-?\d+\]", "[0]", message)
    words = (" is", " has", " runs", " needs", " holds")
    assert any(start.startswith(name + word) for name in names for word in words), message


def assert_runnable(config):
    """Everything that is made of an accepted configuration before the first job can be made."""
    mixture = Mixture.from_dict(config["mixture"])
    rows = study.state_points(config)
    counts = mixture.counts(config["system"]["particles"])
    assert counts.sum() == config["system"]["particles"] and counts.min() > 0
    assert len({study.label(row["T"]) for row in rows}) == len(config["state_points"])
    assert all(0 <= row["seed"] < 2**63 for row in rows)
    for row in rows[:: config["replicas"]]:
        protocol = Protocol(**study.protocol(config, study.label(row["T"]), row["replica"]))
        assert protocol.produce >= protocol.uniform_stride > 0 and protocol.log_period > 0
        for name in ("melt", "cool", "equilibrate", "produce", "uniform_stride", "thermo_stride"):
            assert 0 <= getattr(protocol, name) < 2**40
        r = np.array([0.9])
        assert np.isfinite(mixture.potential(0, 0, r)).all()
    saved = yaml.safe_load(configuration_text(config))
    assert saved == {key: config[key] for key in saved} and config.keys() - saved == {"resources"}


@pytest.fixture(autouse=True, scope="module")
def elsewhere(tmp_path_factory):
    """Folders are looked for, and never made, in an empty place."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("elsewhere")
        patch.chdir(folder)
        yield
        assert list(folder.iterdir()) == []


@settings(max_examples=2000, deadline=None, suppress_health_check=list(HealthCheck))
@given(config=broken())
def test_a_broken_configuration_is_refused_in_words_or_can_be_run(config):
    found = study.problems(config)
    assert isinstance(found, list)
    for message in found:
        assert_named(message, config)
    if not found:
        study.complete(config)
        assert_runnable(config)


# ---------------------------------------------------------------- what must not be refused
@st.composite
def sensible(draw):
    """Another study that makes sense: temperatures, sizes, times, mixtures, looks."""
    config = copy.deepcopy(draw(st.sampled_from(BASES)))
    names = draw(st.permutations(["A", "B", "C", "Na", "Cl"]))
    fractions = draw(st.sampled_from([[1.0], [0.8, 0.2], [0.5, 0.5], [0.6, 0.25, 0.15]]))
    n = len(fractions)
    size = st.floats(0.8, 1.1)
    matrix = np.ones((n, n))
    for i in range(n):
        for j in range(i + 1):
            matrix[i, j] = matrix[j, i] = draw(size)
    config["mixture"] = {
        "species": list(names[:n]),
        "fractions": fractions,
        "masses": [draw(st.floats(0.1, 10)) for _ in range(n)],
        "sigma": matrix.tolist(),
        "epsilon": (2 * matrix).tolist(),
        "cutoff": draw(st.sampled_from([2 ** (1 / 6), 2, 2.5, (2.5 * np.ones((n, n))).tolist()])),
    }
    config["system"]["particles"] = 20 * draw(st.integers(50, 1000))
    config["seed"] = draw(st.integers(0, 2**63 - 1))
    config["replicas"] = draw(st.integers(1, 20))
    config["state_points"] = [
        {"T": k / 100, "equilibration": draw(st.integers(0, 10**6)), "production": 15.0 * n}
        for k, n in draw(
            st.dictionaries(st.integers(1, 300), st.integers(1, 500), min_size=2)
        ).items()
    ]
    config["figures"] = {"width": draw(st.floats(1, 20)), "dpi": draw(st.integers(30, 1200))}
    config["statistics"] = {
        "blocks": draw(st.integers(2, 30)),
        "block_relaxation_times": draw(st.floats(0.5, 10)),
        "resamples": draw(st.integers(2, 999)),
    }
    bins = config["prediction"]["softness_bins"]
    bins["stop"] = bins["start"] + bins["width"] * draw(st.integers(2, 1000))
    return config


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(config=sensible())
def test_a_sensible_configuration_is_not_refused(config):
    assert study.problems(config) == []
    assert_runnable(config)


# ---------------------------------------------------------------- broken files
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- study\n- tiny", "holds ['study', 'tiny']; it must be a group of keys"),
        ("tiny", "holds 'tiny'; it must be a group of keys"),
        ("study: [tiny", "while parsing a flow sequence"),
        ("study: tiny\n\tseed: 1", "found character '\\t'"),
        ("study: a: b", "mapping values are not allowed here"),
        ("study: *name", "undefined alias"),
        ("study: !!python/object:os.system {}", "could not determine a constructor"),
        ("\x00", "special characters are not allowed"),
    ],
    ids=repr,
)
def test_a_file_that_is_no_configuration_is_refused_with_its_place(tmp_path, text, words):
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises((yaml.YAMLError, ValueError)) as error:
        study.load(CONFIGS / "config.yaml", path)
    assert words in str(error.value)
    assert "mine.yaml" in str(error.value)


def test_an_empty_file_changes_nothing(tmp_path):
    (tmp_path / "mine.yaml").write_text("# nothing yet\n")
    path = CONFIGS / "config.yaml"
    assert study.load(path, tmp_path / "mine.yaml") == study.load(path)


def test_an_alias_that_holds_itself_is_refused(tmp_path):
    (tmp_path / "mine.yaml").write_text("claims: &all [*all]\n")
    (message,) = study.problems(study.load(CONFIGS / "config.yaml", tmp_path / "mine.yaml"))
    assert message.startswith("claims[0] is [[...]]; it must be a group of keys")


@pytest.mark.parametrize("config", [[], None, "text", 3, {None: None}, {"study": {}}])
def test_anything_else_than_a_configuration_is_refused(config):
    assert study.problems(config)


@pytest.mark.parametrize(
    ("words", "status"),
    [("makes sense", 0), ("studie is an unknown key; did you mean study?", 1), ("absent.yaml", 1)],
)
def test_the_check_by_hand_says_what_it_found(tmp_path, words, status):
    overlay = tmp_path / "mine.yaml"
    overlay.write_text({"makes sense": "seed: 1"}.get(words, "studie: mine"))
    if words == "absent.yaml":
        overlay = tmp_path / "absent.yaml"
    command = [sys.executable, "-m", "study", "check", overlay]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "workflow")}
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment)
    assert words in (done.stderr if status else done.stdout)
    assert done.returncode == status

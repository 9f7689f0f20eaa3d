"""The configuration is checked before anything runs; runs and their code are found from it."""

import copy
import os
import re
import subprocess
import sys
import time
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest
import yaml
from annotated_types import BaseMetadata

import study
from softcage import defaults
from softcage.io.provenance import configuration_text
from study import config as config_keys
from study import documents

ROOT = Path(__file__).resolve().parents[2]
PAPER = ROOT / "config" / "config.yaml"
DEMO = ROOT / "config" / "demo.yaml"
WCA = ROOT / "config" / "ka_wca.yaml"


@pytest.fixture
def config(tmp_path):
    merged = study.load(PAPER, DEMO)
    merged["results"] = str(tmp_path / "results")
    return merged


def change(config, key, value):
    """Set a key given by its full name; ``...`` removes it."""
    *groups, last = [int(part) if part.isdigit() else part for part in key.split(".")]
    for part in groups:
        config = config[part]
    if value is ...:
        del config[last]
    else:
        config[last] = value


@pytest.mark.parametrize("files", [(PAPER,), (PAPER, DEMO), (PAPER, WCA)])
def test_the_configurations_in_the_repository_make_sense(files):
    assert study.problems(study.load(*files)) == []


BAD = [
    # key, value, words of the message
    ("softnes", {}, "softnes is an unknown key; did you mean softness?"),
    ("md.time_step", 0.001, "md.time_step is an unknown key; did you mean md.timestep?"),
    ("delta", 0.09, "delta is an unknown key; did you mean softness.delta?"),
    ("state_points.0.temperature", 1.0, "state_points[0].temperature is an unknown key"),
    ("state_points.0.T", -0.47, "state_points[0].T is -0.47; it must be at least 0.001"),
    ("state_points.1.T", 0.47, "state_points[1].T is 0.47; state_points[0] has that"),
    ("state_points.0.T", 5.0, "the melt must not be colder than the hottest state point, T = 5"),
    ("state_points.0.trajectory", 3, "state_points[0].trajectory is 3; it must be a group of keys"),
    ("state_points.0.trajectory", "no.gsd", "state_points[0].trajectory: there is no file no.gsd"),
    ("state_points.0.trajectory", [str(DEMO)] * 2, "has 2 paths; replicas is 1"),
    ("state_points.0.trajectory", {"path": str(DEMO), "species": {"C": 1}}, "species has C; mixtu"),
    ("state_points.0.trajectory", {"path": str(DEMO), "interval": 0.501}, "interval is 0.501; it"),
    (
        "state_points.0.trajectory",
        {"path": "no.gsd", "start": "x"},
        "state_points[0].trajectory.start is an unknown key; did you mean state_points[].start?",
    ),
    ("state_points", [], "state_points is []; it needs at least 1"),
    ("state_points", [{"T": 0.8, "equilibration": 60, "production": 200}], "at least two temp"),
    ("state_points.0.T", 1e-5, "state_points[0].T is 1e-05; it must be at least 0.001"),
    ("state_points.0.equilibration", 1e11, "[0].equilibration is 1e+11; that makes 4e+13 steps"),
    ("state_points.0.production", 1e7, "[0].production is 1e+07; that makes 2e+07 frames"),
    ("state_points.0.start", "a\n", "state_points[0].start is 'a\\n'; it must be a path without"),
    ("state_points.0.production", 10.0, "state_points[0].production is 10; it is shorter than the"),
    ("state_points.0.production", 250.1, "state_points[0].production is 250.1"),
    ("state_points.0.equilibration", 0.001, "state_points[0].equilibration is 0.001"),
    ("resources.simulation.runtime", "12h", "resources.simulation.runtime is '12h'; it must be"),
    ("resources.short.mem_mb", 0, "resources.short.mem_mb is 0; it must be at least 1"),
    ("resources.short.queue", "x", "resources.short.queue is an unknown key; known here: runtime"),
    ("resources.scoring.runtime", ..., "resources.scoring.runtime is missing"),
    ("softness.delta", 0, "softness.delta is 0; it must be greater than 0"),
    ("softness.delta", -0.09, "softness.delta is -0.09; it must be greater than 0"),
    ("softness.delta", 0.1, "softness.delta is 0.1; it must be one of softness.delta_values"),
    (
        "softness.delta_values",
        [0.09, 0.09],
        "softness.delta_values[1] is 0.09, which is there already",
    ),
    ("softness.delta_values", [0.09, 2.0], "smeared by 2, the first shell reaches beyond half"),
    ("softness.average_window", 0.3, "softness.average_window is 0.3"),
    ("descriptors.average_window", 0.3, "descriptors.average_window is 0.3; it must be a whole"),
    ("descriptors.lengths", [1.5, 4.8], "lengths is [1.5, 4.8]; an average over exp(-r/L) does"),
    ("descriptors.lengths", [2, 2.0], "descriptors.lengths[1] is 2, which is there already"),
    (
        "propensity.temperatures",
        [{"T": 0.8, "configurations": 3, "times": [1, 1.0001]}],
        "times at T = 0.8 are [1, 1.0001]; each must be another number of steps of md.timestep",
    ),
    (
        "propensity.temperatures",
        [{"T": 0.8}],
        "temperatures[0] has neither configurations, a num",
    ),
    (
        "propensity.temperatures",
        [{"T": 0.44, "files": str(DEMO)}],
        "propensity.temperatures[0] has files, but no times",
    ),
    (
        "propensity.temperatures",
        [{"T": 0.44, "files": "no.npz", "times": [1]}],
        "propensity.temperatures[0]: there is no file no.npz",
    ),
    (
        "propensity.temperatures",
        [{"T": 0.44, "files": str(DEMO), "times": [1], "configurations": 2}],
        "propensity.temperatures[0] has 1 of the 2 files",
    ),
    ("system.particles", 150, "system.particles is 150; the box edge"),
    ("system.particles", 1001, "system.particles is 1001; with mixture.fractions"),
    ("system.particles", 1000.0, "system.particles is 1000.0; it must be a whole number"),
    ("system.particles", None, "system.particles is empty; it must be a whole number"),
    ("system.particles", 10**30, "system.particles is a number of 30 digits"),
    ("system.density", "dense", "system.density is 'dense'; it must be a number"),
    ("mixture.sigma", ..., "mixture.sigma is missing"),
    ("state_points.0.T", ..., "state_points[0].T is missing"),
    ("md.timestep", "2e-3", "YAML reads 2e-3 as text: write 2.0e-3"),
    ("system.particles", "1.5e3", "YAML reads 1.5e3 as text: write 1.5e+3"),
    ("resources.short.account", "", "resources.short.account is ''; it must not be empty"),
    ("md.timestep", float("nan"), "md.timestep is nan; it must be a finite number"),
    ("md.frame_interval", 0.501, "md.frame_interval is 0.501; it must be a whole number of"),
    ("md.log_block_time", 0.001, "md.log_block_time is 0.001"),
    ("md.threads", True, "md.threads is True; it must be a whole number"),
    ("md.melt_temperature", 0.5, "md.melt_temperature is 0.5; the melt must not be colder"),
    ("dynamics.hop_window", 0.5, "dynamics.hop_window is 0.5; it must hold at least two frames"),
    ("dynamics.hop_window", 15.5, "dynamics.hop_window is 15.5; each half must be"),
    ("dynamics.hop_window_alternatives", [15], "dynamics.hop_window_alternatives[0] is 15"),
    ("dynamics.hop_window_alternatives", [0.5], "hop_window_alternatives[0] is 0.5; it must hold"),
    ("dynamics.p_c", "guess", "dynamics.p_c is 'guess'; it must be 'measured' or 'paper'"),
    ("structure.q_match", [14, 10], "structure.q_match is [14, 10]; the first"),
    ("structure.q_match", [10, 25], "structure.q_match is [10, 25]; it must end at or below"),
    ("structure.q_match", [10], "structure.q_match is [10]; it needs at least 2"),
    ("structure.q_bin", 1e-6, "structure.q_bin is 1e-06; that makes 6e+07 bins"),
    ("structure.q_bin", 12, "structure.q_bin is 12; a shell must be narrower"),
    ("structure.r_bin", 1e-6, "structure.r_bin is 1e-06; that makes 4.71e+06 bins"),
    ("structure.q_max", 900, "structure.q_max is 900; that makes 9.8e+09 wave vectors"),
    ("structure.frames", 7, "statistics.blocks is 8; with structure.frames = 7"),
    ("softness.stride", 60, "statistics.blocks is 8; with softness.stride = 60"),
    ("softness.average_window", 300, "softness.average_window is 300; it is longer than a run"),
    (
        "softness.delta_values",
        [0.09, 1e-4],
        "softness.delta_values[1] is 0.0001; it must be at least 0.001",
    ),
    ("structure.q_max_alternatives", [20], "structure.q_max_alternatives[0] is 20"),
    (
        "structure.harmonic_range_alternatives",
        [0.1, 0.05],
        "structure.harmonic_range_alternatives[1] is 0.05, which is there already",
    ),
    ("structure.harmonic_range_alternatives", [0], "harmonic_range_alternatives[0] is 0; it must"),
    ("statistics.block_relaxation_times", 0, "statistics.block_relaxation_times is 0; it must be"),
    ("prediction.softness_bins.width", 1e-9, "softness_bins.width is 1e-09; that makes 1e+07"),
    ("dynamics.p_c_paper", {"a": 1}, "dynamics.p_c_paper has the key 'a'; it must be a number"),
    ("md.thermostat_time", 0.01, "md.thermostat_time is 0.01; a thermostat faster than 10"),
    ("prediction.softness_bins.stop", 0, "prediction.softness_bins runs from 0 to 0"),
    ("mixture.fractions", [0.8, 0.3], "mixture.fractions is [0.8, 0.3]; the sum must be 1"),
    ("mixture.fractions", [1.0], "mixture.fractions has 1 entries for 2 species"),
    ("mixture.sigma", [[1, 0.8], [0.7, 0.88]], "mixture.sigma is [[1, 0.8], [0.7, 0.88]]; it must"),
    ("mixture.fractions", [0.999, 0.001], "has only 1 particles: each needs 10 for its g(r)"),
    ("mixture.species", ["Abcd", "B"], "mixture.species[0] is 'Abcd'; it must be a letter"),
    ("mixture.sigma", [[1.0]], "mixture.sigma is [[1]]; it must have 2 rows of 2 numbers"),
    ("mixture.sigma", [[1, 0.8], [0.8]], "mixture.sigma is [[1, 0.8], [0.8]]; it must have"),
    ("mixture.epsilon", [[1, 1.5], [1.5]], "mixture.epsilon is [[1, 1.5], [1.5]]; it must have"),
    ("mixture.cutoff", -2.5, "mixture.cutoff is -2.5"),
    ("mixture.species", ["A", "A"], "mixture.species is ['A', 'A']; an entry appears twice"),
    ("study", "tiny\n", "study is 'tiny\\n'; it must be letters, digits"),
    ("results", "a\x00b", "results is 'a\\x00b'; it must be a path without"),
    ("study", "../elsewhere", "study is '../elsewhere'; it must be letters, digits"),
    ("results", "/dev/null/x", "results is '/dev/null/x'; /dev/null/x/demo cannot be written"),
    ("results", "/" + 300 * "x", "cannot be written: File name too long"),
    ("claims.0.id", "p_d", "claims[0].id is 'p_d'; it must be one of p_c"),
    ("public", [{"name": "a", "files": "no.npz", "temperature": 1}], "public[0]: there is no file"),
    ("public", [{"name": "demo", "files": str(DEMO), "temperature": 1}], "published under that"),
    ("public", [{"name": "a", "temperature": 1}], "public[0].files is missing"),
    ("public", [{"name": "transfer", "files": str(DEMO), "temperature": 1}], "fits at other temp"),
    (
        "public",
        [{"name": "a", "files": str(DEMO), "temperature": 1, "predictors": ["ridge_my"]}],
        "public[0].predictors has 'ridge_my'; there are ridge_cage",
    ),
    (
        "public",
        [{"name": "a", "files": str(DEMO), "temperature": 1, "transfer": True}],
        "public: transfer at T = 1 only",
    ),
    (
        "public",
        [
            {"name": name, "files": str(DEMO), "temperature": 1, "transfer": True}
            for name in ("a", "b")
        ],
        "public: transfer is true for several sets at T = 1;",
    ),
    (
        "propensity.temperatures",
        [{"T": 0.47, "configurations": 2, "copies": 3}],
        "propensity.temperatures[0] has 3 copies of 2 configurations",
    ),
    (
        "propensity.temperatures",
        [{"T": 0.47, "files": str(DEMO), "times": [1.0], "copies": 1}],
        "copies need the study's own runs",
    ),
    ("figures.dpi", 5, "figures.dpi is 5; it must be at least 30"),
    ("replicas", 0, "replicas is 0; it must be at least 1"),
    ("seed", 2**63, "seed is a number of 19 digits; it must be less than"),
    ("mixture.masses", [1.0, "1.0"], "mixture.masses[1] is '1.0'; it must be a number (text: wr"),
]


@pytest.mark.parametrize(("key", "value", "words"), BAD, ids=[f"{k}={v}" for k, v, _ in BAD])
def test_one_message_names_the_key(config, key, value, words):
    change(config, key, value)
    found = study.problems(config)
    assert any(words in message for message in found), found
    assert len(found) == 1, found


def test_a_folder_without_permission_is_refused(config, tmp_path):
    if os.geteuid() == 0:
        pytest.skip("root may write anywhere")
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    config["results"] = str(locked / "results")
    message = study.unwritable(config)
    assert message.startswith("results is") and "cannot be written" in message


def test_asking_whether_a_folder_can_be_written_leaves_nothing(config, tmp_path):
    assert study.unwritable(config) == "" and list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("published", ["paper", "public"])
@pytest.mark.parametrize("folder", ["results", str(ROOT / "results"), "results/{}"])
def test_no_study_writes_where_the_published_results_are(config, folder, published, monkeypatch):
    monkeypatch.chdir(ROOT)
    inside = "{}" in folder
    config |= {"results": folder.format(published), "study": "mine" if inside else published}
    (message,) = study.problems(config)
    assert re.match(
        rf"study is '({published}|mine)'; .*results/{published}.* is a published snapshot", message
    )
    config["study"] = "paper2"
    assert (study.problems(config) == []) == (not inside)


def test_checking_writes_nothing(config, tmp_path):
    assert study.problems(config) == []
    assert list(tmp_path.iterdir()) == []


def test_paper_thresholds_are_needed_where_they_are_used(config):
    config["dynamics"]["p_c"] = "paper"
    assert study.problems(config) == []
    config["state_points"][0]["T"] = 0.45
    assert study.problems(config) == [
        "dynamics.p_c_paper has no value for T = 0.45, and dynamics.p_c is paper"
    ]


def test_the_box_message_says_how_many_particles_are_enough(config):
    config["system"]["particles"] = 150
    (message,) = study.problems(config)
    config["system"]["particles"] = 5 * -(-int(message.split()[-2]) // 5)  # 80:20 needs fives
    assert study.problems(config) == []


def test_the_wca_study_is_the_same_mixture_without_attractions():
    from softcage.model import Mixture, kob_andersen

    config = study.load(PAPER, WCA)
    mixture, model = Mixture.from_dict(config["mixture"]), kob_andersen()
    assert np.allclose(mixture.sigma, model.sigma) and np.allclose(mixture.epsilon, model.epsilon)
    for u in range(2):
        for v in range(2):
            r = model.sigma[u, v] * np.linspace(0.85, 1.6, 200)
            energy = mixture.potential(u, v, r)
            full = mixture.pair(u, v).energy(r) + mixture.epsilon[u, v]
            inside = r <= 2 ** (1 / 6) * mixture.sigma[u, v]
            assert np.allclose(energy, np.where(inside, full, 0), atol=1e-12)
    assert config["system"]["density"] == study.load(PAPER)["system"]["density"]
    assert config["claims"] == []
    assert study.results(config) != study.results(study.load(PAPER))


def test_other_mixtures_need_only_the_config(config):
    config["mixture"] = {
        "species": ["A"],
        "fractions": [1.0],
        "masses": [1.0],
        "sigma": [[1.0]],
        "epsilon": [[1.0]],
        "cutoff": [[2 ** (1 / 6)]],
    }
    assert study.problems(config) == []


def test_times_of_the_propensity_are_those_of_its_temperature(config):
    config["propensity"]["temperatures"] = [
        {"T": 0.47, "configurations": 3},
        {"T": 0.80, "configurations": 3, "times": [0.1, 10]},
    ]
    assert study.problems(config) == []
    study.complete(config)
    assert study.recording_times(config, "0.47") == config["propensity"]["times"]
    assert study.recording_times(config, "0.8") == [0.1, 10]


@pytest.mark.parametrize("species", [["A"], ["A", "B", "C"]])
def test_beyond_is_for_two_species(config, species):
    assert study.refused_beyond(config) is None
    config["mixture"]["species"] = species
    refusal = study.refused_beyond(config)
    assert refusal.startswith(f"mixture.species is {species}; the target beyond is for mixtures of")


# ---------------------------------------------------------------- the keys and what is made of them
def test_every_key_is_described_with_a_short_comment_and_no_limit_that_another_hides():
    for name, field in config_keys.keys():
        words = documents.sentence(field)
        assert words.endswith("."), name
        kinds = [type(limit) for limit in field.metadata if isinstance(limit, BaseMetadata)]
        assert len(kinds) == len(set(kinds)), f"{name}: pydantic takes the last of {field.metadata}"


def test_the_page_and_the_default_configuration_are_made_from_the_keys():
    page = (ROOT / "config" / "README.md").read_text()
    assert documents.readme(page) == page, "python -m study.documents"
    assert documents.config_yaml() == PAPER.read_text(), "python -m study.documents"
    for name, _ in config_keys.keys():
        shared = re.sub(r"depth_bins[.]|(scoring|analysis|short)[.]", "", name) != name
        assert shared or f"`{name}`" in page, f"config/README.md does not explain {name}"


def test_the_default_configuration_is_what_the_keys_say():
    default = {}
    study.complete(default)
    written = study.load(PAPER)
    assert written == default and list(written) == list(default)
    study.complete(written)
    assert repr(written) == repr(default)  # values, types and order
    assert default["structure"]["q_max"] == defaults.Q_MAX


def test_the_keys_need_no_physics():
    """What is imported for them alone computes nothing: no kernels, no trajectories, no tables."""
    physics = {"numba", "scipy", "pandas", "h5py", "mdtraj", "matplotlib"}
    code = f"import sys, study.config; print(*{physics} & set(sys.modules))"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "workflow")}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.split() == []


def test_a_configuration_is_completed_in_place_in_one_order(config):
    written = copy.deepcopy(config)
    study.complete(written)
    for group in ("system", "figures", "claims"):
        config.pop(group)
    del config["md"]["timestep"]
    config = dict(reversed(config.items()))
    config["md"] = OrderedDict(reversed(config["md"].items()))
    same = config
    study.complete(config)
    default = study.load(PAPER)
    study.complete(default)
    written |= {group: default[group] for group in ("system", "figures", "claims")}
    assert config is same
    assert yaml.safe_dump(config, sort_keys=False) == yaml.safe_dump(written, sort_keys=False)


# the same in another spelling: 10 and 10.0, a cut-off for all pairs, lists that are sets
SPELLINGS = [
    ("mixture.masses", [1, 1], [1.0, 1.0]),
    ("mixture.sigma", [[1, 0.8], [0.8, 0.88]], [[1.0, 0.80], [0.80, 0.88]]),
    ("mixture.cutoff", 2.5, [[2.5, 2.5], [2.5, 2.5]]),
    ("state_points.0.T", 1, 1.0),
    ("state_points.0.equilibration", 500, 500.0),
    ("dynamics.hop_window", 15, 15.0),
    ("dynamics.hop_window_alternatives", [30, 75], [75.0, 30.0]),
    ("dynamics.p_c_paper", {1: 0.2}, {1.0: 0.2}),
    ("softness.delta_values", [0.04, 0.09], [0.09, 0.04]),
    ("structure.q_max", 20, 20.0),
    ("structure.q_max_alternatives", [10, 30], [30.0, 10.0]),
    ("figures.width", 4, 4.0),
    ("claims.0.value", 1, 1.0),
]


@pytest.mark.parametrize(("key", "one", "other"), SPELLINGS, ids=[s[0] for s in SPELLINGS])
def test_two_spellings_of_a_value_are_one_configuration(config, key, one, other):
    both = []
    for value in (one, other):
        both.append(copy.deepcopy(config))
        change(both[-1], key, value)
        study.complete(both[-1])
    assert repr(both[0]) == repr(both[1])


def test_temperatures_in_another_order_are_one_configuration(config):
    other = copy.deepcopy(config)
    other["state_points"].reverse()
    study.complete(other)
    study.complete(config)
    assert repr(other) == repr(config)


def test_the_home_folder_is_looked_up_in_paths(config, monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    config["results"] = "~/results"
    change(config, "state_points.0.start", "~/warm.npz")
    study.complete(config)
    assert study.results(config) == "/home/me/results/demo"
    assert study.starts(config, 0.47) == ["/home/me/warm.npz"]


def test_merging_is_deep_for_groups_and_whole_for_lists():
    merged = study.load(PAPER, DEMO)
    assert merged["system"] == {"particles": 1000, "density": 1.2}
    assert merged["md"]["timestep"] == 0.0025
    assert merged["state_points"] == yaml.safe_load(DEMO.read_text())["state_points"]


def test_keys_given_twice_are_found_at_every_depth(tmp_path):
    path = tmp_path / "two.yaml"
    path.write_text("a: 1\nb: {c: 1, d: 2}\ne:\n  - {T: 1, T: 2}\nf: &x\n  g: *x\na: 2\n")
    first, second = sorted(study.misread([path]))
    assert first.startswith(f"{path}: a is given twice, in lines 1 and 7")
    assert second.startswith(f"{path}: e[0].T is given twice, in lines 4 and 4")
    assert study.misread([DEMO]) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "resources: {simulation: {runtime: 2:00:00}}",
            "resources.simulation.runtime is 2:0",
        ),
        ("md: {melt_time: 1:30.5}", "md.melt_time is 1:30.5, which YAML reads in base 60 as 90.5"),
        ("seed: 010", "seed is 010, which YAML reads in base 8 as 8: write it without the leading"),
        ("a: [1, -017]", "a[1] is -017, which YAML reads in base 8 as -15"),
        ("a: [0, 0.5, -0.1, 10, 1e+3, 0.0, '010', '2:00', 2022-04-15, 00:x]", ""),
    ],
)
def test_numbers_that_yaml_reads_in_another_base_are_named(text, words, tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text(text)
    found = study.misread([path])
    assert [message.startswith(f"{path}: {words}") for message in found] == [True] * bool(words)


def test_the_saved_configuration_reads_back(config, tmp_path):
    study.complete(config)
    path = tmp_path / "config.yaml"
    path.write_text(configuration_text(config))
    del config["resources"]  # no result depends on them
    assert study.load(path) == config


@pytest.mark.workflow
@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ("seed=3", ""),
        ("dynamics={p_c: paper}", ""),
        ("seed=x", "seed is 'x'; it must be a whole number"),
        ("softness={delta: 0.04}", ""),
        ("softness={delta: 0.05}", "softness.delta is 0.05; it must be one of"),
        ("replicas=0", "replicas is 0; it must be at least 1"),
        ("softness={delt: 0.04}", "softness.delt is an unknown key; did you mean softness.delta?"),
    ],
)
def test_keys_of_the_command_line_are_checked_like_those_of_files(argument, words, tmp_path):
    command = [sys.executable, "-m", "snakemake", "-n", "--quiet", "--cores", "1", "--config"]
    options = [argument, "--snakefile", ROOT / "Snakefile", "--directory", tmp_path]
    done = subprocess.run(
        [*command, *options, "--configfile", DEMO], capture_output=True, text=True, cwd=ROOT
    )
    assert (done.returncode == 0) == (words == ""), done.stdout
    assert words in done.stdout


def test_groups_of_the_command_line_have_numbers():
    given = {"dynamics": {"p_c_paper": {"0.47": "0.1"}, "p_c": "paper"}, "study": "7"}
    config = {"dynamics": {"p_c_paper": {0.47: 0.2, "0.47": "0.1"}, "p_c": "paper"}, "study": "7"}
    study.read_groups(config, given)
    assert config == {"dynamics": {"p_c_paper": {0.47: 0.1}, "p_c": "paper"}, "study": "7"}
    lists = {"masses": ["1.0", "on e: [", "yes", "010", "2:00"]}
    study.read_groups(lists, {"masses": []})
    assert lists == {"masses": [1.0, "on e: [", True, "010", "2:00"]}


# ---------------------------------------------------------------- what jobs ask for
def test_a_class_asks_for_what_the_configuration_says(config):
    config["resources"]["simulation"] |= {"partition": "long", "account": "glass"}
    asked = study.resources(config, "simulation")
    given = config["resources"]["simulation"]
    assert asked == {
        "runtime": given["runtime"],
        "mem_mb": given["mem_mb"],
        "slurm_partition": "long",
        "slurm_account": "glass",
    }


def test_another_attempt_asks_for_more(config):
    asked = study.resources(config, "scoring")
    given = config["resources"]["scoring"]
    assert asked.keys() == {"runtime", "mem_mb"}
    for key in asked:
        assert [asked[key](None, attempt=n) for n in (1, 3)] == [given[key], 2 * given[key]]


def test_the_end_of_the_cluster_log_of_a_failed_job_is_found(tmp_path):
    """The last attempt at each job; a log that is gone is passed over."""
    folder = tmp_path / ".snakemake" / "slurm_logs" / "rule_a"
    folder.mkdir(parents=True)
    for job in (7, 8):
        (folder / f"{job}.log").write_text("\n".join(f"{job}: line {n}" for n in range(100)))
    log = tmp_path / "snakemake.log"
    log.write_text(
        "rule a:\n    log: results/a.log\n"
        f"    log: results/a.log, {folder}/7.log (check log file(s) for error details)\n"
        f"    log: results/a.log, {folder}/8.log (check log file(s) for error details)\n"
        f"    log: {folder.parent}/rule_b/9.log (check log file(s) for error details)\n"
    )
    (message,) = study.cluster_messages([log], lines=2)
    assert message.splitlines() == [f"The end of {folder}/8.log:", "  8: line 98", "  8: line 99"]


# ---------------------------------------------------------------- runs
def test_seeds_depend_on_nothing_but_study_temperature_and_replica(config):
    config["replicas"] = 3
    before = {(row["T"], row["replica"]): row["seed"] for row in study.state_points(config)}
    assert len(set(before.values())) == 15
    other = copy.deepcopy(config)
    other["state_points"] = [
        {"T": 1.0, "equilibration": 50, "production": 100},
        *reversed(other["state_points"][1:]),
    ]
    other["replicas"] = 2
    for row in study.state_points(other):
        if row["T"] != 1.0:
            assert row["seed"] == before[row["T"], row["replica"]]
    other["seed"] += 1
    assert not {row["seed"] for row in study.state_points(other)} & set(before.values())


def test_seeds_stay_what_they_are():
    # a change here would make every study a different one
    assert study.seed(20220415, 0.47, 0) == 4764848187614551405
    assert study.seed(20220415, 0.80, 0) == 7400201078146873112


def test_state_points_are_in_steps_and_coldest_first(config):
    rows = study.state_points(config)
    assert [row["T"] for row in rows] == [0.47, 0.53, 0.58, 0.70, 0.80]
    assert rows[0]["production_steps"] == 80_000
    assert study.state_point(config, "0.7", "0")["T"] == 0.70
    with pytest.raises(ValueError, match="no state point T = 0.9"):
        study.state_point(config, "0.9", "0")


def test_a_protocol_has_what_the_simulation_takes(config):
    from dataclasses import fields

    from softcage.md.simulation import Protocol

    protocol = study.protocol(config, "0.47", "0")
    assert set(protocol) == {field.name for field in fields(Protocol)}
    assert Protocol(**protocol).uniform_stride == 200


def test_a_state_point_with_a_start_neither_melts_nor_cools(config):
    config["state_points"][0]["start"] = "results/other/md/T0.53/r0/final.npz"
    assert study.starts(config, "0.47") == ["results/other/md/T0.53/r0/final.npz"]
    assert study.starts(config, "0.53") == []
    protocol = study.protocol(config, "0.47", "0")
    assert (protocol["melt"], protocol["cool"]) == (0, 0)
    assert protocol["start"] == "results/other/md/T0.53/r0/final.npz"
    assert study.problems(config) == []


# ---------------------------------------------------------------- the code of a rule
@pytest.fixture
def package(tmp_path, monkeypatch):
    files = {
        "softcage/__init__.py": "",
        "softcage/a.py": "from .b import f",
        "softcage/b.py": "import numpy\nfrom . import c",
        "softcage/c.py": "import softcage.d as d",
        "softcage/d.py": "from softcage import constant",
        "softcage/log.py": "from softcage import only_log",
        "softcage/only_log.py": "",
        "softcage/unused.py": "from softcage import a",
        "softcage/sub/__init__.py": "from .deep import x",
        "softcage/sub/deep.py": "from ..e import y",
        "softcage/e.py": "from softcage.a import f  # a circle is no problem\nimport softcage.sub",
        "scripts/one.py": "from softcage.a import f\nfrom softcage.log import logged",
        "scripts/two.py": "def main():\n    from softcage import sub",
        "scripts/none.py": "import numpy",
        "softcage/table.csv": "T",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.setattr(study.code_inputs, "WORKFLOW", tmp_path)
    return tmp_path


def modules(folder, *names):
    return sorted(folder / "softcage" / f"{name}.py" for name in names)


def test_library_follows_imports(package):
    assert study.library("one.py") == modules(
        package, "__init__", "a", "b", "c", "d", "log", "only_log"
    )
    assert study.library("none.py") == []


def test_library_finds_packages_and_imports_inside_functions(package):
    assert study.library("two.py") == modules(
        package, "__init__", "a", "b", "c", "d", "e", "sub/__init__", "sub/deep"
    )


def test_library_leaves_out_what_it_is_told_to(package):
    assert study.library("one.py", ["log"]) == modules(package, "__init__", "a", "b", "c", "d")


def test_the_code_of_a_rule_is_known_by_its_contents(package):
    before = study.code("one.py", data=["table.csv"])
    names = [entry.partition(" ")[0] for entry in before]
    assert names[0] == "scripts/one.py" and names[-1] == "softcage/table.csv"
    assert len(set(names)) == len(before) == 2 + len(study.library("one.py"))
    os.utime(package / "scripts" / "one.py")
    (package / "softcage" / "b.py").write_text("y = 2")
    study.code_inputs._digest.cache_clear()
    changed = set(study.code("one.py", data=["table.csv"])) ^ set(before)
    assert {entry.partition(" ")[0] for entry in changed} == {"softcage/b.py"}


def test_library_of_the_simulation_is_what_can_change_a_trajectory():
    rule = (ROOT / "workflow" / "rules" / "simulate.smk").read_text()
    ignored = re.findall(r'"([\w.]+)"', re.search(r"ignore=\[(.*?)\]", rule, re.DOTALL)[1])
    names = {Path(p).stem for p in study.library("simulate.py", ignored)}
    assert {"forces", "model"} <= names
    assert not {"log", "progress", "caches", "rdf", "local_rdf", "local_depth", "style"} & names


def leaves(value, path=()):
    """Yield the path of every value, groups and lists included."""
    if path:
        yield path
    if isinstance(value, dict | list):
        entries = value.items() if isinstance(value, dict) else enumerate(value)
        for key, entry in entries:
            yield from leaves(entry, (*path, key))


JUNK = [
    None,
    True,
    "",
    "x",
    "1e-3",
    -1,
    0,
    0.0,
    1e-12,
    1e30,
    float("inf"),
    [],
    [[]],
    [1],
    {},
    {1: 2},
]


@pytest.mark.parametrize("junk", JUNK, ids=repr)
def test_no_value_of_any_key_ends_in_a_traceback(config, junk):
    del config["claims"][2:]
    del config["state_points"][2:]
    for path in list(leaves(config)):
        broken = copy.deepcopy(config)
        target = broken
        for part in path[:-1]:
            target = target[part]
        target[path[-1]] = junk
        for message in study.problems(broken):
            assert "\n" not in message


# ---------------------------------------------------------------- trajectories made elsewhere
def test_runs_that_are_read_from_files(config, tmp_path):
    path = tmp_path / "run.gsd"
    path.touch()
    config["state_points"][1]["trajectory"] = {"path": str(path), "species": {"A": 1, "B": 2}}
    assert study.problems(config) == []
    study.complete(config)
    T = study.label(config["state_points"][1]["T"])
    assert re.fullmatch(study.imported_temperatures(config), T)
    others = [study.label(p["T"]) for p in config["state_points"] if "trajectory" not in p]
    assert not any(re.fullmatch(study.imported_temperatures(config), other) for other in others)
    assert study.imported(config, T, "0")["path"] == [str(path)]
    assert study.topologies(config, T, 0) == []
    row = study.state_point(config, T, 0)
    assert row["trajectory"] == str(path) and row["melt_steps"] == 0
    parts = [tmp_path / f"part.{k}" for k in (1, 2)]
    config["state_points"][1]["trajectory"]["path"] = [str(tmp_path / "part.*")]
    assert any("there is no file" in line for line in study.problems(config))
    for part in parts:
        part.touch()
    assert study.problems(config) == []
    assert study.imported(config, T, 0)["path"] == [str(part) for part in parts]
    config["state_points"][1]["start"] = "final.npz"
    assert any("has start and trajectory" in line for line in study.problems(config))


@pytest.mark.parametrize("key", ["trajectory", "topology", "start", "public"])
def test_a_file_from_the_future_is_refused(config, tmp_path, key):
    """Snakemake would import it and then delete what came out."""
    path, other = tmp_path / "run.gsd", tmp_path / "other.gsd"
    path.touch()
    other.touch()
    point = config["state_points"][1]
    match key:
        case "trajectory":
            point["trajectory"] = str(path)
        case "topology":
            point["trajectory"] = {"path": str(other), "topology": str(path)}
        case "start":
            point["start"] = str(path)
        case "public":
            config["public"] = [{"name": "a", "files": str(path), "temperature": 1}]
    assert study.problems(config) == []
    os.utime(path, (time.time() + 3600,) * 2)
    (message,) = study.problems(config)
    assert "3600 s ahead of this machine's clock" in message
    assert message.endswith(f": touch {path}")
    path.touch()
    assert study.problems(config) == []


def test_without_such_runs_the_pattern_matches_nothing(config):
    assert not re.search(study.imported_temperatures(config), "0.47")


def test_a_trajectory_changes_no_other_simulation(config):
    before = [study.protocol(config, p["T"], 0) for p in config["state_points"]]
    config["state_points"][0]["trajectory"] = "run.gsd"
    study.complete(config)
    after = [study.protocol(config, p["T"], 0) for p in config["state_points"]]
    assert before[1:] == after[1:]

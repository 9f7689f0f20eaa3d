"""The study as a table: what the configuration says, whether it makes sense, and its runs.

Used by the Snakefile (and by tests), never by the library or the scripts: those get plain
numbers. Nothing here starts a simulation, so everything wrong with a configuration is said
before the first one.
"""

from __future__ import annotations

import ast
import difflib
import functools
import math
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import jsonschema
import numpy as np
import yaml

WORKFLOW = Path(__file__).resolve().parent
SCHEMA = WORKFLOW / "schemas" / "config.schema.yaml"
PACKAGE = "softcage"
THINNEST_SKIN = 0.1  # of a neighbour list, beyond the cut-off
# What no study needs, and no machine finishes or holds in memory.
LIMITS = {"steps": 1e10, "frames": 1e7, "bins": 1e5, "wave vectors": 1e8}
FEWEST = 10  # particles of a species, for its g(r)
COLDEST = 1e-3  # temperatures are told apart, in names and seeds, by their first digits
THINNEST = 1e-3  # smearing of a neighbour


# ---------------------------------------------------------------- reading
def load(*paths: str | os.PathLike) -> dict:
    """Return configuration files merged left to right as Snakemake merges them.

    Dictionaries are merged key by key at every depth; everything else, lists included, is
    replaced whole.

    Raises
    ------
    OSError, yaml.YAMLError, ValueError
        If a file cannot be read, is no YAML, or holds something else than keys and values.
    """
    config: dict = {}
    for path in paths:
        with open(path, "rb") as file:  # a file, not its text: YAML's errors then name it
            content = yaml.safe_load(file)
        if not isinstance(content, Mapping | None):
            raise ValueError(f"{path} holds {_shown(content)}; it must be a group of keys")
        _merge(config, content or {})
    return config


def repeated_keys(paths: Iterable[str | os.PathLike]) -> list[str]:
    """Return a sentence for each key that a file gives twice in a group: YAML takes the last."""
    found = []
    for path in paths:
        with open(path, "rb") as file:
            root = yaml.compose(file, yaml.SafeLoader)
        found += [f"{path}: {words}" for words in _repeated(root, (), set())]
    return found


def _repeated(node: yaml.Node | None, above: tuple, seen: set[int]) -> Iterator[str]:
    if not isinstance(node, yaml.CollectionNode) or id(node) in seen:  # an alias may hold itself
        return
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for place, item in enumerate(node.value):
            yield from _repeated(item, (*above, place), seen)
        return
    lines: dict[str, int] = {}
    for key, value in node.value:
        line, name = key.start_mark.line + 1, str(key.value)
        if name in lines:
            yield (
                f"{_name((*above, name))} is given twice, in lines {lines[name]} and {line}: "
                "remove one of them"
            )
        lines[name] = line
        yield from _repeated(value, (*above, name), seen)


def _merge(base: dict, overlay: Mapping) -> None:
    for key, value in overlay.items():
        if isinstance(value, Mapping) and isinstance(base.get(key), dict):
            _merge(base[key], value)
        else:
            base[key] = value


def dump(config: Mapping) -> str:
    """Return the configuration as YAML text, in the schema's order.

    The same study gives the same text, whichever file each key came from.
    """
    return yaml.safe_dump(_plain(config, schema()), sort_keys=False, allow_unicode=True)


def without_resources(config: Mapping) -> dict:
    """Return the configuration without what no result depends on: time limits, memory, queues."""
    return {key: value for key, value in config.items() if key != "resources"}


def _plain(value, schema: Mapping):
    """Return nested mappings and sequences as ordered dict and list, which YAML can write."""
    if isinstance(value, Mapping):
        known = schema.get("properties", {})
        ordered = [key for key in known if key in value]
        ordered += [key for key in value if key not in known]
        return {key: _plain(value[key], known.get(key, {})) for key in ordered}
    if isinstance(value, list | tuple):
        return [_plain(entry, schema.get("items", {})) for entry in value]
    return value


# ---------------------------------------------------------------- checking
def problems(config: Mapping) -> list[str]:
    """Return everything wrong with a configuration, one plain sentence each; [] if nothing.

    Types, ranges and unknown keys come from the schema. Only a configuration that passes it is
    checked for sense: that the box holds the potential, times are whole numbers of steps, etc.
    """
    try:
        text_keys = _text_keys(config)
        found = list(_not_finite(text_keys)) or _schema_problems(text_keys, schema())
    except RecursionError:
        return ["the configuration is nested too deeply; does a YAML alias (*name) hold itself?"]
    if found:
        return found
    checks = (
        _mixture,
        _box,
        _times,
        _state_points,
        _softness,
        _structure,
        _prediction,
        _readings,
        _statistics,
        _folder,
    )
    return [message for check in checks for message in check(config)]


@functools.cache
def schema() -> dict:
    """Return the schema of the configuration."""
    return yaml.safe_load(SCHEMA.read_text())


def _not_finite(value, path: tuple = ()) -> Iterator[str]:
    if isinstance(value, Mapping):
        entries: Iterable = value.items()
    elif isinstance(value, list | tuple):
        entries = enumerate(value)
    else:
        if isinstance(value, float) and not math.isfinite(value):
            yield f"{_name(path)} is {value}; it must be a finite number"
        if isinstance(value, int) and abs(value) >= 2**63:
            yield f"{_name(path)} is {_shown(value)}; no number here may be that large"
        return
    for key, entry in entries:
        yield from _not_finite(entry, (*path, key))


def _schema_problems(config: Mapping, schema: dict) -> list[str]:
    errors = sorted(_validator().iter_errors(config), key=lambda e: _name(e.path))
    return [sentence for error in errors for sentence in _sentences(error, schema)]


@functools.cache
def _validator() -> jsonschema.protocols.Validator:
    # 1000.0 is no integer here: it would become "1000.0" in loops and file names
    types = jsonschema.Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
    )
    strict = jsonschema.validators.extend(jsonschema.Draft202012Validator, type_checker=types)
    return strict(schema())


def _text_keys(value):
    """Return the configuration with text keys, as JSON has them (0.47: -> "0.47")."""
    if isinstance(value, Mapping):
        return {
            f"{key:g}" if isinstance(key, float) else str(key): _text_keys(entry)
            for key, entry in value.items()
        }
    if isinstance(value, list | tuple):
        return [_text_keys(entry) for entry in value]
    return value


def _name(path: Iterable) -> str:
    """Return a key's full name, such as ``state_points[0].T``."""
    name = ""
    for part in path:
        if isinstance(part, int):
            name += f"[{part}]"
            continue
        plain = part.isprintable() and part.strip() == part != ""
        word = part if plain else repr(part)
        name += f".{_cut(word)}" if name else _cut(word)
    return name or "the configuration"


_TYPES = {
    "number": "a number",
    "integer": "a whole number",
    "string": "text",
    "array": "a list",
    "object": "a group of keys",
    "boolean": "true or false",
}


def _sentences(error: jsonschema.ValidationError, schema: dict) -> Iterator[str]:
    """Yield what a schema error means, in words, with the key's full name and its value."""
    key, value, rule = _name(error.path), error.instance, error.validator_value
    match error.validator:
        case "additionalProperties":
            known = error.schema.get("properties", {})
            patterns = error.schema.get("patternProperties", {})
            for unknown in value:
                if unknown in known or any(re.search(p, unknown) for p in patterns):
                    continue
                yield _unknown_key((*error.path, unknown), known, schema)
        case "required":
            missing = [name for name in rule if name not in value]
            # one error comes for each missing key; its message starts with the name
            for name in missing:
                if error.message.startswith(repr(name)):
                    yield f"{_name((*error.path, name))} is missing"
        case "type":
            expected = " or ".join(_TYPES[t] for t in ([rule] if isinstance(rule, str) else rule))
            yield f"{key} is {_shown(value)}; it must be {expected}{_hint(value)}"
        case "exclusiveMinimum":
            yield f"{key} is {_shown(value)}; it must be greater than {rule:g}"
        case "minimum":
            yield f"{key} is {_shown(value)}; it must be at least {rule:g}"
        case "exclusiveMaximum":
            yield f"{key} is {_shown(value)}; it must be less than {rule:g}"
        case "maximum":
            yield f"{key} is {_shown(value)}; it must be at most {rule:g}"
        case "enum":
            yield f"{key} is {_shown(value)}; it must be one of {', '.join(map(str, rule))}"
        case "minItems":
            yield f"{key} is {_shown(value)}; it needs at least {rule} entries"
        case "maxItems":
            yield f"{key} is {_shown(value)}; it takes at most {rule} entries"
        case "uniqueItems":
            yield f"{key} is {_shown(value)}; an entry appears twice"
        case _:
            meaning = error.schema.get("description", error.message)
            yield f"{key} is {_shown(value)}; it must be: {meaning}"


def _unknown_key(path: tuple, siblings: Iterable[str], schema: dict) -> str:
    unknown = str(path[-1])
    close = difflib.get_close_matches(unknown, list(siblings), n=1)
    if close:
        return f"{_name(path)} is an unknown key; did you mean {_name((*path[:-1], close[0]))}?"
    places = [name for name in keys(schema) if name.split(".")[-1] == unknown]
    if places:
        return f"{_name(path)} is an unknown key; did you mean {places[0]}?"
    known = ", ".join(siblings) or "temperatures only"
    return f"{_name(path)} is an unknown key; known here: {known}"


def keys(schema: Mapping, prefix: str = "") -> list[str]:
    """Return the full name of every key that a schema describes; list entries as ``name[]``."""
    names = []
    for key, entry in schema.get("properties", {}).items():
        name = f"{prefix}.{key}" if prefix else key
        names += [name, *keys(entry, name)]
    if "items" in schema and isinstance(schema["items"], Mapping):
        names += keys(schema["items"], f"{prefix}[]")
    return names


def _shown(value) -> str:
    if value is None:
        return "empty"
    if isinstance(value, int) and abs(value) >= 2**63:
        return f"a number of {value.bit_length() * math.log10(2):.0f} digits"
    try:
        text = repr(value)
    except ValueError:  # Python writes no numbers of thousands of digits
        text = f"a {type(value).__name__} of huge numbers"
    return _cut(text)


def _cut(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."


def _hint(value) -> str:
    if isinstance(value, str) and re.fullmatch(r"[+-]?\d+[eE][+-]?\d+", value):
        mantissa, exponent = re.split("[eE]", value)
        sign = "" if exponent[0] in "+-" else "+"
        return f" (YAML reads {value} as text: write {mantissa}.0e{sign}{exponent})"
    return ""


def _mixture(config: Mapping) -> Iterator[str]:
    mixture = config["mixture"]
    n = len(mixture["species"])
    for key in ("fractions", "masses"):
        if len(mixture[key]) != n:
            yield f"mixture.{key} has {len(mixture[key])} entries for {n} species"
    for key in ("sigma", "epsilon", "cutoff"):
        matrix = mixture[key]
        if not isinstance(matrix, list):
            continue  # a cut-off for all pairs
        if len(matrix) != n or any(len(row) != n for row in matrix):
            yield f"mixture.{key} is {_shown(matrix)}; it must have {n} rows of {n} numbers"
        elif not np.array_equal(matrix, np.transpose(matrix)):
            yield f"mixture.{key} is {_shown(matrix)}; it must be symmetric"
    total = sum(mixture["fractions"])
    if abs(total - 1) > 1e-9:
        shown = _shown(mixture["fractions"])
        yield f"mixture.fractions is {shown}; the sum must be 1, it is {total:g}"
    elif len(mixture["fractions"]) == n:
        particles = config["system"]["particles"]
        counts = [fraction * particles for fraction in mixture["fractions"]]
        if any(abs(count - round(count)) > 1e-6 for count in counts):
            yield (
                f"system.particles is {particles}; with mixture.fractions = "
                f"{_shown(mixture['fractions'])} that is {_few(counts)} particles "
                "of the species; each must be a whole number"
            )
        elif min(counts) < FEWEST - 0.5:
            yield (
                f"system.particles is {particles}; with mixture.fractions = "
                f"{_shown(mixture['fractions'])} a species has only {min(counts):.0f} particles: "
                f"each needs {FEWEST} for its g(r)"
            )


def _few(values: Iterable[float]) -> str:
    return _cut(", ".join(f"{value:g}" for value in values))


def _box(config: Mapping) -> Iterator[str]:
    system, mixture = config["system"], config["mixture"]
    try:
        cutoff = float(np.max(np.multiply(mixture["cutoff"], mixture["sigma"])))
    except ValueError:
        return  # matrices of different sizes: already said
    box = _edge(config)
    reach = 2 * (cutoff + THINNEST_SKIN)
    if box < reach:
        needed = math.ceil(system["density"] * reach**3)
        yield (
            f"system.particles is {system['particles']}; the box edge {box:.3f} is smaller than "
            f"twice the cut-off and a little, 2 x ({cutoff:g} + {THINNEST_SKIN:g}) = {reach:g}: "
            f"take at least {needed} particles"
        )


def _edge(config: Mapping) -> float:
    return (config["system"]["particles"] / config["system"]["density"]) ** (1 / 3)


def _times(config: Mapping) -> Iterator[str]:
    md, dynamics = config["md"], config["dynamics"]
    dt, frame = md["timestep"], md["frame_interval"]
    for key in ("frame_interval", "thermo_interval", "log_block_time", "melt_time", "cooling_time"):
        shortest = 0 if key in ("melt_time", "cooling_time") else dt
        if not _multiple(md[key], dt) or md[key] < 0.999 * shortest:
            yield (
                f"md.{key} is {md[key]:g}; it must be a whole number of time steps "
                f"(md.timestep = {dt:g})"
            )
        elif md[key] / dt > LIMITS["steps"]:
            yield _too_many(f"md.{key}", md[key], md[key] / dt, "steps")
    if md["thermostat_time"] < 10 * dt:
        yield (
            f"md.thermostat_time is {md['thermostat_time']:g}; a thermostat faster than 10 time "
            f"steps (md.timestep = {dt:g}) is not integrated well"
        )
    if not _multiple(frame, dt):
        return  # what is counted in frames makes no sense then
    windows = [("hop_window", dynamics["hop_window"])]
    windows += [
        (f"hop_window_alternatives[{i}]", window)
        for i, window in enumerate(dynamics["hop_window_alternatives"])
    ]
    for key, window in windows:
        if window < 2 * frame:
            yield (
                f"dynamics.{key} is {window:g}; it must hold at least two frames "
                f"(md.frame_interval = {frame:g}, so at least {2 * frame:g})"
            )
        elif not _multiple(window, 2 * frame):
            yield (
                f"dynamics.{key} is {window:g}; each half must be a whole number of frames "
                f"(a multiple of {2 * frame:g}, twice md.frame_interval)"
            )
    others = [label(window) for window in dynamics["hop_window_alternatives"]]
    for i, window in enumerate(dynamics["hop_window_alternatives"]):
        if label(window) in (label(dynamics["hop_window"]), *others[:i]):
            yield f"dynamics.hop_window_alternatives[{i}] is {window:g}, which is there already"


def _too_many(key: str, value: float, count: float, what: str) -> str:
    return f"{key} is {value:g}; that makes {count:.3g} {what}, more than {LIMITS[what]:.3g}"


def _multiple(value: float, unit: float) -> bool:
    """Return whether ``value`` is a whole number (0 included) of ``unit``, up to rounding."""
    ratio = value / unit
    if not math.isfinite(ratio):
        return False
    return abs(ratio - round(ratio)) < 1e-6 * max(1.0, ratio)


def _state_points(config: Mapping) -> Iterator[str]:
    md, window = config["md"], config["dynamics"]["hop_window"]
    frame = md["frame_interval"]
    hottest = max(point["T"] for point in config["state_points"])
    if md["melt_temperature"] < hottest:
        yield (
            f"md.melt_temperature is {md['melt_temperature']:g}; the melt must not be colder than "
            f"the hottest state point, T = {hottest:g}"
        )
    if len(config["state_points"]) < 2:
        yield "state_points has 1 entry; the calibration (Eq. 7) needs at least two temperatures"
    wanted = [label(float(key)) for key in _text_keys(config["dynamics"]["p_c_paper"])]
    seen: dict[str, int] = {}
    for i, point in enumerate(config["state_points"]):
        here = f"state_points[{i}]"
        name = label(point["T"])
        if name in seen:
            yield f"{here}.T is {point['T']}; state_points[{seen[name]}] has that temperature too"
        seen.setdefault(name, i)
        if point["T"] < COLDEST:
            yield f"{here}.T is {point['T']:g}; it must be at least {COLDEST:g}"
        if not _multiple(point["equilibration"], md["timestep"]):
            yield (
                f"{here}.equilibration is {point['equilibration']:g}; it must be a whole number "
                f"of time steps (md.timestep = {md['timestep']:g})"
            )
        for key, unit, what in (
            ("equilibration", md["timestep"], "steps"),
            ("production", md["timestep"], "steps"),
            ("production", frame, "frames"),
            ("production", md["thermo_interval"], "frames"),
            ("production", md["log_block_time"], "frames"),
        ):
            if point[key] / unit > LIMITS[what]:
                yield _too_many(f"{here}.{key}", point[key], point[key] / unit, what)
                break
        production = point["production"]
        if production < window:
            yield (
                f"{here}.production is {production:g}; it is shorter than the hop window "
                f"(dynamics.hop_window = {window:g})"
            )
        elif _multiple(frame, md["timestep"]) and not _multiple(production, frame):
            yield (
                f"{here}.production is {production:g}; it must be a whole number of frames "
                f"(md.frame_interval = {frame:g})"
            )
        if config["dynamics"]["p_c"] == "paper" and name not in wanted:
            yield f"dynamics.p_c_paper has no value for T = {name}, and dynamics.p_c is paper"
    yield from _trajectories(config)


def _trajectories(config: Mapping) -> Iterator[str]:
    """Check what can be checked of trajectories made elsewhere without reading them."""
    for i, point in enumerate(config["state_points"]):
        if "trajectory" not in point:
            continue
        here, source = f"state_points[{i}].trajectory", _source(point["trajectory"])
        paths, replicas = source["path"], config["replicas"]
        if "start" in point:
            yield f"state_points[{i}] has start and trajectory; a trajectory is not simulated"
        if len(paths) != replicas:
            yield f"{here} has {len(paths)} paths; replicas is {replicas}, a path each is needed"
        for path in [*paths, *filter(None, [source.get("topology")])]:
            if not Path(path).is_file():
                yield f"{here}: there is no file {path}"
        for name in source.get("species", {}):
            if name not in config["mixture"]["species"]:
                yield (
                    f"{here}.species has {name}; mixture.species is "
                    f"{', '.join(config['mixture']['species'])}"
                )
        interval, timestep = source.get("interval"), config["md"]["timestep"]
        if interval is not None and (interval < timestep or not _multiple(interval, timestep)):
            yield (
                f"{here}.interval is {interval:g}; it must be a whole number of time steps "
                f"(md.timestep = {timestep:g})"
            )


def _softness(config: Mapping) -> Iterator[str]:
    delta, values = config["softness"]["delta"], config["softness"]["delta_values"]
    if delta not in values:
        shown = _shown(values)
        yield f"softness.delta is {delta:g}; it must be one of softness.delta_values = {shown}"
    if len({label(value) for value in values}) < len(values):
        yield f"softness.delta_values is {_shown(values)}; an entry appears twice"
    if min(values) < THINNEST:
        yield f"softness.delta_values is {_shown(values)}; each must be at least {THINNEST:g}"
    # the first shell ends at about 1.5 diameters
    longest = 1.5 * max(max(row) for row in config["mixture"]["sigma"])
    box = _edge(config)
    if longest + 5 * max(values) > box / 2:
        yield (
            f"softness.delta_values is {_shown(values)}; smeared by {max(values):g}, the first "
            f"shell reaches beyond half of the box edge {box:.3g}: take smaller widths or more "
            "particles"
        )
    window, frame = config["softness"]["average_window"], config["md"]["frame_interval"]
    shortest = min(point["production"] for point in config["state_points"])
    if window > shortest:
        yield (
            f"softness.average_window is {window:g}; it is longer than a run "
            f"(state_points[].production, {shortest:g} the shortest)"
        )
    if _multiple(frame, config["md"]["timestep"]) and not _multiple(window, frame):
        yield (
            f"softness.average_window is {window:g}; it must be 0 or a whole number of frames "
            f"(md.frame_interval = {frame:g})"
        )


def _structure(config: Mapping) -> Iterator[str]:
    structure = config["structure"]
    low, high = structure["q_match"]
    if low >= high:
        yield f"structure.q_match is {structure['q_match']}; the first must be the smaller one"
    if high > structure["q_max"]:
        yield (
            f"structure.q_match is {structure['q_match']}; it must end at or below "
            f"structure.q_max = {structure['q_max']:g}"
        )
    if structure["q_bin"] > low:
        yield (
            f"structure.q_bin is {structure['q_bin']:g}; a shell must be narrower than the wave "
            f"numbers below structure.q_match = {structure['q_match']}"
        )
    longest = max([structure["q_max"], *structure["q_max_alternatives"]])
    box = _edge(config)
    shells, bins = longest / structure["q_bin"], box / 2 / structure["r_bin"]
    vectors = 0.5 * (structure["q_max"] * box / math.pi) ** 3
    if shells > LIMITS["bins"]:
        yield _too_many("structure.q_bin", structure["q_bin"], shells, "bins")
    if bins > LIMITS["bins"]:
        yield _too_many("structure.r_bin", structure["r_bin"], bins, "bins")
    if vectors > LIMITS["wave vectors"]:
        yield _too_many("structure.q_max", structure["q_max"], vectors, "wave vectors")
    if structure["q_max"] * box < 2 * math.pi:
        yield (
            f"structure.q_max is {structure['q_max']:g}; the shortest wave vector of the box is "
            f"{2 * math.pi / box:.3g}"
        )
    # g(r) is kept up to half of the box; its first minimum lies before 1.6 times its peak
    needed = 1.9 * max(max(row) for row in config["mixture"]["sigma"])
    if box / 2 < needed:
        particles = math.ceil(config["system"]["density"] * (2 * needed) ** 3)
        yield (
            f"system.particles is {config['system']['particles']}; half of the box edge, "
            f"{box / 2:.3g}, does not hold the first shell, {needed:.3g}: take at least "
            f"{particles} particles"
        )
    for i, q_max in enumerate(structure["q_max_alternatives"]):
        if q_max == structure["q_max"] or q_max in structure["q_max_alternatives"][:i]:
            yield f"structure.q_max_alternatives[{i}] is {q_max:g}, which is there already"
    ranges = structure["harmonic_range_alternatives"]
    for i, end in enumerate(ranges):
        if end == structure["harmonic_range"] or end in ranges[:i]:
            yield f"structure.harmonic_range_alternatives[{i}] is {end:g}, which is there already"


def _prediction(config: Mapping) -> Iterator[str]:
    for key in ("softness_bins", "depth_bins"):
        bins = config["prediction"][key]
        if bins["stop"] - bins["start"] < 2 * bins["width"]:
            yield (
                f"prediction.{key} runs from {bins['start']:g} to {bins['stop']:g}; "
                f"that must hold at least two bins of width {bins['width']:g}"
            )
        elif (bins["stop"] - bins["start"]) / bins["width"] > LIMITS["bins"]:
            count = (bins["stop"] - bins["start"]) / bins["width"]
            yield _too_many(f"prediction.{key}.width", bins["width"], count, "bins")


def _statistics(config: Mapping) -> Iterator[str]:
    """Say whether every run has as many frames and lines as it is to be cut into blocks."""
    blocks, md = config["statistics"]["blocks"], config["md"]
    shortest = min(point["production"] for point in config["state_points"])
    counts = {
        "structure.frames": config["structure"]["frames"],
        "md.frame_interval": shortest / md["frame_interval"],
        "md.thermo_interval": shortest / md["thermo_interval"],
        "softness.stride": shortest / md["frame_interval"] / config["softness"]["stride"],
    }
    for key, count in counts.items():
        if count < blocks * (1 - 1e-9):
            yield (
                f"statistics.blocks is {blocks}; with {key} = {_value(config, key):g} the shortest "
                f"run has only {count:.3g} to be cut into blocks"
            )
            return


def _value(config: Mapping, key: str):
    for part in key.split("."):
        config = config[part]
    return config


def _readings(config: Mapping) -> Iterator[str]:
    frame, windows = config["md"]["frame_interval"], config["readings"]["average_windows"]
    if not _multiple(frame, config["md"]["timestep"]):
        return
    for i, window in enumerate(windows):
        key = f"readings.average_windows[{i}]"
        if not _multiple(window, frame):
            yield (
                f"{key} is {window:g}; it must be a whole number of frames "
                f"(md.frame_interval = {frame:g})"
            )
        elif window in windows[:i]:
            yield f"{key} is {window:g}, which is there already"


def _folder(config: Mapping) -> Iterator[str]:
    """Say whether the results folder could be written; leaves nothing behind."""
    folder = Path(results(config))
    try:
        existing = next(p for p in (folder, *folder.absolute().parents) if p.exists())
        with tempfile.TemporaryFile(dir=existing):
            pass
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        why = getattr(error, "strerror", None) or error
        yield f"results is {config['results']!r}; {folder} cannot be written: {why}"


# ---------------------------------------------------------------- the runs
def label(value: float) -> str:
    """Return a temperature or delta as it stands in file names, such as 0.47."""
    return f"{value:g}"


def results(config: Mapping) -> str:
    """Return the folder of this study."""
    return f"{config['results']}/{config['study']}"


def seed(study_seed: int, temperature: float, replica: int) -> int:
    """Return the seed of one run.

    It depends on the study's seed, T and the replica alone: adding, removing or reordering
    other state points changes no run.
    """
    sequence = np.random.SeedSequence(
        entropy=study_seed, spawn_key=(round(temperature * 1e6), replica)
    )
    return int(sequence.generate_state(1, np.uint64)[0] >> np.uint64(1))  # fits a signed int64


def state_points(config: Mapping) -> list[dict]:
    """Return the table of runs, a row per (T, replica), coldest first.

    Columns: T, replica, seed, particles, density, and times (reduced units) and steps of the
    stages melt, cooling, equilibration and production.
    """
    md, system = config["md"], config["system"]
    rows = []
    for point in sorted(config["state_points"], key=lambda point: point["T"]):
        times = {
            "melt": 0 if {"start", "trajectory"} & set(point) else md["melt_time"],
            "cooling": 0 if {"start", "trajectory"} & set(point) else md["cooling_time"],
            "equilibration": point["equilibration"],
            "production": point["production"],
        }
        for replica in range(config["replicas"]):
            row = {
                "T": point["T"],
                "replica": replica,
                "seed": seed(config["seed"], point["T"], replica),
                "particles": system["particles"],
                "density": system["density"],
                "timestep": md["timestep"],
                "start": point.get("start", ""),
                "trajectory": "",
            }
            if "trajectory" in point:
                row["trajectory"] = _source(point["trajectory"])["path"][replica]
            for stage, time in times.items():
                row[f"{stage}_time"] = time
                row[f"{stage}_steps"] = round(time / md["timestep"])
            rows.append(row)
    return rows


def state_point(config: Mapping, temperature: str | float, replica: str | int) -> dict:
    """Return the row of one run; T and replica may be the wildcards of a file name."""
    wanted = label(float(temperature)), int(replica)
    for row in state_points(config):
        if (label(row["T"]), row["replica"]) == wanted:
            return row
    raise ValueError(
        f"no state point T = {temperature}, replica {replica}: the study has T = "
        f"{', '.join(label(p['T']) for p in config['state_points'])} and replicas 0 to "
        f"{config['replicas'] - 1}"
    )


def starts(config: Mapping, temperature: str | float) -> list[str]:
    """Return the saved state that the runs at a temperature start from, if they do, for input."""
    start = state_point(config, temperature, 0)["start"]
    return [start] if start else []


def _source(trajectory) -> dict:
    """Return the key ``trajectory`` of a state point as a group whose ``path`` is a list."""
    source = dict(trajectory) if isinstance(trajectory, Mapping) else {"path": trajectory}
    source["path"] = [source["path"]] if isinstance(source["path"], str) else list(source["path"])
    return source


def imported_temperatures(config: Mapping) -> str:
    """Return a pattern of the temperatures whose runs are read from files, for wildcards."""
    labels = [label(p["T"]) for p in config["state_points"] if "trajectory" in p]
    return "|".join(map(re.escape, labels)) or "(?!)"  # the latter is found nowhere


def imported(config: Mapping, temperature: str | float, replica: str | int) -> dict:
    """Return what the configuration says of one run that is read from a file."""
    for point in config["state_points"]:
        if label(point["T"]) == label(float(temperature)) and "trajectory" in point:
            source = _source(point["trajectory"])
            return {**source, "path": source["path"][int(replica)]}
    raise ValueError(f"T = {temperature} has no trajectory")


def topologies(config: Mapping, temperature: str | float, replica: str | int) -> list[str]:
    """Return the files that say what the particles of such a run are, for input."""
    source = imported(config, temperature, replica)
    return [source["topology"]] if "topology" in source else []


def import_protocol(config: Mapping, temperature: str | float) -> dict:
    """Return the part of :func:`protocol` that concerns a run that is read from a file."""
    wanted = ("temperature", "particles", "density", "timestep", "precision", "produce")
    everything = protocol(config, temperature, 0)
    return {key: everything[key] for key in (*wanted, "uniform_stride", "log_period")}


def protocol(config: Mapping, temperature: str | float, replica: str | int) -> dict:
    """Return the plan of one run in plain numbers, lengths of time in steps.

    The keys are the fields of :class:`softcage.md.simulation.Protocol`. Only what can change the
    trajectory is in it, so that a change of anything else reruns no simulation.
    """
    md, point = config["md"], state_point(config, temperature, replica)
    return {
        "temperature": float(point["T"]),
        "particles": point["particles"],
        "density": float(point["density"]),
        "seed": point["seed"],
        "timestep": float(md["timestep"]),
        "thermostat_time": float(md["thermostat_time"]),
        "thermostat_chain": md["thermostat_chain"],
        "precision": md["precision"],
        "melt_temperature": float(md["melt_temperature"]),
        "melt": point["melt_steps"],
        "cool": point["cooling_steps"],
        "equilibrate": point["equilibration_steps"],
        "produce": point["production_steps"],
        "uniform_stride": round(md["frame_interval"] / md["timestep"]),
        "log_period": round(md["log_block_time"] / md["timestep"]),
        "thermo_stride": round(md["thermo_interval"] / md["timestep"]),
        "start": point["start"],
    }


# ---------------------------------------------------------------- what a job asks for
def resources(config: Mapping, name: str) -> dict:
    """Return the resources of a class of jobs under the names that Snakemake and SLURM know.

    A job that failed may have run out of time or memory, so every later attempt gets twice as
    much. Not so a simulation: it goes on from its checkpoint and needs no more than before.

    Parameters
    ----------
    config : mapping
        The configuration.
    name : str
        A class of ``config["resources"]``: simulation, scoring, analysis or short.

    Returns
    -------
    dict
        ``runtime`` (minutes) and ``mem_mb``, numbers or functions of the attempt;
        ``slurm_partition`` and ``slurm_account`` where the class has them.
    """
    chosen = config["resources"][name]
    asked = {key: chosen[key] for key in ("runtime", "mem_mb")}
    if name != "simulation":
        asked = {key: _more_after_a_failure(amount) for key, amount in asked.items()}
    queue = {f"slurm_{key}": chosen[key] for key in ("partition", "account") if key in chosen}
    return {**asked, **queue}


def _more_after_a_failure(amount: int) -> Callable:
    return lambda wildcards, attempt: amount * min(attempt, 2)


# ---------------------------------------------------------------- the code that a rule runs
def library(script: str | os.PathLike, ignore: Iterable[str] = ()) -> list[str]:
    """Return the files of the library that a script imports, directly or through others.

    A rule declares them as input: Snakemake watches a script's own text, not what it imports.

    Parameters
    ----------
    script : path
        A script, absolute or relative to ``workflow/scripts``.
    ignore : iterable of str
        Names of modules that cannot change the rule's output (``"log"``); left out together
        with what only they import.

    Returns
    -------
    list of str
        Sorted paths, relative to the working directory when inside it, so that a study can be
        moved or cloned without rerunning.
    """
    skipped = {PACKAGE + "." + name for name in ignore}
    found: dict[str, Path] = {}
    todo = list(_imports(WORKFLOW / "scripts" / script, ""))
    while todo:
        module = todo.pop()
        path = _module_path(module)
        if path is None or module in found or module in skipped:
            continue
        found[module] = path
        package = module if path.name == "__init__.py" else module.rpartition(".")[0]
        todo += _imports(path, package)
    here = Path.cwd()
    return sorted(
        str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
        for path in found.values()
    )


def data(name: str) -> str:
    """Return the path of a data file of the library, relative where :func:`library` is."""
    path = WORKFLOW / PACKAGE / name
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def _imports(path: Path, package: str) -> set[str]:
    """Return the library's modules that one file imports, packages above them included."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(), str(path))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:  # from . import x, from ..y import z
                parts = package.split(".")
                above = parts[: len(parts) - node.level + 1]
                base = ".".join([*above, base] if base else above)
            # `from softcage import cage` may name a module or a function: both are tried
            names |= {base} | {f"{base}.{alias.name}" for alias in node.names}
    names = {name for name in names if name.split(".")[0] == PACKAGE}
    return names | {
        ".".join(name.split(".")[:depth])
        for name in names
        for depth in range(1, name.count(".") + 1)
    }


def _module_path(module: str) -> Path | None:
    base = WORKFLOW.joinpath(*module.split("."))
    for path in (base.with_suffix(".py"), base / "__init__.py"):
        if path.is_file():
            return path
    return None


def prepare_environment() -> None:
    """Let scripts import the library wherever they run, each on the cores Snakemake counted.

    NumPy's own threads would come on top of those that the rules ask for.
    """
    paths = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    if str(WORKFLOW) not in paths:
        paths = [str(WORKFLOW), *filter(None, paths)]
        os.environ.update(PYTHONPATH=os.pathsep.join(paths))
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")


def missing_conda(settings) -> str:
    """Return what to do if ``--sdm conda`` was asked for and there is no conda; else ''.

    Parameters
    ----------
    settings
        Snakemake's deployment settings.
    """
    methods = {method.name for method in getattr(settings, "deployment_method", None) or ()}
    if "CONDA" not in methods or "APPTAINER" in methods or shutil.which("conda"):
        return ""
    return (
        "--sdm conda needs the command conda (24.7.1 or newer) on the PATH, and there is none. "
        "Install it (Miniforge brings it) or activate it, or leave --sdm conda out: the rules "
        "then run in the environment of Snakemake itself, which `make demo` builds from "
        "requirements.lock."
    )


def cluster_messages(logs: Iterable[str | os.PathLike], lines: int = 25) -> Iterator[str]:
    """Yield the end of the cluster log of each job that failed, as one text each.

    Snakemake shows the log of the rule. A job that never came to its rule (no memory, no
    Python on the node, a time limit in the queue's own words) says why in its cluster log alone.

    Parameters
    ----------
    logs : iterable of paths
        Snakemake's own logs, which name the logs of the jobs that failed.
    lines : int
        How much of each to show.
    """
    text = "\n".join(Path(log).read_text(errors="replace") for log in logs)
    named = re.findall(r"^ *log: .*?([^ ,]+/slurm_logs/[^ ,]+)", text, flags=re.MULTILINE)
    last = {Path(path).parent: Path(path) for path in named}  # of the attempts at one job
    for path in last.values():
        if path.is_file():
            end = path.read_text(errors="replace").splitlines()[-lines:]
            yield "\n".join([f"The end of {path}:", *(f"  {line}" for line in end)])


if __name__ == "__main__":  # python workflow/study.py config/config.yaml config/demo.yaml
    try:
        found = problems(load(*sys.argv[1:]))
    except (OSError, yaml.YAMLError, ValueError) as error:
        found = [f"the configuration cannot be read: {error}"]
    print("\n".join(found) or "the configuration makes sense")
    sys.exit(bool(found))

"""The table of runs: what a configuration means for each temperature and replica."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from softcage.io.readers import files_of_run

#: What a copy of a configuration shares with it, as in the names of files.
COPIES = ("same_cages", "same_sphere")


def label(value: float) -> str:
    """Return a temperature or delta as it stands in file names, such as 0.47."""
    return f"{value:g}"


def results(config: Mapping) -> str:
    """Return the folder of this study."""
    return f"{config['results']}/{config['study']}"


def seed(study_seed: int, temperature: float, *numbers: int) -> int:
    """Return the seed of one run: of a replica, or of a draw from a configuration.

    It depends on the study's seed, T and the number of the replica (those of configuration and
    draw) alone: adding, removing or reordering other runs changes none.
    """
    sequence = np.random.SeedSequence(
        entropy=study_seed, spawn_key=(round(temperature * 1e6), *numbers)
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
        melted = "start" not in point and "trajectory" not in point
        times = {
            "melt": md["melt_time"] if melted else 0,
            "cooling": md["cooling_time"] if melted else 0,
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
                "trajectory": point["trajectory"]["path"][replica] if "trajectory" in point else "",
            }
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


def configurations(config: Mapping) -> dict[str, int]:
    """Return how many configurations of which temperatures have their propensity measured.

    Temperatures that the study does not have are left out, unless their configurations are files.
    """
    known = {label(point["T"]) for point in config["state_points"]}
    wanted = {}
    for point in config["propensity"]["temperatures"]:
        files = _files(point)
        if files or label(point["T"]) in known:
            wanted[label(point["T"])] = point.get("configurations") or len(files)
    return {T: wanted[T] for T in sorted(wanted, key=float)}


def copied_configurations(config: Mapping) -> dict[str, int]:
    """Return of how many configurations of which temperatures copies are made."""
    points = {label(p["T"]): p.get("copies", 0) for p in config["propensity"]["temperatures"]}
    return {T: points[T] for T in ranked_temperatures(config) if points[T]}


def ranked_temperatures(config: Mapping) -> list[str]:
    """Return the temperatures of the study whose propensity is measured."""
    known = {label(point["T"]) for point in config["state_points"]}
    return [T for T in configurations(config) if T in known]


def temperatures_of_files(config: Mapping) -> str:
    """Return a pattern of the temperatures whose configurations are files, for wildcards."""
    return any_of(label(p["T"]) for p in config["propensity"]["temperatures"] if _files(p))


def configuration_file(config: Mapping, temperature: str, configuration: str) -> str:
    """Return the file of one configuration of such a temperature."""
    (files,) = [
        _files(p) for p in config["propensity"]["temperatures"] if label(p["T"]) == temperature
    ]
    if int(configuration) >= len(files):
        raise ValueError(
            f"no configuration {configuration} at T = {temperature}: propensity.temperatures has "
            f"{len(files)} files there, which are counted from 0"
        )
    return files[int(configuration)]


def _files(point: Mapping) -> list[str]:
    """Return the files of an entry of ``propensity.temperatures``."""
    return [file for path in point.get("files", []) for file in files_of_run(path)]


def recording_times(config: Mapping, temperature: str) -> int | list[float]:
    """Return the times at which the runs of a temperature record displacements, or their number."""
    of_temperature = {label(p["T"]): p.get("times") for p in config["propensity"]["temperatures"]}
    return of_temperature[temperature] or config["propensity"]["times"]


def draws(config: Mapping, temperature: str, configuration: str, batch: str) -> list[list[int]]:
    """Return number and seed of each draw of a batch, from a configuration or from a copy."""
    size, end = config["propensity"]["batch"], config["propensity"]["draws"]
    first, (number, *copy) = int(batch) * size, configuration.split("/")
    numbers = int(number), *map(COPIES.index, copy)
    return [
        [draw, seed(config["seed"], float(temperature), *numbers, draw)]
        for draw in range(first, min(first + size, end))
    ]


def copy_seed(config: Mapping, temperature: str, configuration: str, copy: str) -> int:
    """Return the seed of a copy itself, which has one number more than those of its draws."""
    numbers = int(configuration), COPIES.index(copy), 0, 0
    return seed(config["seed"], float(temperature), *numbers)


def batches(config: Mapping) -> range:
    """Return the numbers of the batches of a configuration."""
    return range(-(-config["propensity"]["draws"] // config["propensity"]["batch"]))


def starts(config: Mapping, temperature: str | float) -> list[str]:
    """Return the saved state that the runs at a temperature start from, if they do, for input."""
    start = state_point(config, temperature, 0)["start"]
    return [start] if start else []


def imported_temperatures(config: Mapping) -> str:
    """Return a pattern of the temperatures whose runs are read from files, for wildcards."""
    return any_of(label(p["T"]) for p in config["state_points"] if "trajectory" in p)


def any_of(labels: Iterable[str]) -> str:
    """Return a pattern of any of some labels, for wildcards."""
    return "|".join(map(re.escape, labels)) or "(?!)"  # the latter is found nowhere


def imported(config: Mapping, temperature: str | float, replica: str | int) -> dict:
    """Return what the configuration says of one run that is read from a file."""
    for point in config["state_points"]:
        if label(point["T"]) == label(float(temperature)) and "trajectory" in point:
            source = point["trajectory"]
            return {**source, "path": files_of_run(source["path"][int(replica)])}
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


def about_run(config: Mapping, temperature: str | float, replica: str | int) -> dict:
    """Return what makes the sums of a run what they are: runs that differ in it do not add up."""
    keep = ("T", "replica", "equilibration_time", "production_time")
    point = state_point(config, temperature, replica)
    return {
        **{name: point[name] for name in keep},
        **protocol(config, temperature, replica),
        "mixture": config["mixture"],
        "overlap_radius": config["dynamics"]["overlap_radius"],
    }


def further_quenches(config: Mapping, temperature: str | float) -> list[str]:
    """Return the files of runs that were made for their sums alone, in the order of replicas.

    They lie in ``quenches/T{T}/r{replica}.npz`` of the study; those of its own replicas are left
    out, which it has anyway.
    """
    folder = Path(results(config)) / "quenches" / f"T{label(float(temperature))}"
    found = {int(path.stem[1:]): str(path) for path in folder.glob("r*.npz")}
    return [found[replica] for replica in sorted(found) if replica >= config["replicas"]]


def public_files(config: Mapping, name: str, key: str) -> list[str]:
    """Return the files that a key of a set of public data names: patterns are looked up."""
    (entry,) = [entry for entry in config["public"] if entry["name"] == name]
    given = entry.get(key) or []
    return [
        file
        for path in ([given] if isinstance(given, str) else given)
        for file in files_of_run(path)
    ]

"""A simulation that is killed, starved of disk or asked to stop ends as if nothing had been."""

import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
CODE = [ROOT / "workflow", ROOT / "workflow" / "scripts"]
OUTPUTS = {
    "uniform": "uniform.nc",
    "uniform_table": "uniform.csv",
    "log": "log.nc",
    "log_table": "log.csv",
    "topology": "topology.pdb",
    "thermo": "thermo.csv",
    "state": "final.npz",
}
PROTOCOL = {
    "temperature": 1.0, "particles": 200, "density": 1.2, "seed": 5, "melt": 1000, "cool": 1000,
    "equilibrate": 2000, "produce": 20_000, "uniform_stride": 100, "log_period": 2000,
    "thermo_stride": 50,
}  # fmt: skip
MIXTURE = yaml.safe_load((ROOT / "config" / "config.yaml").read_text())["mixture"]


def launch(folder, *, crash=None, threads=1, interval=0.0, **options):
    """Start the simulation of ``folder`` from wherever pytest is; return the process."""
    job = {
        "log": [str(folder / "simulate.log")],
        "threads": threads,
        "params": {
            "mixture": MIXTURE,
            "protocol": PROTOCOL,
            "checkpoints": str(folder / "checkpoints"),
        },
        "config": {"md": {"checkpoint_interval": interval}},
        "output": {key: str(folder / "md" / name) for key, name in OUTPUTS.items()},
        "crash": crash,
    }
    folder.mkdir(exist_ok=True)
    (folder / "job.json").write_text(json.dumps(job))
    return subprocess.Popen(
        [sys.executable, str(ROOT / "tests/workflow/simulate_by_hand.py"), folder / "job.json"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, CODE))},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **options,
    )


def run(folder, **options):
    """Run it to its end; return exit status and output."""
    process = launch(folder, **options)
    output, _ = process.communicate(timeout=300)
    return process.returncode, output


def assert_goes_on(folder, reference):
    """Run what is left, without checkpoints of which nobody would know."""
    status, output = run(folder, interval=1e9)
    assert status == 0, output
    assert_same(folder, reference)


def contents(folder):
    return {name: (folder / "md" / name).read_bytes() for name in OUTPUTS.values()}


def assert_same(folder, reference):
    got = contents(folder)
    assert [name for name in got if got[name] != reference[name]] == []
    assert not [path for path in folder.rglob("*") if ".tmp" in path.name]
    assert not list((folder / "checkpoints").glob("*.npz"))


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """The bytes of a run that nothing disturbed."""
    folder = tmp_path_factory.mktemp("whole")
    status, output = run(folder, interval=1e9)
    assert status == 0, output
    return contents(folder)


def test_another_folder_two_threads_and_checkpoints_change_no_byte(tmp_path, reference):
    status, output = run(tmp_path / "run", threads=2, cwd=tmp_path)
    assert status == 0, output
    assert_same(tmp_path / "run", reference)


def test_kills_at_random_moments(tmp_path, reference):
    """It writes a checkpoint after every frame, so many of these fall into a write."""
    moments = random.Random(1)
    folder, killed, started = tmp_path / "run", 0, 0
    while killed < 12:
        started += 1
        process = launch(folder)
        # Start-up takes about as long as the simulation: count from its first sign of life.
        while process.poll() is None and not list((folder / "checkpoints").glob("*")):
            time.sleep(0.01)
        try:
            process.wait(timeout=moments.uniform(0.2, 3.0))
        except subprocess.TimeoutExpired:
            process.kill()
            killed += 1
        process.communicate()
        if process.returncode == 0:  # done: begin again from nothing
            assert_same(folder, reference)
            folder = tmp_path / f"run{started}"
    assert_goes_on(folder, reference)


@pytest.mark.parametrize("function", ["savez", "fsync", "replace"])
def test_kills_in_the_middle_of_writes(tmp_path, reference, function):
    """Die in a half-written file, before it is flushed and before it gets its name."""
    for call in (1, 2, 3, 40, 41):
        status, _ = run(tmp_path, crash=[function, call])
        assert status == -signal.SIGKILL
    assert_goes_on(tmp_path, reference)


def test_kills_while_the_outputs_are_written(tmp_path, reference):
    """The simulation is done, its checkpoints are still there: only the writing is repeated."""
    for call in range(1, len(OUTPUTS) + 1):
        # before the outputs come the state of the job and, in the first run, two of checkpoints
        status, _ = run(tmp_path, interval=1e9, crash=["replace", call + (3 if call == 1 else 1)])
        assert status == -signal.SIGKILL
    assert_goes_on(tmp_path, reference)


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 12 MB; needs the right to mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small file system is not allowed here")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def assert_refused(folder, status, output):
    assert status == 1, output
    assert "cannot write" in output, output
    assert "Traceback" not in output
    assert not [path for path in folder.rglob("*") if ".tmp" in path.name]


def test_a_full_disk_is_said_and_survived(small_disk, reference):
    """Full at a checkpoint, then with the outputs half written, then there is space again."""
    ballast, folder = small_disk / "ballast", small_disk / "run"
    for free in (100_000, 1_500_000):
        ballast.unlink(missing_ok=True)
        ballast.write_bytes(bytes(shutil.disk_usage(small_disk).free - free))
        status, output = run(folder, interval=0.0)
        assert_refused(folder, status, output)
        assert "No space left on device" in output
    ballast.unlink()
    assert_goes_on(folder, reference)
    assert "resuming from" in (folder / "simulate.log").read_text()


def test_a_file_that_may_not_grow_is_said_and_survived(tmp_path, reference):
    """The same with a limit on the size of files, which needs no rights."""

    def limit(size):
        return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    # room for checkpoints but not for a trajectory; then not for a checkpoint either
    for size in (300_000, 10_000):
        status, output = run(tmp_path, preexec_fn=limit(size))
        assert_refused(tmp_path, status, output)
    assert_goes_on(tmp_path, reference)


@pytest.mark.parametrize(
    ("number", "times"), [(signal.SIGTERM, 1), (signal.SIGTERM, 3), (signal.SIGINT, 1)]
)
def test_a_signal_saves_and_ends(tmp_path, reference, number, times):
    """A cluster sends SIGTERM more than once at its time limit."""
    process = launch(tmp_path, interval=1e9)
    log = tmp_path / "simulate.log"
    while not (tmp_path / "checkpoints").exists():
        time.sleep(0.02)
    time.sleep(0.3)
    for _ in range(times):
        process.send_signal(number)
        time.sleep(0.001)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert f"stopped by {number.name} at step" in output
    assert "the same command continues from there" in output
    assert len(list((tmp_path / "checkpoints").glob("state-*.npz"))) == 1
    assert_goes_on(tmp_path, reference)
    assert "resuming from" in log.read_text()


def test_two_at_once_wait_for_each_other(tmp_path, reference):
    processes = [launch(tmp_path, interval=0.1) for _ in range(2)]
    for process in processes:
        output, _ = process.communicate(timeout=300)
        assert process.returncode == 0, output
    assert_same(tmp_path, reference)


# ---------------------------------------------------------------- through Snakemake
TARGET = "results/tiny/md/T0.8/r0/final.npz"
LONG = {
    "state_points": [
        {"T": 0.8, "equilibration": 100, "production": 200},
        {"T": 1.0, "equilibration": 10, "production": 60},  # a study needs two; not run here
    ]
}
SHORT_CHECKPOINTS = {"md": {"checkpoint_interval": 0.2}}


def snakemake(study):
    (study.folder / "config" / "long.yaml").write_text(
        yaml.safe_dump({**LONG, **SHORT_CHECKPOINTS})
    )
    return subprocess.Popen(
        [sys.executable, "-m", "snakemake", "--cores", "2", TARGET]
        + ["--configfile", "config/tiny.yaml", "config/long.yaml"],
        cwd=study.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def wait_for_checkpoint(study, process):
    folder = study.folder / "results/tiny/checkpoints/T0.8/r0"
    known = set(folder.glob("state-*.npz"))
    while process.poll() is None and not set(folder.glob("state-*.npz")) - known:
        time.sleep(0.05)
    assert process.poll() is None, process.communicate()[0]


def simulation_of(process):
    """Return the process of the simulation that a Snakemake runs."""
    children = f"/proc/{process.pid}/task"
    for task in Path(children).iterdir():
        for child in (task / "children").read_text().split():
            if "simulate.py" in Path(f"/proc/{child}/cmdline").read_text():
                return int(child)
    raise AssertionError("no simulation runs")


@pytest.mark.parametrize("victim", ["snakemake", "job", "both"])
def test_the_same_command_goes_on_after_a_kill(fresh, tmp_path, victim):
    process = snakemake(fresh)
    wait_for_checkpoint(fresh, process)
    job = simulation_of(process)
    if victim in ("snakemake", "both"):
        process.kill()
    if victim in ("job", "both"):
        os.kill(job, signal.SIGKILL)
    process.communicate(timeout=60)
    assert not (fresh.folder / TARGET).exists()
    # what make does before Snakemake starts
    unlocked = fresh.run([sys.executable, "-m", "study", "unlock"]).stdout
    assert ("its lock is removed" in unlocked) == (victim != "job")
    again = snakemake(fresh)
    output, _ = again.communicate(timeout=300)
    assert again.returncode == 0, output
    log = (fresh.folder / "results/tiny/logs/simulate/T0.8/r0.log").read_text()
    assert "resuming from" in log
    assert not Path(f"/proc/{job}").exists()

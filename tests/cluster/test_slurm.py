"""The study on a real SLURM: few jobs; cancelled or out of time, it ends with the same bytes."""

import re
import time
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest
from tests.cluster.conftest import ask, running, states
from tests.workflow.conftest import copy_repository

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

# Twenty seconds on a core to itself; SLURM's shortest time limit is a minute.
LONG = {
    "md": {"checkpoint_interval": 2},
    "replicas": 1,
    "state_points": [
        {"T": 0.8, "equilibration": 100, "production": 2000},
        {"T": 1.0, "equilibration": 10, "production": 60},  # a study needs two; this is not run
    ],
}
RUN = "results/tiny/md/T0.8/r0"
TARGET = f"{RUN}/final.npz"
CHECKPOINTS = "results/tiny/checkpoints/T0.8/r0"


@pytest.fixture
def study(slurm, tmp_path):
    """A copy of the repository in which nothing has been run, beside a SLURM."""
    return copy_repository(tmp_path / "copy")


@pytest.fixture(scope="module")
def reference(slurm, tmp_path_factory):
    """The bytes of the long simulation, run here without a break."""
    study = copy_repository(tmp_path_factory.mktemp("whole") / "copy")
    study.snakemake(TARGET, change=LONG, check=True)
    return contents(study)


def contents(study):
    return {path.name: path.read_bytes() for path in (study.folder / RUN).iterdir()}


def assert_same(study, reference):
    got = contents(study)
    assert got.keys() == reference.keys()
    assert [name for name in got if got[name] != reference[name]] == []


def on_the_cluster(study, *arguments, change=None):
    """Run Snakemake with the profile of the repository, asking SLURM for news more often."""
    return study.snakemake(
        "--profile=profiles/slurm",
        "--slurm-status-command=squeue",
        "--slurm-init-seconds-before-status-checks=2",
        "--latency-wait=5",
        *arguments,
        change=change,
    )


def submitted(output):
    """Return the number of each job that Snakemake gave to SLURM, in the order of submission."""
    return re.findall(r"submitted with SLURM jobid (\d+)", output)


def test_the_whole_study_runs_in_few_jobs(study):
    once = {"replicas": 1}
    planned = study.planned(once)
    done = on_the_cluster(study, change=once)
    assert done.returncode == 0, done.stdout[-6000:]
    jobs, seen = submitted(done.stdout), states()
    assert {seen[job] for job in jobs} == {"COMPLETED"}
    assert len(jobs) < sum(planned.values()) / 4
    assert len(jobs) > planned["simulate"]  # each has a job of its own
    assert not list(study.results.rglob(".*.tmp*"))
    assert (study.results / "figures" / "fig15.png").stat().st_size > 1000
    assert study.planned(once) == {}


def test_partition_and_memory_come_from_the_configuration(study):
    asked = {"simulation": {"runtime": 30, "mem_mb": 700, "partition": "long"}}
    done = on_the_cluster(study, TARGET, change={"resources": asked})
    assert done.returncode == 0, done.stdout[-6000:]
    (job,) = submitted(done.stdout)
    told = ask("squeue", "-h", "--states=all", "-j", job, "-o", "%P %l %m %C")
    assert told.split() == ["long", "30:00", "700M", "1"]


def simulation(study):
    """Return the process that simulates in this copy once it has written a checkpoint, or None."""
    scripts, folder = study.folder / ".snakemake" / "scripts", study.folder / CHECKPOINTS
    for process in psutil.process_iter(["cmdline", "create_time"]):
        if any(word.startswith(str(scripts)) for word in process.info["cmdline"] or []):
            written = [path.stat().st_mtime for path in folder.glob("state-*.npz")]
            if max(written, default=0) > process.info["create_time"]:
                return process
    return None


@pytest.mark.parametrize("signal", ["TERM", "KILL"])
def test_a_cancelled_simulation_goes_on_with_the_same_command(study, reference, signal):
    """With TERM it can save itself, with KILL it goes on from its last checkpoint."""
    command = (study, TARGET, "--retries=0")
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(on_the_cluster, *command, change=LONG)
        while not first.done() and simulation(study) is None:
            time.sleep(0.2)
        ask("scancel", *([] if signal == "TERM" else ["--signal=KILL", "--full"]), *running())
        first = first.result()
    assert first.returncode != 0
    assert states()[submitted(first.stdout)[-1]] in {"CANCELLED", "FAILED"}
    assert not (study.folder / TARGET).exists()
    # why it failed: the log of the rule and that of the job
    assert log_of(study).splitlines()[-1] in first.stdout
    assert re.search(r"The end of .*/slurm_logs/", first.stdout)

    second = on_the_cluster(*command, change=LONG)
    assert second.returncode == 0, second.stdout[-6000:]
    assert "resuming from" in log_of(study)
    assert_same(study, reference)


def hold(study, times, done):
    """Stop so many jobs' simulations in their tracks after a checkpoint: the node is too slow."""
    held = {}
    while not done():
        if len(held) < times and (process := simulation(study)) and process not in held:
            (held[process],) = running()
            process.suspend()
        for process, job in held.items():  # stopped processes take no signal but SIGKILL
            if job not in running() and process.is_running():
                process.resume()
        time.sleep(0.5)


def test_a_time_limit_shorter_than_the_simulation(study, reference):
    """It takes several jobs, which the retries of the profile submit."""
    # two minutes: on a busy machine it takes one before the simulation begins
    limit = {"resources": {"simulation": {"runtime": 2}}}
    with ThreadPoolExecutor(1) as pool:
        run = pool.submit(on_the_cluster, study, TARGET, change={**LONG, **limit})
        hold(study, 2, run.done)
        done = run.result()
    assert done.returncode == 0, done.stdout[-6000:]
    ends = [states()[job] for job in submitted(done.stdout)]
    assert ends.count("TIMEOUT") >= 2
    assert ends[-1] == "COMPLETED"
    assert done.stdout.count("stopped by SIGTERM") >= 2, "a job could not save itself"
    assert "resuming from" in log_of(study)
    assert_same(study, reference)


def log_of(study):
    return (study.folder / "results/tiny/logs/simulate/T0.8/r0.log").read_text()

"""The study on a real SLURM: few jobs; cancelled or out of time, it ends with the same bytes."""

import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.cluster.conftest import ask, running, states
from tests.workflow.conftest import copy_repository

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

# A simulation that takes some minutes: SLURM's shortest time limit is one.
LONG = {
    "md": {"checkpoint_interval": 5},
    "replicas": 1,
    "state_points": [{"T": 0.8, "equilibration": 500, "production": 2500}],
}
RUN = "results/tiny/md/T0.8/r0"
TARGET = f"{RUN}/final.npz"


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
    planned = study.planned()
    done = on_the_cluster(study)
    assert done.returncode == 0, done.stdout[-6000:]
    jobs, seen = submitted(done.stdout), states()
    assert {seen[job] for job in jobs} == {"COMPLETED"}
    assert len(jobs) < sum(planned.values()) / 4
    assert len(jobs) > planned["simulate"]  # each has a job of its own
    assert not list(study.results.rglob(".*.tmp*"))
    assert (study.results / "figures" / "fig15.png").stat().st_size > 1000
    assert study.planned() == {}


def test_partition_and_memory_come_from_the_configuration(study):
    """Compiling is a job of the class short."""
    asked = {"short": {"runtime": 3, "mem_mb": 700, "partition": "long"}}
    done = on_the_cluster(study, "results/tiny/md/.kernels", change={"resources": asked})
    assert done.returncode == 0, done.stdout[-6000:]
    (job,) = submitted(done.stdout)
    told = ask("squeue", "-h", "--states=all", "-j", job, "-o", "%P %l %m %C")
    assert told.split() == ["long", "3:00", "700M", "1"]


@pytest.mark.parametrize("signal", ["TERM", "KILL"])
def test_a_cancelled_simulation_goes_on_with_the_same_command(study, reference, signal):
    """With TERM it can save itself, with KILL it goes on from its last checkpoint."""
    checkpoints = study.folder / "results/tiny/checkpoints/T0.8/r0"
    command = (study, TARGET, "--retries=0")
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(on_the_cluster, *command, change=LONG)
        while not first.done() and len(list(checkpoints.glob("state-*.npz"))) == 0:
            time.sleep(0.2)
        time.sleep(0 if first.done() else 15)
        ask("scancel", *([] if signal == "TERM" else ["--signal=KILL", "--full"]), *running())
        first = first.result()
    assert first.returncode != 0
    assert states()[submitted(first.stdout)[-1]] in {"CANCELLED", "FAILED"}
    assert "melt" in first.stdout, "the end of the job's log is not shown"
    assert not (study.folder / TARGET).exists()

    second = on_the_cluster(*command, change=LONG)
    assert second.returncode == 0, second.stdout[-6000:]
    assert "resuming from" in log_of(study)
    assert_same(study, reference)


def test_a_time_limit_shorter_than_the_simulation(study, reference):
    """It takes several jobs, which the retries of the profile submit."""
    limit = {"resources": {"simulation": {"runtime": 1}}}
    done = on_the_cluster(study, TARGET, change={**LONG, **limit})
    assert done.returncode == 0, done.stdout[-6000:]
    ends = [states()[job] for job in submitted(done.stdout)]
    assert ends.count("TIMEOUT") >= 1
    assert ends[-1] == "COMPLETED"
    assert "resuming from" in log_of(study)
    assert_same(study, reference)


def log_of(study):
    return (study.folder / "results/tiny/logs/simulate/T0.8/r0.log").read_text()

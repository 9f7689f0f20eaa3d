"""The study on a real Grid Engine, with the profile for any cluster; killed, it goes on."""

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

import pytest
from tests.cluster.conftest import ask, free_ports
from tests.cluster.test_slurm import LONG, TARGET, assert_same, contents, log_of, simulation
from tests.workflow.conftest import copy_repository

from softcage.md.interruption import end_with_parent

pytestmark = [pytest.mark.workflow, pytest.mark.slow]
DEBIAN = Path("/usr/share/gridengine")
PROGRAMS = ("sge_qmaster", "sge_execd", "qsub", "qconf")
HOST = "\n".join(
    f"{key} {value}"
    for key, value in {
        "hostname": "localhost",
        "complex_values": "slots=2",
        **dict.fromkeys(
            "load_scaling user_lists xuser_lists projects xprojects usage_scaling "
            "report_variables".split(),
            "NONE",
        ),
    }.items()
)
PARALLEL = """pe_name smp
slots 99
user_lists NONE
xuser_lists NONE
start_proc_args NONE
stop_proc_args NONE
allocation_rule $pe_slots
control_slaves FALSE
job_is_first_task TRUE
urgency_slots min
accounting_summary FALSE
qsort_args NONE
"""
GLOBAL = {"gid_range": "65400-65500", "min_uid": 0, "min_gid": 0}
SCHEDULER = {"schedule_interval": "0:0:1", "flush_submit_sec": 1, "flush_finish_sec": 1}
QUEUE = {
    "qname": "all.q",
    "hostlist": "localhost",
    "slots": 2,
    "pe_list": "smp",
    "load_thresholds": "NONE",
}


def changed(text, values):
    """Return a configuration as qconf shows it, with other values."""
    for key, value in values.items():
        text = re.sub(rf"^{key}\b.*", f"{key} {value}", text, flags=re.MULTILINE)
    return text


class GridEngine:
    """Daemons in the foreground, as children of pytest, with all their files in one folder."""

    def __init__(self, folder):
        self.folder = folder
        self.daemons = []

    def start(self):
        folder = self.folder
        for name in ("default/common", "spooldb", "qmaster/job_scripts", "execd"):
            (folder / name).mkdir(parents=True)
        for name in ("bin", "lib", "util", "utilbin"):
            (folder / name).symlink_to(Path("/var/lib/gridengine", name).resolve())
        common = folder / "default" / "common"
        values = {
            "admin_user": "root",
            "spooling_params": folder / "spooldb",
            "qmaster_spool_dir": folder / "qmaster",
        }
        bootstrap = (DEBIAN / "default-bootstrap").read_text()
        (common / "bootstrap").write_text(changed(bootstrap, values))
        (common / "act_qmaster").write_text("localhost\n")
        (common / "host_aliases").write_text(f"localhost {socket.gethostname()}\n")
        init = [DEBIAN / "scripts" / "init_cluster", folder, "default", folder / "spooldb", "root"]
        subprocess.run(init, check=True, capture_output=True)
        self.daemon("sge_qmaster")
        self.wait_for("sge_qmaster", lambda: ask("qconf", "-sconf"))
        ask("qconf", "-as", "localhost")
        self.configure("-Ae", "host", HOST)
        self.configure("-Ap", "smp", PARALLEL)
        conf = GLOBAL | {"execd_spool_dir": folder / "execd"}
        self.configure("-Mconf", "global", changed(ask("qconf", "-sconf"), conf))
        self.configure("-Msconf", "scheduler", changed(ask("qconf", "-ssconf"), SCHEDULER))
        self.daemon("sge_execd")
        self.configure("-Aq", "queue", changed(ask("qconf", "-sq"), QUEUE))
        self.wait_for("host", lambda: "lx-" in ask("qhost", "-h", "localhost"))

    def configure(self, option, name, text):
        (self.folder / name).write_text(f"{text}\n")
        done = subprocess.run(
            ["qconf", option, name], cwd=self.folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{name}: {done.stdout}{done.stderr}"

    def daemon(self, name):
        with (self.folder / f"{name}.out").open("w") as output:
            streams = {"stdout": output, "stderr": output}
            process = subprocess.Popen(
                [name], cwd=self.folder, preexec_fn=end_with_parent, **streams
            )
            self.daemons.append(process)

    def wait_for(self, what, ready, seconds=60):
        end = time.monotonic() + seconds
        while not ready():
            logs = "\n".join(log.read_text()[-2000:] for log in self.folder.glob("*.out"))
            assert time.monotonic() < end, f"no {what}\n{logs}"
            time.sleep(0.5)

    def stop(self):
        """End the jobs, then the daemons in the reverse order of their start."""
        ask("qdel", "-f", "-u", "*")
        for process in reversed(self.daemons):
            process.terminate()
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@pytest.fixture(scope="module")
def gridengine(tmp_path_factory):
    """A Grid Engine that runs; SGE_ROOT points there as long as it does."""
    if os.geteuid() != 0 or any(shutil.which(name) is None for name in PROGRAMS):
        pytest.skip("Grid Engine or root is missing; make test-gridengine installs it on Debian")
    if find_spec("snakemake_executor_plugin_cluster_generic") is None:
        pytest.skip("the executor plugin is missing; make test-gridengine installs it")
    if [name for _, name in socket.if_nameindex()] != ["lo"]:  # its daemons listen on all
        pytest.skip("there is a network; make test-gridengine runs where there is none")
    folder = tmp_path_factory.mktemp("gridengine")
    ports = dict(zip(("SGE_QMASTER_PORT", "SGE_EXECD_PORT"), map(str, free_ports(2)), strict=True))
    cluster = GridEngine(folder)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"SGE_ROOT": str(folder), "SGE_CELL": "default", **ports}.items():
            patch.setenv(name, value)
        patch.setenv("SGE_ND", "1")  # daemons stay in the foreground
        # a SIGTERM to pytest is like Ctrl-C: what follows the yield is still done
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.stop()
            signal.signal(signal.SIGTERM, before)


@pytest.fixture(scope="module")
def reference(gridengine, tmp_path_factory):
    """The bytes of the simulation, run here without a break."""
    study = copy_repository(tmp_path_factory.mktemp("whole") / "copy")
    study.snakemake(TARGET, change=LONG, check=True)
    return contents(study)


def on_the_cluster(study, *arguments):
    return study.snakemake(
        "--profile=profiles/generic", "--latency-wait=5", TARGET, *arguments, change=LONG
    )


def submitted(output):
    """Return the number of each job that Snakemake gave to Grid Engine, in their order."""
    return re.findall(r"with external jobid '(\d+)'", output)


def became(job):
    """Return what Snakemake is told about a job."""
    return ask("profiles/generic/gridengine-status", job)


def run_until_a_checkpoint(study, *arguments, then):
    """Run the simulation; call a function with its process once it has written a checkpoint."""
    with ThreadPoolExecutor(1) as pool:
        run = pool.submit(on_the_cluster, study, *arguments)
        while not run.done() and (process := simulation(study)) is None:
            time.sleep(0.2)
        assert not run.done(), run.result().stdout[-6000:]
        then(process)
        return run.result()


def test_a_killed_simulation_goes_on_with_the_same_command(reference, tmp_path):
    """A job that is deleted gets SIGKILL, with all its processes."""
    study = copy_repository(tmp_path / "copy")
    asked = []

    def delete(process):
        asked.append(ask("qstat", "-j", "*"))
        ask("qdel", "-u", "root")
        process.wait(timeout=60)

    first = run_until_a_checkpoint(study, "--retries=0", then=delete)
    assert first.returncode != 0
    assert not (study.folder / TARGET).exists()
    killed = submitted(first.stdout)[-1]
    assert "h_rt=43200,mem_free=2000M" in asked[0]  # resources.simulation of the configuration
    assert re.search(r"exit_status +137", ask("qacct", "-j", killed))
    assert became(killed) == "failed"

    second = on_the_cluster(study, "--retries=0")
    assert second.returncode == 0, second.stdout[-6000:]
    assert became(submitted(second.stdout)[-1]) == "success"
    assert "resuming from" in log_of(study)
    assert_same(study, reference)


def test_a_stopped_simulation_is_submitted_again_and_goes_on(reference, tmp_path):
    """One command: the retries of the profile."""
    study = copy_repository(tmp_path / "copy")
    done = run_until_a_checkpoint(study, then=lambda process: process.terminate())
    assert done.returncode == 0, done.stdout[-6000:]
    *_, stopped, last = submitted(done.stdout)
    assert [became(stopped), became(last)] == ["failed", "success"]
    assert "stopped by SIGTERM" in done.stdout
    assert "resuming from" in log_of(study)
    assert_same(study, reference)

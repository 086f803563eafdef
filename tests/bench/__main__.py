"""`python -m tests.bench`: run the benchmarks.

Each figure goes to the standard output as one JSON object per line; the progress and the table go to the
standard error. The exit status is 1 if a benchmark fails, and 0 if a goal is not met: a machine may be slow.
"""
# ruff: noqa: T201 - a command-line program prints

import argparse
import sys
import time
import traceback
from importlib import import_module

from tests.bench.figures import Figure, table

# The modules beside this one. Each has `measure()`, which yields its figures, and a docstring.
BENCHMARKS: tuple[str, ...] = (
    "clock",
    "cold_start",
    "cost",
    "growth",
    "local_stack",
    "page_load",
    "throughput",
    "warm_requests",
    "webhooks",
)


def main() -> int:
    """Run the benchmarks that the arguments name."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}; by default all"
    )
    names = parser.parse_args().names or BENCHMARKS
    if unknown := [name for name in names if name not in BENCHMARKS]:
        parser.error(f"unknown benchmark {unknown[0]!r}; the benchmarks are {', '.join(BENCHMARKS)}")
    failed = [name for name in names if not run(name)]
    if failed:
        print(f"Failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def run(name: str) -> bool:
    """Run one benchmark. False if it fails."""
    print(f"{name} ...", file=sys.stderr, flush=True)
    started = time.monotonic()
    figures: list[Figure] = []
    try:
        for figure in import_module(f"tests.bench.{name}").measure():
            print(figure.json_line(), flush=True)
            figures.append(figure)
    except Exception:
        # The other benchmarks still run; the exit status reports the failure.
        traceback.print_exc()
        return False
    print(
        f"\n{table(figures)}\n\n{name} took {time.monotonic() - started:.0f} s\n", file=sys.stderr, flush=True
    )
    return True


if __name__ == "__main__":
    sys.exit(main())

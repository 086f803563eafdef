# ruff: noqa: T201 - a command-line program prints
"""The simulator's command: explore, or reproduce one story with a log of its events."""

import argparse
import atexit
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache

from infra.output import fit_any_encoding
from tests.simulation.catalogue import RACES, RANDOM, SCRIPTS
from tests.simulation.explore import Explorer, Run
from tests.simulation.faults import Edge, Fault
from tests.simulation.laboratory import laboratory
from tests.simulation.turns import Turns

COMMAND = "python -m tests.simulation"
WAYS = ("faults", "orders", "seeds")
SEEDS_A_JOB = 25
PARTS = 8  # of a script's faults: one job each, for short jobs and visible progress
JOBS_PER_PROCESS = 10  # moto keeps some memory of each story: after 100 jobs, a process had 7 GB
MAX_SHOWN_FAILURES = 20
INTERRUPTED = 130  # the exit code of an interrupted program in a shell


@dataclass(kw_only=True)
class Summary:
    """The results of a number of stories."""

    runs: int = 0
    calls: int = 0
    struck: Counter[tuple[Edge, Fault]] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def add(self, run: Run) -> None:
        self.runs += 1
        self.calls += len(run.calls)
        self.struck += run.struck
        if run.error:
            self.failures.append(f"{type(run.error).__name__}: {run.error}\n      {COMMAND} {run.repeat}")

    def merge(self, other: "Summary") -> None:
        self.runs += other.runs
        self.calls += other.calls
        self.struck += other.struck
        self.failures += other.failures


Job = tuple[str, str, int, int]
"""The way to explore, the script, and the range of seeds or the part of a number of parts."""


def main(arguments: list[str]) -> int:
    fit_any_encoding()
    options = _options(arguments)
    if options.reproduce:
        return _reproduce(options)
    started, summary = time.monotonic(), Summary()
    jobs = list(_jobs(options))
    try:
        for done, part in enumerate(_work(jobs, options.jobs), start=1):
            summary.merge(part)
            for failure in part.failures[:MAX_SHOWN_FAILURES]:
                print(f"\r  ✗ {failure}")
            print(f"\r  {done}/{len(jobs)}  {summary.runs} stories", end="", flush=True)
    except KeyboardInterrupt:
        print("\r  Interrupted. Results so far:")
        _print(summary, time.monotonic() - started)
        return INTERRUPTED
    _print(summary, time.monotonic() - started)
    return bool(summary.failures)


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=COMMAND, description=__doc__)
    parser.add_argument("--script", action="append", choices=SCRIPTS, help="only this script; repeatable")
    parser.add_argument("--seeds", default="1..200", help="random stories of each script: FROM..TO")
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS, help="how to explore")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    reproduce = parser.add_argument_group("reproduce one story, with its trace")
    reproduce.add_argument("--calm", action="store_true", default=None)
    reproduce.add_argument("--seed", type=int)
    reproduce.add_argument("--call", type=int)
    reproduce.add_argument("--fault", choices=list(Fault), type=Fault)
    reproduce.add_argument("--length", type=int, default=1, help="number of consecutive calls")
    reproduce.add_argument("--turns", type=Turns.parse)
    options = parser.parse_args(arguments)
    selected = [one for one in (options.calm, options.seed, options.call, options.turns) if one is not None]
    options.reproduce = bool(selected)
    if selected and (len(selected) > 1 or len(options.script or []) != 1):
        parser.error("a reproduction needs one --script, and one of --calm, --seed, --call and --turns")
    if (options.call is None) is not (options.fault is None):
        parser.error("--call and --fault require each other")
    return options


def _jobs(options: argparse.Namespace) -> Iterator[Job]:
    """The longest jobs first."""
    scripts = options.script or list(SCRIPTS)
    if "faults" in options.ways:
        faulty = [name for name in scripts if name not in RANDOM]
        yield from (("faults", name, part, PARTS) for name in faulty for part in range(PARTS))
    if "orders" in options.ways:
        yield from (("orders", name, 0, 0) for name in scripts if name in RACES)
    if "seeds" in options.ways:
        first, last = (int(number) for number in options.seeds.split(".."))
        for start in range(first, last + 1, SEEDS_A_JOB):
            yield from (("seeds", name, start, min(start + SEEDS_A_JOB, last + 1)) for name in scripts)


def _work(jobs: list[Job], processes: int) -> Iterable[Summary]:
    """The results of the jobs. Processes are replaced after JOBS_PER_PROCESS jobs."""
    size = processes * JOBS_PER_PROCESS
    for start in range(0, len(jobs), size):
        with ProcessPoolExecutor(processes, initializer=_ignore_interrupts) as pool:
            try:
                futures = [pool.submit(_explore, job) for job in jobs[start : start + size]]
                for future in as_completed(futures):
                    yield future.result()
            finally:
                pool.shutdown(cancel_futures=True)


def _ignore_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


_laboratory = ExitStack()
atexit.register(_laboratory.close)


def _explore(job: Job) -> Summary:
    how, name, start, end = job
    explorer, summary = _explorer(), Summary()
    ways: dict[str, Callable[[], Iterable[Run]]] = {
        "faults": lambda: explorer.each_fault(name, storms=True, first=start, one_of=end),
        "orders": lambda: explorer.each_order(name),
        "seeds": lambda: (explorer.at_random(name, seed) for seed in range(start, end)),
    }
    for run in ways[how]():
        summary.add(run)
    return summary


@cache
def _explorer() -> Explorer:
    """The explorer of this process, which is closed with it."""
    return Explorer(laboratory=_laboratory.enter_context(laboratory()))


def _reproduce(options: argparse.Namespace) -> int:
    explorer = _explorer()
    (name,) = options.script
    if options.seed is not None:
        run = explorer.at_random(name, options.seed)
    elif options.turns is not None:
        run = explorer.in_order(name, options.turns)
    elif options.calm:
        run = explorer.without_faults(name)
    else:
        run = explorer.one_fault(name, options.call, options.fault, length=options.length)
    for at, text in run.trace:
        print(f"{at:%d %H:%M:%S.%f}"[:-3], text)
    print(f"\n✗ {run.error}" if run.error else "\n✓ every guarantee holds")
    return bool(run.error)


def _print(summary: Summary, took_s: float) -> None:
    rate = summary.runs / took_s
    print(f"\r  {summary.runs} stories, {summary.calls} calls, {took_s:.0f} s, {rate:.1f} a second")
    for edge in Edge:
        faults = {fault: count for (of, fault), count in summary.struck.items() if of is edge}
        counts = ", ".join(f"{count} {fault}" for fault, count in sorted(faults.items()))
        print(f"    {edge:<20} {counts or 'none'}")
    bad = len(summary.failures)
    print(f"  {bad} stories failed" if bad else "  every guarantee holds")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""CPU time and memory of the local stack's processes, by their kind. Only on Linux, which has /proc."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_FUNCTION = re.compile(r"ministack-lambda-[a-z]+-([a-z-]+?)-[^-/]+/_worker")
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Memory:
    """The processes of one kind: their number, their memory, and the highest peak of one of them, in MB."""

    processes: int = 0
    resident_mb: float = 0.0
    peak_mb: float = 0.0


def cpu_s_by_kind() -> dict[str, float]:
    """The CPU seconds so far of this process, and of the processes that it started and that still run."""
    kinds = dict[str, float]()
    for kind, process in _processes():
        kinds[kind] = kinds.get(kind, 0.0) + _cpu_s(process)
    return kinds


def memory_by_kind() -> dict[str, Memory]:
    """The memory (RSS) of this process, and of the processes that it started and that still run.

    Memory that processes share is counted for each of them.
    """
    kinds = dict[str, Memory]()
    for kind, process in _processes():
        status = (process / "status").read_text()
        resident_mb, peak_mb = (_field_mb(status, name) for name in ("VmRSS", "VmHWM"))
        before = kinds.get(kind, Memory())
        kinds[kind] = Memory(
            processes=before.processes + 1,
            resident_mb=before.resident_mb + resident_mb,
            peak_mb=max(before.peak_mb, peak_mb),
        )
    return kinds


def _processes() -> Iterator[tuple[str, Path]]:
    """This process, and those that it started and that still run, with their kinds."""
    yield "local server", Path("/proc/self")
    for process in _descendants(os.getpid()):
        yield _kind((process / "cmdline").read_text().replace("\0", " ")), process


def _field_mb(status: str, name: str) -> float:
    found = re.search(rf"^{name}:\s+(\d+) kB$", status, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0  # a process that has ended has no memory


def _kind(command: str) -> str:
    if found := _FUNCTION.search(command):
        return f"function {found[1]}"
    return "embedded AWS" if "infra.local.ministack" in command else "receiver"


def _descendants(pid: int) -> list[Path]:
    """The processes below ``pid``."""
    children: dict[int, list[int]] = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            parent = int(_stat(process)[1])
        except (FileNotFoundError, ProcessLookupError):  # it has ended
            continue
        children.setdefault(parent, []).append(int(process.name))
    found, unread = list[int](), [pid]
    while unread:
        below = children.get(unread.pop(), [])
        found += below
        unread += below
    return [Path(f"/proc/{each}") for each in found]


def _cpu_s(process: Path) -> float:
    fields = _stat(process)
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S


def _stat(process: Path) -> list[str]:
    """The fields of `stat` after the name of the program, which can contain blanks."""
    return (process / "stat").read_text().rpartition(")")[2].split()

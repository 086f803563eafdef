"""The CPU time of the local stack's processes, by their kind. Only on Linux, which has /proc."""

import os
import re
from pathlib import Path

_FUNCTION = re.compile(r"ministack-lambda-[a-z]+-([a-z-]+?)-[^-/]+/_worker")
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def cpu_s_by_kind() -> dict[str, float]:
    """The CPU seconds so far of this process, and of the processes that it started and that still run."""
    kinds = dict[str, float]()
    for process in _descendants(os.getpid()):
        command = (process / "cmdline").read_text().replace("\0", " ")
        kind = _kind(command)
        kinds[kind] = kinds.get(kind, 0.0) + _cpu_s(process)
    kinds["local server"] = _cpu_s(Path("/proc/self"))
    return kinds


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

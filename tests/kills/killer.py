"""Kills the functions' processes repeatedly."""

import os
import re
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

# An emulated function is a child process of the emulator, unpacked into a folder with its name.
_FUNCTION = re.compile(r"ministack-lambda-payment-gateway-[a-z]+-([a-z-]+)-\w+/")

SPARED_S = 4.0  # after it was first seen: several times a start on an idle machine


@dataclass(frozen=True, kw_only=True)
class Killer:
    """Sends SIGKILL to a process of a function of ``victims`` about every ``interval_s``, ``kills`` times.

    It spares new processes: if one ends before it is ready, the emulator ends all others of its function too,
    so that none might ever be ready on a busy machine. ``pid_file`` is the emulator's.
    """

    pid_file: Path
    victims: Collection[str]
    interval_s: float
    kills: int
    random: Random
    killed: Counter[str] = field(default_factory=Counter)
    _first_seen: dict[int, float] = field(default_factory=dict)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Kill processes in this context."""
        stopped = threading.Event()
        thread = threading.Thread(target=self._kill_until, args=[stopped], name="killer")
        thread.start()
        try:
            yield
        finally:
            stopped.set()
            thread.join()

    def _kill_until(self, stopped: threading.Event) -> None:
        while self.killed.total() < self.kills and not stopped.wait(self._pause_s()):
            ready = self._ready()
            if not ready:
                continue
            function = self.random.choice(sorted(ready))
            with suppress(ProcessLookupError):
                os.kill(self.random.choice(ready[function]), signal.SIGKILL)
                self.killed[function] += 1

    def _pause_s(self) -> float:
        return self.interval_s * self.random.uniform(0.5, 1.5)

    def _ready(self) -> dict[str, list[int]]:
        """The functions' processes that are not new, by function."""
        now, ready = time.monotonic(), dict[str, list[int]]()
        for pid, function in self._processes():
            if now - self._first_seen.setdefault(pid, now) >= SPARED_S:
                ready.setdefault(function, []).append(pid)
        return ready

    def _processes(self) -> Iterator[tuple[int, str]]:
        """The functions' processes, with the function's name."""
        emulator = self.pid_file.read_text()
        command = ["ps", "-A", "-ww", "-o", "pid=,ppid=,command="]
        listed = subprocess.run(command, capture_output=True, text=True, check=True)
        for line in listed.stdout.splitlines():
            pid, parent, what = line.split(maxsplit=2)
            function = _FUNCTION.search(what)
            if parent == emulator and function and function[1] in self.victims:
                yield int(pid), function[1]

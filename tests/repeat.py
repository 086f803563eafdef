"""`pytest --times 50 --load`: repeat each test while other processes keep the processors busy.

A test that depends on time, order or a free processor fails sometimes. Repetition shows how often.
"""

import os
import subprocess
import sys
from contextlib import ExitStack

import pytest

MAX_LOAD_S = 3_600
# It ends by itself, even if its parent process was killed.
_BUSY = """
import os, sys, time
end, parent = time.monotonic() + float(sys.argv[1]), os.getppid()
while time.monotonic() < end and os.getppid() == parent:
    pass
"""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add both options."""
    group = parser.getgroup("repeat")
    group.addoption("--times", type=int, default=1, help="number of repetitions of each test")
    group.addoption("--load", action="store_true", help="keep every processor busy")


def pytest_configure(config: pytest.Config) -> None:
    """Start the load, once for all workers."""
    config.addinivalue_line(
        "markers", "sensitive(reason): depends on time, load or other processes; `make flaky` repeats it"
    )
    if config.getoption("load") and not hasattr(config, "workerinput"):
        config.add_cleanup(_start_load().close)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Repeat each test."""
    times = metafunc.config.getoption("times")
    if times > 1:
        metafunc.fixturenames.append("repetition")
        metafunc.parametrize("repetition", range(1, times + 1), ids=lambda number: f"time {number}")


def _start_load() -> ExitStack:
    """Start a process for each processor that uses all of it; closing the stack ends them."""
    stack = ExitStack()
    for _ in range(os.cpu_count() or 1):
        process = stack.enter_context(subprocess.Popen([sys.executable, "-c", _BUSY, str(MAX_LOAD_S)]))
        stack.callback(process.kill)
    return stack

"""`pytest --times 50 --load`: repeat each test while other processes use all CPUs.

Shows how often a test fails that depends on time, order or free CPU time.
"""

import os
import subprocess
import sys
from contextlib import ExitStack

import pytest

MAX_LOAD_S = 3_600
# The process exits after the given time, or when its parent was killed.
_BUSY = """
import os, sys, time
end, parent = time.monotonic() + float(sys.argv[1]), os.getppid()
while time.monotonic() < end and os.getppid() == parent:
    pass
"""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("repeat")
    group.addoption("--times", type=int, default=1, help="run each test this many times")
    group.addoption("--load", action="store_true", help="use all CPUs in the meantime")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker and start the load, once for all workers."""
    config.addinivalue_line(
        "markers", "sensitive(reason): depends on time, load or other processes; `make flaky` repeats it"
    )
    if config.getoption("load") and not hasattr(config, "workerinput"):
        config.add_cleanup(_start_load().close)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Parametrize each test with its repetitions."""
    times = metafunc.config.getoption("times")
    if times > 1:
        metafunc.fixturenames.append("repetition")
        metafunc.parametrize("repetition", range(1, times + 1), ids=lambda number: f"time {number}")


def _start_load() -> ExitStack:
    """Start a busy process per CPU; closing the stack ends them."""
    stack = ExitStack()
    for _ in range(os.cpu_count() or 1):
        process = stack.enter_context(subprocess.Popen([sys.executable, "-c", _BUSY, str(MAX_LOAD_S)]))
        stack.callback(process.kill)
    return stack

"""Child processes, which also stop when their standard input closes because this process was killed."""

import subprocess
from typing import Any

STOP_TIMEOUT_S = 20.0  # the embedded AWS saves its state before it exits


def stop(process: subprocess.Popen[bytes]) -> None:
    """Terminate the process, kill it after STOP_TIMEOUT_S, and close its input."""
    process.terminate()
    wait_or_kill(process, STOP_TIMEOUT_S)
    if process.stdin is not None:
        process.stdin.close()


def wait_or_kill(process: subprocess.Popen[Any], timeout_s: float) -> None:
    """Wait until the process has exited, and kill it after ``timeout_s``."""
    try:
        process.wait(timeout_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()

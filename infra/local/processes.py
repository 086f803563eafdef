"""Child processes, which also stop when their standard input closes because this process was killed."""

import subprocess

STOP_TIMEOUT_S = 20.0  # the embedded AWS saves its state before it exits


def stop(process: subprocess.Popen[bytes]) -> None:
    """Terminate the process, kill it after STOP_TIMEOUT_S, and close its input."""
    process.terminate()
    try:
        process.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdin is not None:
        process.stdin.close()

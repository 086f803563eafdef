"""Stops this process when its parent exits, even if the parent is killed."""

import os
import signal
import threading
import time

STOP_TIMEOUT_S = 20.0  # time to save the state and exit


def stop_with_parent() -> None:
    """Stop at the end of standard input, a pipe that the parent keeps open and never writes to."""
    threading.Thread(target=_wait_and_stop, name="parent", daemon=True).start()


def _wait_and_stop() -> None:
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(STOP_TIMEOUT_S)
    os.kill(os.getpid(), signal.SIGKILL)

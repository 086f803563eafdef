"""The end of this process when its parent dies, whatever kills the parent."""

import os
import signal
import threading
import time

STOP_TIMEOUT_S = 20.0  # to save the state and end


def stop_with_parent() -> None:
    """Stop when standard input ends: the parent holds its other end and never writes to it."""
    threading.Thread(target=_wait_and_stop, name="parent", daemon=True).start()


def _wait_and_stop() -> None:
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(STOP_TIMEOUT_S)
    os.kill(os.getpid(), signal.SIGKILL)

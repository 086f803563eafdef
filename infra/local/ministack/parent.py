"""Follows the parent process through standard input, a pipe that the parent keeps open.

The parent writes one byte when the stack is deployed. The pipe ends when the parent exits, also if it is
killed.
"""

import os
import signal
import threading
import time
from collections.abc import Callable

STOP_TIMEOUT_S = 20.0  # time to save the state and exit


def follow_parent(on_deployed: Callable[[], None]) -> None:
    """Call ``on_deployed`` when the stack is deployed. Stop this process at the end of standard input."""
    threading.Thread(target=_follow, args=[on_deployed], name="parent", daemon=True).start()


def _follow(on_deployed: Callable[[], None]) -> None:
    while os.read(0, 1):
        on_deployed()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(STOP_TIMEOUT_S)
    os.kill(os.getpid(), signal.SIGKILL)

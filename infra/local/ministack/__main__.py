"""`python -m infra.local.ministack`: MiniStack with snapshots, for `make run`.

MiniStack's environment variables configure it. Its standard input is a pipe from the parent process.
"""

import os

# The functions inherit the environment, and must not import this project's modules from the source tree.
os.environ.pop("PYTHONPATH", None)

from pathlib import Path

import ministack.app
from ministack.core.persistence import PERSIST_STATE, STATE_DIR

from infra.local.ministack.parent import stop_with_parent
from infra.local.ministack.saver import Saver
from infra.local.ministack.snapshot import Snapshots
from infra.local.ministack.state import State
from infra.local.ministack.streams import improve


def main() -> None:
    """Serve until SIGTERM, or until the parent exits."""
    stop_with_parent()
    improve()
    if PERSIST_STATE:
        state = State(Snapshots(Path(STATE_DIR)))
        saver = Saver(state.save)
        ministack.app.app = saver.watch(ministack.app.app)
        ministack.app.load_state = state.load
        ministack.app.save_all = lambda _services: saver.save_at_exit()
    ministack.app.main()


main()

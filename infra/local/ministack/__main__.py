"""`python -m infra.local.ministack`: MiniStack with what `make run` needs beside it.

It takes its settings from MiniStack's own environment variables, and its standard input from its parent.
"""

import os

# The functions inherit the environment and must not find this project's own modules.
os.environ.pop("PYTHONPATH", None)

from pathlib import Path

import ministack.app
from ministack.core.persistence import PERSIST_STATE, STATE_DIR

from infra.local.ministack.parent import stop_with_parent
from infra.local.ministack.saver import Saver
from infra.local.ministack.snapshot import Snapshots
from infra.local.ministack.state import State


def main() -> None:
    """Serve until SIGTERM, or until the parent dies."""
    stop_with_parent()
    if PERSIST_STATE:
        state = State(Snapshots(Path(STATE_DIR)))
        saver = Saver(state.save)
        ministack.app.app = saver.watch(ministack.app.app)
        ministack.app.load_state = state.load
        ministack.app.save_all = lambda _services: saver.save_last()
    ministack.app.main()


main()

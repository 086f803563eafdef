"""The browser: Debian's Chromium, without a window and without anything of its own to ask the network.

The headless shell is preferred: the whole browser gives each page a window with a user interface that nobody
sees, and takes three times the processor time.
"""

import os
import shutil

import pytest
from playwright.sync_api import Browser, BrowserType

NAMES = ("chromium-headless-shell", "chromium")  # in order of preference
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--site-per-process",  # as the whole browser does: a frame of another site has its own process
)


def launch(chromium: BrowserType) -> Browser:
    """Start it; the environment's CHROMIUM names another."""
    chosen = os.environ.get("CHROMIUM")
    names = (chosen,) if chosen else NAMES
    path = next((path for name in names if (path := shutil.which(name))), None)
    if path is None:
        missing = " and no ".join(names)
        pytest.fail(f"There is no {missing}: install it, or name one in CHROMIUM.", pytrace=False)
    return chromium.launch(executable_path=path, args=FLAGS, chromium_sandbox=False)

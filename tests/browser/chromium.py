"""The browser: Debian's Chromium, headless and without background network requests.

The headless shell is preferred: the full browser creates an unused window for each page and takes three times
the CPU time.
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
    "--site-per-process",  # as in the full browser: a frame of another site has a separate process
)


def launch(chromium: BrowserType) -> Browser:
    """Start the browser. The environment variable CHROMIUM overrides the executable."""
    chosen = os.environ.get("CHROMIUM")
    names = (chosen,) if chosen else NAMES
    path = next((path for name in names if (path := shutil.which(name))), None)
    if path is None:
        missing = " and no ".join(names)
        pytest.fail(f"There is no {missing}: install it, or name one in CHROMIUM.", pytrace=False)
    return chromium.launch(executable_path=path, args=FLAGS, chromium_sandbox=False)

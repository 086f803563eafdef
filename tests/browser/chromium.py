"""The browser: Debian's Chromium, without a window and without anything of its own to ask the network."""

import os
import shutil

import pytest
from playwright.sync_api import Browser, BrowserType

FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def launch(chromium: BrowserType) -> Browser:
    """Start it; the environment's CHROMIUM names another."""
    name = os.environ.get("CHROMIUM", "chromium")
    path = shutil.which(name)
    if path is None:
        pytest.fail(f"There is no {name}: `make test` installs it, or name one in CHROMIUM.", pytrace=False)
    return chromium.launch(executable_path=path, args=FLAGS, chromium_sandbox=False)

"""`make demo ACQUIRER=stripe` succeeds on a separate stack, and says what is missing."""

import subprocess
import sys

import pytest

from infra.project import ROOT

pytestmark = pytest.mark.contract("7")

TIMEOUT_S = 300


def test_the_demo_pays_at_the_emulator_of_stripe():
    words = [sys.executable, "-m", "infra", "demo", "--acquirer", "stripe"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "two payments at an emulator of Stripe" in done.stdout
    for step in ("requires_action", "success, requires_capture", "succeeded", "processed, 200.00 INR"):
        assert step in done.stdout
    assert "4242424242424242" not in done.stdout
    assert "sk_test_" not in done.stdout

"""What a cold start loads: each function loads only what it uses, in a new process."""

import json
import subprocess
import sys
import sysconfig
from functools import cache

import pytest

from infra.project import ROOT
from tests.bench.functions import ENVIRONMENT, FIRST_EVENTS

START = """
import sys
sys.path += sys.argv[1:3]
import gc, importlib, json
importlib.import_module(sys.argv[3]).handler(json.loads(sys.argv[4]), None)
assert gc.isenabled() and gc.get_freeze_count()
print(json.dumps(sorted(sys.modules)))
"""
STREAMS = ("relay", "recorder")
ACQUIRER_JOBS = ("payment_worker", "refund_worker")
WEBHOOKS = ("webhook_worker", "slow_webhook_worker")
# What was counted with Python 3.11, and some more: Python versions and libraries differ by a few modules.
MAX_MODULES = {
    "api_handler": 640,
    **dict.fromkeys(STREAMS + ACQUIRER_JOBS, 490),
    **dict.fromkeys(WEBHOOKS, 605),
}
ADAPTERS = tuple(f"chalicelib.acquirers.{name}.adapter" for name in ("simulated", "stripe", "razorpay"))
FOR_TOOLS = ("boto3", "s3transfer", "infra", "tests")


@cache
def loaded_by(function: str) -> frozenset[str]:
    """The modules after the first response of the function."""
    arguments = (str(ROOT), sysconfig.get_path("purelib"), f"chalicelib.functions.{function}")
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", START, *arguments, json.dumps(FIRST_EVENTS[function])],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return frozenset(json.loads(done.stdout.splitlines()[-1]))


def unwanted(function: str, *names: str) -> list[str]:
    """Those of ``names`` that the function loads, with their submodules."""
    return [
        module
        for module in sorted(loaded_by(function))
        if any(module == name or module.startswith(f"{name}.") for name in names)
    ]


@pytest.mark.parametrize("function", FIRST_EVENTS)
def test_a_function_loads_at_most_so_many_modules(function: str) -> None:
    assert len(loaded_by(function)) <= MAX_MODULES[function]


@pytest.mark.parametrize("function", FIRST_EVENTS)
def test_no_function_loads_adapters_or_tools_at_its_start(function: str) -> None:
    assert unwanted(function, *ADAPTERS, *FOR_TOOLS) == []


@pytest.mark.parametrize("function", [name for name in FIRST_EVENTS if name != "api_handler"])
def test_only_the_api_loads_chalice_and_pydantic(function: str) -> None:
    assert unwanted("api_handler", "chalice", "pydantic")
    assert unwanted(function, "chalice", "chalicelib.api", "app", "pydantic") == []


@pytest.mark.parametrize("function", ["api_handler", *STREAMS, *ACQUIRER_JOBS])
def test_only_the_workers_of_webhooks_load_the_http_client_at_their_start(function: str) -> None:
    assert unwanted("webhook_worker", "requests")
    assert unwanted(function, "requests", "requests_hardened") == []

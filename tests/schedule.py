"""The distribution of tests over the workers of a parallel run, and the start order.

The group marks of xdist have no effect with pytest 9.2: xdist adds the group to an attribute that pytest no
longer reads. Each test would then run on any worker, and each worker would create every fixture.
"""

import os
from pathlib import PurePosixPath
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

# The tests of these folders share expensive processes and therefore one worker. Others are grouped by file.
TOGETHER = ("tests/store",)

# These tests mostly wait: for a local stack, a browser or a delay. The others mostly compute.
WAITING = (
    "tests/browser",
    "tests/e2e",
    "tests/guides",
    "tests/infra/local",
    "tests/infra/operator",
    "tests/kills",
    "tests/races",
    "tests/security/inbound/wire",
)

# The slowest files on an idle machine, slowest first. A slow file that starts last runs alone at the end.
LONGEST = (
    "tests/simulation/test_stories.py",
    "tests/store",
    "tests/infra/local/test_kept_data.py",
    "tests/browser/test_dashboard_accessibility.py",
    "tests/browser/test_dashboard_transactions.py",
    "tests/e2e/test_schemathesis.py",
    "tests/infra/test_role_use.py",
    "tests/guides/test_quick_start.py",
    "tests/api/test_deep_pages.py",
    "tests/simulation/test_instrument.py",
    "tests/kills/test_kills.py",
    "tests/e2e/test_webhook_retries.py",
    "tests/infra/local/test_environment.py",
    "tests/browser/test_implementation_guide.py",
    "tests/browser/test_accessibility.py",
    "tests/browser/test_bank_pages.py",
    "tests/browser/test_checkout_page.py",
    "tests/browser/test_buyer_actions.py",
    "tests/browser/test_dashboard_speed.py",
    "tests/browser/test_dashboard_webhook_endpoints.py",
    "tests/browser/test_dashboard_sign_in.py",
    "tests/races/test_races.py",
    "tests/browser/test_closing.py",
    "tests/browser/test_dashboard_overview.py",
    "tests/browser/test_messages.py",
    "tests/infra/operator/test_local_stage.py",
    "tests/e2e/test_queues.py",
    "tests/e2e/test_upi_links.py",
    "tests/services/test_acquirer_results.py",
    "tests/api/test_amounts.py",
    "tests/services/test_recorded_attempts.py",
    "tests/browser/test_dashboard_webhooks.py",
    "tests/browser/test_return_page.py",
    "tests/e2e/test_stripe_demo.py",
    "tests/e2e/test_stripe.py",
    "tests/browser/test_sdk.py",
    "tests/e2e/test_verification_examples.py",
)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """For each CPU, a worker whose tests compute, and one whose tests wait."""
    return 2 * _cpus()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling | None:
    """Replace the scheduler of `--dist loadgroup`."""
    return Scheduling(config, log) if config.getoption("dist") == "loadgroup" else None


class Scheduling(LoadScopeScheduling):  # type: ignore[misc]
    """Assigns files to workers, slowest first. The first workers compute, so that each CPU is busy."""

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid)

    def _assign_work_unit(self, node: Any) -> None:
        computes = int(node.gateway.id.removeprefix("gw")) < _cpus()
        self.workqueue.move_to_end(min(self.workqueue, key=lambda scope: rank(scope, computes)), last=False)
        super()._assign_work_unit(node)


def scope_of(nodeid: str) -> str:
    """The file of a test, or its folder if the tests of the folder share a worker."""
    path = nodeid.partition("::")[0]
    return _folder_of(path, TOGETHER) or path


def rank(scope: str, computes: bool) -> tuple[bool, int]:
    """The position of a scope in the start order of a worker.

    ``computes``: the worker starts with tests that compute. It continues with the others, and vice versa.
    """
    waits = _folder_of(scope, WAITING) is not None
    return waits is computes, LONGEST.index(scope) if scope in LONGEST else len(LONGEST)


def _folder_of(path: str, folders: tuple[str, ...]) -> str | None:
    return next((folder for folder in folders if PurePosixPath(path).is_relative_to(folder)), None)


def _cpus() -> int:
    return os.cpu_count() or 1

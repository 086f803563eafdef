"""``GET /test/jobs/status``."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from chalicelib.services.job_status import JOBS, ROWS
from tests.api.client import Api, Http, Json, assert_error, shown
from tests.cloud import Cloud
from tests.cloud import cloud as new_cloud


@pytest.fixture(name="cloud")
def _cloud() -> Iterator[Cloud]:
    """One per test, because the figures include all merchants."""
    with new_cloud() as made:
        yield made


def figures(pending: int = 0, processing: int = 0, completed: int = 0, failed: int = 0) -> Json:
    return {"pending": pending, "processing": processing, "completed": completed, "failed": failed}


def test_all_figures_start_at_zero(http: Http):
    assert shown(http.get("/api/v1/test/jobs/status")) == {
        **figures(),
        "worker_status": "running",
        "queues": {"payments": figures(), "refunds": figures(), "webhooks": figures()},
    }


def test_jobs_that_are_not_received_show_stopped_workers(cloud: Cloud, http: Http):
    cloud.sqs.send_message(QueueUrl=cloud.gateway.settings.queues.payments.jobs, MessageBody="waits")
    statuses = []
    for _ in range(3):
        statuses.append(shown(http.get("/api/v1/test/jobs/status"))["worker_status"])
        cloud.time.shift(30)
    assert statuses == ["running", "running", "stopped"]


def test_jobs_are_counted_per_queue_and_in_total(cloud: Cloud, merchant: Api, http: Http):
    """Two jobs are completed, two are pending, one is in progress and one is in the dead-letter queue."""
    settings = cloud.gateway.settings.queues
    cloud.sqs.send_message(QueueUrl=settings.refunds.jobs, MessageBody="poison")
    cloud.run(for_s=600)
    payment = merchant.payment()
    cloud.run(for_s=20)
    merchant.refund(payment["id"])
    cloud.run(for_s=20)
    merchant.put("/webhooks/config", {"webhook_url": "https://merchant.example/"})
    merchant.payment()
    cloud.relay_all()
    cloud.sqs.receive_message(QueueUrl=settings.webhooks.jobs)
    status = shown(http.get("/api/v1/test/jobs/status"))
    assert status["queues"] == {
        "payments": figures(pending=1, completed=1),
        "refunds": figures(completed=1, failed=1),
        "webhooks": figures(pending=1, processing=1),
    }
    assert {name: status[name] for name in figures()} == figures(2, 1, 2, 1)


def test_every_row_of_a_counter_is_added_and_also_that_of_earlier_versions(cloud: Cloud, http: Http):
    cloud.gateway.stats.counters.add(JOBS, {"payments#completed": 3, "payments#failed": 2})
    for _ in range(5 * ROWS):
        cloud.gateway.jobs.count("payments", completed=2, failed=1)
    used = cloud.gateway.stats.counters.read(JOBS, first=" ", last="~")
    assert len([name for name in used if name.startswith("payments#completed#")]) > 1
    payments = shown(http.get("/api/v1/test/jobs/status"))["queues"]["payments"]
    assert (payments["completed"], payments["failed"]) == (3 + 10 * ROWS, 2 + 5 * ROWS)


@pytest.mark.parametrize("stage", ["prod", "production"])
def test_the_job_status_route_does_not_exist_in_production(
    cloud: Cloud, http: Http, monkeypatch: pytest.MonkeyPatch, stage: str
):
    production = replace(cloud.gateway, settings=replace(cloud.gateway.settings, stage=stage))
    monkeypatch.setattr("chalicelib.api.routing.gateway", lambda: production)
    response = http.get("/api/v1/test/jobs/status")
    assert_error(response, 404, "NOT_FOUND_ERROR", "Route not found")

"""``POST /webhooks/{id}/retry``, and the list entry of a webhook that is retried."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from chalicelib.domain.clock import utc_now
from chalicelib.domain.webhook_log import WebhookStatus
from tests.api.client import TIME, Api, assert_error, shown
from tests.api.webhooks import create_webhook_logs, listed, set_url, url_of
from tests.cloud import START, Cloud
from tests.cloud import cloud as new_cloud


@pytest.fixture(name="cloud")
def _cloud() -> Iterator[Cloud]:
    """One per test, so that no webhook of another test is delivered."""
    with new_cloud() as made:
        yield made


def retry(merchant: Api) -> None:
    """Retry the newest webhook."""
    shown(merchant.post(f"/webhooks/{listed(merchant)[0]['id']}/retry"))


def test_a_failed_webhook_shows_its_next_retry(cloud: Cloud, merchant: Api):
    cloud.sender.script.extend([500, 500])
    set_url(merchant)
    merchant.payment()
    cloud.run()
    assert len(listed(merchant)) == 2
    for log in listed(merchant):
        assert (log["status"], log["attempts"], log["response_code"]) == ("pending", 1, 500)
        assert (log["last_attempt_at"], log["next_retry_at"]) == (TIME, "2026-03-14T15:10:26.000Z")


@pytest.mark.parametrize(("status", "attempts"), [("pending", 2), ("success", 3), ("failed", 5)])
def test_a_webhook_can_be_retried_in_every_status(cloud: Cloud, merchant: Api, status: str, attempts: int):
    set_url(merchant)
    create_webhook_logs(cloud, merchant, status=WebhookStatus(status), attempts=attempts)
    [log] = listed(merchant)
    assert (log["status"], log["attempts"]) == (status, attempts)
    assert shown(merchant.post(f"/webhooks/{log['id']}/retry")) == {
        "id": log["id"],
        "status": "pending",
        "message": "Webhook retry scheduled",
    }
    [again] = listed(merchant)
    assert (again["id"], again["status"], again["attempts"]) == (log["id"], "pending", 0)
    cloud.run()
    assert [sent.headers["webhook-id"] for sent in cloud.sender.delivered] == [log["id"]]
    [done] = listed(merchant)
    assert (done["status"], done["attempts"], done["response_code"]) == ("success", 1, 200)


def test_a_retried_webhook_has_the_same_bytes(cloud: Cloud, merchant: Api):
    set_url(merchant)
    merchant.payment()
    cloud.run(for_s=10)
    retry(merchant)
    cloud.run()
    *_, first, second = cloud.sender.delivered
    assert (second.headers["webhook-id"], second.body) == (first.headers["webhook-id"], first.body)


def test_a_retry_cancels_the_scheduled_attempt_and_restarts_the_schedule(cloud: Cloud, merchant: Api):
    """Without the retry, the second attempt would be sent after 60 s."""
    cloud.sender.script.extend([500, 500])
    set_url(merchant)
    create_webhook_logs(cloud, merchant, status=WebhookStatus.PENDING, attempts=0, next_retry_at=utc_now())
    cloud.run(for_s=30)
    retry(merchant)
    cloud.run(for_s=600)
    made = [sent.at - START for sent in cloud.sender.delivered]
    assert made == [timedelta(seconds=after) for after in (0, 30, 90)]
    [log] = listed(merchant)
    assert (log["status"], log["attempts"]) == ("success", 2)


def test_a_retry_uses_the_current_url(cloud: Cloud, merchant: Api):
    set_url(merchant)
    create_webhook_logs(cloud, merchant)
    set_url(merchant, f"{url_of(merchant)}/corrected")
    retry(merchant)
    cloud.run()
    assert [sent.url for sent in cloud.sender.delivered] == [f"{url_of(merchant)}/corrected"]


def test_a_webhook_of_another_merchant_has_the_same_error_as_an_unknown_webhook(
    cloud: Cloud, merchant: Api, stranger: Api
):
    create_webhook_logs(cloud, merchant)
    [log] = listed(merchant)
    for log_id in (log["id"], "00000000-0000-0000-0000-000000000000", "none", "x" * 3_000):
        response = stranger.post(f"/webhooks/{log_id}/retry")
        assert_error(response, 404, "NOT_FOUND_ERROR", "Webhook log not found")
    assert listed(merchant) == [log]

"""Webhook endpoints and their health in the tables, on every engine."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.event import PayloadFormat
from chalicelib.domain.merchant import Merchant
from chalicelib.domain.webhook_endpoint import (
    MAX_ENDPOINTS,
    DisabledReason,
    EndpointKey,
    EndpointStatus,
    WebhookEndpoint,
)
from chalicelib.domain.webhook_health import RETENTION, Results, hour_of
from chalicelib.store import write
from chalicelib.store.webhook_endpoints import TooManyEndpointsError
from tests.store import records
from tests.store.stores import NOW, Stores, fresh

LATER = NOW + timedelta(days=5)
URL = "https://merchant.example/webhook"
OTHER = "https://other.example/webhook"


@pytest.fixture
def merchant(stores: Stores) -> Merchant:
    merchant = records.merchant()
    assert stores.merchants.create(merchant)
    return merchant


def endpoint(**changes: Any) -> WebhookEndpoint:
    own = {"id": fresh("we_"), "url": OTHER, "secret": "whsec_other", "events": frozenset({"*"})}
    return WebhookEndpoint(**own | changes)


def created(stores: Stores, merchant: Merchant, **changes: Any) -> tuple[EndpointKey, WebhookEndpoint]:
    one = endpoint(**changes)
    key = EndpointKey(merchant.id, one.id)
    assert stores.endpoints.create(key, one, None, now=NOW) is None
    return key, one


def ids(stores: Stores, merchant: Merchant) -> frozenset[str]:
    found = stores.merchants.get(merchant.id)
    assert found is not None
    return found.endpoint_ids


def test_the_default_endpoint_is_part_of_the_merchant(stores: Stores, merchant: Merchant):
    key = EndpointKey(merchant.id)
    assert stores.endpoints.get(key) == merchant.webhook
    changed = stores.endpoints.change(key, {"url": URL}, now=NOW)
    found = stores.merchants.get(merchant.id)
    assert found is not None
    assert found.webhook == changed == replace(merchant.webhook, url=URL, enabled_at=NOW)


def test_a_new_endpoint_is_listed_with_its_merchant(stores: Stores, merchant: Merchant):
    refunds = frozenset({"refund.created"})
    key, one = created(stores, merchant, events=refunds, payload=PayloadFormat.THIN, description="ERP")
    assert ids(stores, merchant) == {one.id}
    assert stores.endpoints.get(key) == one
    default = EndpointKey(merchant.id)
    missing = EndpointKey(merchant.id, fresh("we_"))
    assert stores.endpoints.get_many([key, default, missing]) == {key: one, default: merchant.webhook}
    assert stores.endpoints.get_many([]) == {}


def test_an_endpoint_is_not_found_by_the_key_or_address_of_a_merchant(stores: Stores, merchant: Merchant):
    created(stores, merchant)
    assert stores.merchants.find_by_api_key(merchant.api_key) is not None
    assert stores.merchants.find_by_email(merchant.email) is not None


def test_an_endpoint_of_another_merchant_does_not_exist(stores: Stores, merchant: Merchant):
    key, _ = created(stores, merchant)
    assert stores.endpoints.get(EndpointKey(fresh(), key.endpoint_id)) is None


def test_a_merchant_has_a_limited_number_of_endpoints(stores: Stores, merchant: Merchant):
    for _ in range(MAX_ENDPOINTS - 1):
        key, _one = created(stores, merchant)
    with pytest.raises(TooManyEndpointsError):
        created(stores, merchant)
    assert len(ids(stores, merchant)) == MAX_ENDPOINTS - 1
    assert stores.endpoints.delete(key)
    created(stores, merchant)


def test_an_endpoint_of_a_missing_merchant_is_not_created(stores: Stores):
    missing, one = fresh(), endpoint()
    with pytest.raises(TooManyEndpointsError):
        stores.endpoints.create(EndpointKey(missing, one.id), one, None, now=NOW)
    assert stores.endpoints.get(EndpointKey(missing, one.id)) is None


def test_a_used_idempotency_key_creates_no_second_endpoint(stores: Stores, merchant: Merchant):
    record = records.record()
    first, second = endpoint(), endpoint()
    assert stores.endpoints.create(EndpointKey(merchant.id, first.id), first, record, now=NOW) is None
    assert stores.endpoints.create(EndpointKey(merchant.id, second.id), second, record, now=NOW) is not None
    assert ids(stores, merchant) == {first.id}


def test_a_deleted_endpoint_is_gone_with_its_secret(stores: Stores, merchant: Merchant):
    key, _ = created(stores, merchant)
    other, _ = created(stores, merchant)
    assert stores.endpoints.delete(key)
    assert stores.endpoints.get(key) is None
    assert ids(stores, merchant) == {other.endpoint_id}
    assert not stores.endpoints.delete(key)
    assert not stores.endpoints.delete(EndpointKey(fresh(), other.endpoint_id))
    assert stores.endpoints.change(key, {"url": URL}, now=NOW) is None
    assert stores.endpoints.set_secret(key, "whsec_2", previous_until=LATER) is None
    assert stores.endpoints.get(key) is None


def test_only_the_named_fields_are_changed(stores: Stores, merchant: Merchant):
    key, one = created(stores, merchant, description="ERP")
    changed = stores.endpoints.change(
        key, {"events": frozenset({"refund.failed"}), "payload": PayloadFormat.THIN}, now=NOW
    )
    assert changed == replace(one, events=frozenset({"refund.failed"}), payload=PayloadFormat.THIN)
    changed = stores.endpoints.change(key, {"description": None}, now=NOW)
    assert changed is not None
    assert changed.description is None


def test_a_new_secret_keeps_its_predecessor_for_a_while(stores: Stores, merchant: Merchant):
    key, one = created(stores, merchant)
    changed = stores.endpoints.set_secret(key, "whsec_2", previous_until=LATER)
    assert changed == replace(
        one, secret="whsec_2", previous_secret="whsec_other", previous_secret_until=LATER
    )


def test_an_endpoint_is_disabled_and_enabled_on_request(stores: Stores, merchant: Merchant):
    key, one = created(stores, merchant)
    disabled = stores.endpoints.change(key, {"status": EndpointStatus.DISABLED}, now=NOW)
    assert disabled == replace(one, disabled_at=NOW, disabled_reason=DisabledReason.REQUESTED)
    enabled = stores.endpoints.change(key, {"status": EndpointStatus.ENABLED}, now=LATER)
    assert enabled == replace(one, enabled_at=LATER)


def test_a_failing_endpoint_is_disabled_once(stores: Stores, merchant: Merchant):
    key, one = created(stores, merchant)
    write.transact([stores.endpoints.disabling(key, one, since=NOW, now=LATER)])
    assert stores.endpoints.get(key) == replace(
        one, disabled_at=LATER, disabled_reason=DisabledReason.FAILING, failing_since=NOW
    )
    with pytest.raises(write.ConditionFailedError):
        write.transact([stores.endpoints.disabling(key, one, since=NOW, now=LATER)])


def test_an_endpoint_that_was_enabled_meanwhile_is_not_disabled(stores: Stores, merchant: Merchant):
    key, one = created(stores, merchant)
    assert stores.endpoints.change(key, {"status": EndpointStatus.ENABLED}, now=NOW)
    with pytest.raises(write.ConditionFailedError):
        write.transact([stores.endpoints.disabling(key, one, since=NOW, now=LATER)])


def test_the_results_of_an_hour_are_added(stores: Stores):
    key = EndpointKey(fresh())
    accepted = Results(accepted=1, latency_ms=100, last_success_at=NOW)
    failed = Results(failed=2, latency_ms=300, last_failure_at=NOW)
    assert stores.health.add(key, accepted, at=NOW) == accepted
    assert stores.health.add(key, failed, at=NOW) == accepted.plus(failed)
    stores.health.add(key, accepted, at=LATER)
    hours = stores.health.hours(key, since=LATER - RETENTION)
    assert [hour.start for hour in hours] == [hour_of(NOW), hour_of(LATER)]
    assert [hour.results for hour in hours] == [accepted.plus(failed), accepted]
    assert [hour.start for hour in stores.health.hours(key, since=LATER)] == [hour_of(LATER)]

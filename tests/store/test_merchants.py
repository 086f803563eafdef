"""Merchants in the tables, on every engine."""

from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.merchant import Merchant
from chalicelib.domain.webhook_endpoint import WebhookEndpoint
from tests.store import records
from tests.store.stores import NOW, Stores, fresh

LATER = NOW + timedelta(days=5)
URL = "https://merchant.example/webhook"


def stored(stores: Stores, **changes: object) -> Merchant:
    merchant = records.merchant(**changes)
    assert stores.merchants.create(merchant)
    return merchant


def test_a_merchant_is_found_by_id_by_key_and_by_email(stores: Stores):
    merchant = stored(stores, password_hash="scrypt$", webhook=WebhookEndpoint(url=URL, secret="whsec_1"))
    assert stores.merchants.get(merchant.id) == merchant
    assert stores.merchants.find_by_api_key(merchant.api_key) == merchant
    assert stores.merchants.find_by_email(merchant.email) == merchant
    assert stores.merchants.find_by_api_key(fresh()) is None
    assert stores.merchants.find_by_email(fresh()) is None


def test_a_batch_read_omits_missing_merchants(stores: Stores):
    merchants = {merchant.id: merchant for merchant in (stored(stores) for _ in range(3))}
    assert stores.merchants.get_many([*merchants, *merchants, fresh()]) == merchants
    assert stores.merchants.get_many([]) == {}


def test_a_merchant_is_never_overwritten(stores: Stores):
    merchant = stored(stores)
    assert not stores.merchants.create(records.merchant(id=merchant.id))
    assert stores.merchants.get(merchant.id) == merchant


def test_a_new_api_secret_keeps_its_predecessor_for_a_while(stores: Stores):
    merchant = stored(stores)
    assert stores.merchants.rotate_api_secret(merchant, "new", previous_hash="hash", until=LATER)
    assert stores.merchants.get(merchant.id) == replace(
        merchant, api_secret_hash="new", previous_api_secret_hash="hash", previous_api_secret_until=LATER
    )


def test_changing_a_missing_merchant_does_not_create_it(stores: Stores):
    missing = fresh()
    seen = records.merchant(id=missing)
    assert not stores.merchants.rotate_api_secret(seen, "new", previous_hash="hash", until=LATER)
    assert not stores.merchants.end_previous_api_secret(missing, "hash")
    assert stores.merchants.deactivate(missing, now=NOW) is None
    assert stores.merchants.reactivate(missing, epoch="1") is None
    assert stores.merchants.set_password(missing, "new", epoch="1") is None
    assert stores.merchants.end_sessions(missing, epoch="1") is None
    assert not stores.merchants.change_password(missing, "new", verified="old", epoch="1", kept="k")
    assert stores.merchants.get(missing) is None


def test_a_deactivated_merchant_is_kept_with_a_date(stores: Stores):
    merchant = stored(stores)
    gone = stores.merchants.deactivate(merchant.id, now=LATER)
    assert gone == replace(merchant, deactivated_at=LATER) == stores.merchants.get(merchant.id)


def test_a_reactivated_merchant_has_no_earlier_sessions(stores: Stores):
    merchant = stored(stores)
    stores.merchants.deactivate(merchant.id, now=LATER)
    back = stores.merchants.reactivate(merchant.id, epoch="1")
    assert back == replace(merchant, session_epoch="1") == stores.merchants.get(merchant.id)
    assert stores.merchants.reactivate(merchant.id, epoch="2") == back, "no-op for an active merchant"


def test_ending_sessions_keeps_only_the_given_session(stores: Stores):
    merchant = stored(stores)
    kept = stores.merchants.end_sessions(merchant.id, epoch="1", kept="k")
    assert kept == replace(merchant, session_epoch="1", kept_session="k") == stores.merchants.get(merchant.id)
    ended = stores.merchants.end_sessions(merchant.id, epoch="2")
    assert ended == replace(merchant, session_epoch="2") == stores.merchants.get(merchant.id)


def test_setting_a_password_ends_every_session(stores: Stores):
    merchant = stored(stores, password_hash="old")
    stores.merchants.end_sessions(merchant.id, epoch="1", kept="k")
    changed = stores.merchants.set_password(merchant.id, "new", epoch="2")
    assert changed == replace(merchant, password_hash="new", session_epoch="2")


def test_only_one_of_two_concurrent_password_changes_succeeds(stores: Stores):
    merchant = stored(stores, password_hash="old")
    change = stores.merchants.change_password
    assert change(merchant.id, "new", verified="old", epoch="1", kept="k")
    assert not change(merchant.id, "other", verified="old", epoch="2", kept="l")
    expected = replace(merchant, password_hash="new", session_epoch="1", kept_session="k")
    assert stores.merchants.get(merchant.id) == expected

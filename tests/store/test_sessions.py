"""Sessions and login attempts, on every engine."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.session import Session
from chalicelib.store.sessions import SessionRow
from chalicelib.store.write import ConditionFailedError
from tests.store.stores import NOW, Stores, fresh

LATER = NOW.replace(microsecond=0) + timedelta(hours=12)  # TTL is in whole seconds


def session() -> Session:
    return Session(token_hash=fresh(), merchant_id=fresh(), expires_at=LATER)


def test_a_session_is_found_until_it_expires_whether_or_not_it_was_deleted(stores: Stores):
    made = session()
    stores.sessions.create(made)
    assert stores.sessions.get(made.token_hash, now=LATER - timedelta(seconds=1)) == made
    assert stores.sessions.get(made.token_hash, now=LATER) is None


def test_a_session_keeps_its_epoch(stores: Stores):
    made = replace(session(), epoch="epoch_1")
    stores.sessions.create(made)
    assert stores.sessions.get(made.token_hash, now=NOW) == made


def test_a_row_of_the_previous_version_has_no_epoch(stores: Stores):
    table, made = stores.row(SessionRow), session()
    table(made.token_hash, merchant_id=made.merchant_id, expires_at=LATER).save()
    assert stores.sessions.get(made.token_hash, now=NOW) == made
    assert made.epoch is None


def test_an_ended_session_is_not_found_and_ending_it_again_is_a_no_op(stores: Stores):
    made = session()
    stores.sessions.create(made)
    stores.sessions.delete(made.token_hash)
    stores.sessions.delete(made.token_hash)
    assert stores.sessions.get(made.token_hash, now=NOW) is None


def test_a_session_is_never_overwritten(stores: Stores):
    made = session()
    stores.sessions.create(made)
    with pytest.raises(ConditionFailedError) as caught:
        stores.sessions.create(Session(token_hash=made.token_hash, merchant_id="other", expires_at=LATER))
    assert caught.value.row is not None
    assert caught.value.row.merchant_id == made.merchant_id


def test_login_attempts_per_email_are_counted_in_a_window_until_they_are_reset(stores: Stores):
    address, count = fresh("someone@"), stores.sessions.count_attempt
    assert [count(address, window_ends_at=LATER) for _ in range(3)] == [1, 2, 3]
    assert count(address, window_ends_at=LATER + timedelta(seconds=1)) == 1
    assert count(fresh("other@"), window_ends_at=LATER) == 1
    stores.sessions.reset_attempts(address, window_ends_at=LATER)
    assert count(address, window_ends_at=LATER) == 1


def test_the_attempts_of_an_email_are_not_a_session(stores: Stores):
    address = fresh("someone@")
    stores.sessions.count_attempt(address, window_ends_at=LATER)
    key = stores.sessions._attempts_key(address, LATER)
    assert stores.sessions.get(key.id, now=NOW) is None

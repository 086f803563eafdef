"""Passwords: only the right one fits, and what is kept tells nothing of it."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.password import MIN_PASSWORD_CHARS, NO_PASSWORD, hash_password, is_password

pytestmark = pytest.mark.usefixtures("scrypt_each_time")
PASSWORD = "correct horse battery staple"
passwords = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
costly = settings(max_examples=10)  # each hash takes some 50 ms, on purpose


@costly
@given(password=passwords)
def test_a_password_fits_what_was_kept_of_it(password: str):
    assert is_password(password, hash_password(password, Random(1)))


@pytest.mark.parametrize("wrong", ["", PASSWORD[:-1], PASSWORD + " ", PASSWORD.upper(), "\x00" + PASSWORD])
def test_no_other_fits(wrong: str):
    assert not is_password(wrong, hash_password(PASSWORD, Random(1)))


def test_what_is_kept_holds_a_salt_of_its_own_and_not_the_password():
    one, other = hash_password(PASSWORD, Random(1)), hash_password(PASSWORD, Random(2))
    assert one != other
    assert PASSWORD not in one
    scheme, salt, digest = one.split("$")
    assert (scheme, len(salt), len(digest)) == ("scrypt", 24, 88)


def test_what_was_kept_by_an_earlier_release_still_fits():
    """Rows outlive a deployment: another cost or another form would lock everybody out."""
    kept = (
        "scrypt$AQEBAQEBAQEBAQEBAQEBAQ==$"
        "ABPHXRY1WrfMxKXBSXQDp5JR2GGGUi4Mh8TXxB4SUBX3Pte6qvFHUwmKpgrZ"
        "O6wZeLI7wcw8oQFCDHHxf9obbQ=="
    )
    assert is_password(PASSWORD, kept)


@costly
@given(password=passwords)
def test_the_hash_of_no_password_fits_none(password: str):
    assert not is_password(password, NO_PASSWORD)


def test_a_password_is_at_least_as_long_as_nist_asks_of_one_that_stands_alone():
    assert MIN_PASSWORD_CHARS >= 12

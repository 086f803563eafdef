"""Passwords: only the correct one matches, and the hash does not reveal it."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.password import MIN_PASSWORD_CHARS, NO_PASSWORD, hash_password, is_password

pytestmark = pytest.mark.usefixtures("scrypt_each_time")
PASSWORD = "correct horse battery staple"
passwords = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
costly = settings(max_examples=10)  # each hash takes about 50 ms, by design


@costly
@given(password=passwords)
def test_a_password_matches_its_hash(password: str):
    assert is_password(password, hash_password(password, Random(1)))


@pytest.mark.parametrize("wrong", ["", PASSWORD[:-1], PASSWORD + " ", PASSWORD.upper(), "\x00" + PASSWORD])
def test_no_other_password_matches(wrong: str):
    assert not is_password(wrong, hash_password(PASSWORD, Random(1)))


def test_the_hash_contains_a_unique_salt_and_not_the_password():
    one, other = hash_password(PASSWORD, Random(1)), hash_password(PASSWORD, Random(2))
    assert one != other
    assert PASSWORD not in one
    scheme, salt, digest = one.split("$")
    assert (scheme, len(salt), len(digest)) == ("scrypt", 24, 88)


def test_a_hash_of_an_earlier_release_still_matches():
    """Rows outlive a deployment: another cost or format would reject all users."""
    kept = (
        "scrypt$AQEBAQEBAQEBAQEBAQEBAQ==$"
        "ABPHXRY1WrfMxKXBSXQDp5JR2GGGUi4Mh8TXxB4SUBX3Pte6qvFHUwmKpgrZ"
        "O6wZeLI7wcw8oQFCDHHxf9obbQ=="
    )
    assert is_password(PASSWORD, kept)


@costly
@given(password=passwords)
def test_no_password_matches_the_dummy_hash(password: str):
    assert not is_password(password, NO_PASSWORD)


def test_a_password_has_the_minimum_length_of_nist_for_a_single_factor():
    assert MIN_PASSWORD_CHARS >= 12

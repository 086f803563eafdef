"""Sessions: random tokens, stored as a hash."""

import re
from datetime import timedelta
from random import Random

from chalicelib.domain.session import SESSION_LIFE, hash_token, new_token


def test_a_token_has_256_random_bits_and_is_valid_in_a_header():
    token = new_token(Random(1))
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", token)


def test_every_token_is_different():
    random = Random(1)
    assert len({new_token(random) for _ in range(1_000)}) == 1_000


def test_a_token_is_stored_as_its_sha_256():
    assert hash_token("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_session_expires_after_twelve_hours():
    assert timedelta(hours=12) == SESSION_LIFE

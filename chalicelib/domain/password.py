"""Passwords, kept as scrypt (RFC 7914) with a salt of their own."""

import base64
import hashlib
import hmac
from random import Random

MIN_PASSWORD_CHARS = 12
MAX_PASSWORD_CHARS = 200
_COST, _BLOCK, _PARALLEL = 2**14, 8, 1  # 16 MB and some 50 ms: OWASP's floor for scrypt at this block size
_SALT_BYTES = 16
_SCHEME = "scrypt"


def hash_password(password: str, random: Random) -> str:
    """What is kept of ``password``."""
    salt = random.randbytes(_SALT_BYTES)
    return _kept(salt, _scrypt(password, salt))


def is_password(password: str, kept: str) -> bool:
    """Whether ``kept`` was made of ``password``."""
    _, salt, digest = kept.split("$")
    return hmac.compare_digest(_scrypt(password, base64.b64decode(salt)), base64.b64decode(digest))


def _kept(salt: bytes, digest: bytes) -> str:
    return "$".join((_SCHEME, base64.b64encode(salt).decode(), base64.b64encode(digest).decode()))


NO_PASSWORD = _kept(bytes(_SALT_BYTES), bytes(64))
"""The hash of no password: checking against it takes as long as against any other, and fails."""


def _scrypt(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=_COST, r=_BLOCK, p=_PARALLEL)

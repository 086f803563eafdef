"""Password hashes: scrypt (RFC 7914) with a random salt for each password."""

import base64
import hashlib
import hmac
from random import Random

MIN_PASSWORD_CHARS = 12
MAX_PASSWORD_CHARS = 200
_COST, _BLOCK, _PARALLEL = 2**14, 8, 1  # 16 MB and about 50 ms: the OWASP minimum for this block size
_SALT_BYTES = 16
_SCHEME = "scrypt"


def hash_password(password: str, random: Random) -> str:
    """The hash to store for ``password``."""
    salt = random.randbytes(_SALT_BYTES)
    return _encoded(salt, _scrypt(password, salt))


def is_password(password: str, password_hash: str) -> bool:
    """Whether ``password_hash`` is a hash of ``password``."""
    _, salt, digest = password_hash.split("$")
    return hmac.compare_digest(_scrypt(password, base64.b64decode(salt)), base64.b64decode(digest))


def _encoded(salt: bytes, digest: bytes) -> str:
    return "$".join((_SCHEME, base64.b64encode(salt).decode(), base64.b64encode(digest).decode()))


NO_PASSWORD = _encoded(bytes(_SALT_BYTES), bytes(64))
"""A hash that no password matches. Verification takes the same time as for any other hash."""


def _scrypt(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=_COST, r=_BLOCK, p=_PARALLEL)

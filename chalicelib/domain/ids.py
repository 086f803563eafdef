"""Identifiers: random for what a merchant creates, derived for what follows from a row."""

import string
import uuid
from random import Random

_ALPHABET = string.ascii_letters + string.digits
_LENGTH = 16  # 62^16 ≈ 5e28: a collision is also refused by the write's own condition
_NAMESPACE = uuid.UUID("6f3c5d1e-0b62-4c8e-9a55-2f4b8f0f7a10")


def new_id(prefix: str, random: Random) -> str:
    """An identifier such as ``pay_`` and 16 characters of ``[A-Za-z0-9]``."""
    return prefix + "".join(random.choices(_ALPHABET, k=_LENGTH))


def derived_uuid(*parts: str) -> str:
    """The UUID that always follows from ``parts``, so that what is made twice meets itself."""
    return str(uuid.uuid5(_NAMESPACE, "\x1f".join(parts)))

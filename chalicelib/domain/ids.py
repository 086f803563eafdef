"""Identifiers: random for objects that a merchant creates, derived for objects that follow from a row."""

import string
import uuid
from random import Random

_ALPHABET = string.ascii_letters + string.digits
_LENGTH = 16  # 62^16 ≈ 5e28; the condition of the write also rejects a collision
_NAMESPACE = uuid.UUID("6f3c5d1e-0b62-4c8e-9a55-2f4b8f0f7a10")


def new_id(prefix: str, random: Random) -> str:
    """An identifier: ``prefix``, such as ``pay_``, and 16 characters of ``[A-Za-z0-9]``."""
    return prefix + "".join(random.choices(_ALPHABET, k=_LENGTH))


def derived_uuid(*parts: str) -> str:
    """A UUID derived from ``parts``, so that a repeated creation gets the same id."""
    return str(uuid.uuid5(_NAMESPACE, "\x1f".join(parts)))

"""Virtual payment addresses of UPI: ``name@bank``."""

import re

from chalicelib.domain.card_number import holds_luhn_number
from chalicelib.domain.errors import InvalidVpaError

MAX_VPA_CHARS = 255  # as of every text that a request brings
VPA_PATTERN = "[a-zA-Z0-9._-]+@[a-zA-Z0-9]+"  # all of the text must match


def parse_vpa(text: str) -> str:
    """``text`` when it is a VPA that is not too long and holds no card number; raises InvalidVpaError."""
    if len(text) > MAX_VPA_CHARS or not re.fullmatch(VPA_PATTERN, text):
        raise InvalidVpaError
    if holds_luhn_number(text):
        raise InvalidVpaError("vpa must not contain a card number")
    return text

"""Virtual payment addresses of UPI: ``name@bank``."""

import re

from chalicelib.domain.errors import InvalidVpaError

MAX_VPA_CHARS = 255  # as of every text that a request brings
VPA_PATTERN = "[a-zA-Z0-9._-]+@[a-zA-Z0-9]+"  # all of the text must match


def parse_vpa(text: str) -> str:
    """``text`` when all of it is a VPA that is not too long; raises InvalidVpaError otherwise."""
    if len(text) > MAX_VPA_CHARS or not re.fullmatch(VPA_PATTERN, text):
        raise InvalidVpaError
    return text

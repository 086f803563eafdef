"""Virtual payment addresses of UPI: ``name@bank``."""

import re

from chalicelib.domain.errors import InvalidVpaError

VPA_PATTERN = "[a-zA-Z0-9._-]+@[a-zA-Z0-9]+"  # all of the text must match


def parse_vpa(text: str) -> str:
    """``text`` when all of it is a VPA; raises InvalidVpaError otherwise."""
    if not re.fullmatch(VPA_PATTERN, text):
        raise InvalidVpaError
    return text

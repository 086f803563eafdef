"""Virtual payment addresses of UPI: ``name@bank``."""

import re

from chalicelib.domain.errors import InvalidVpaError

_VPA = re.compile(r"[a-zA-Z0-9._-]+@[a-zA-Z0-9]+")


def parse_vpa(text: str) -> str:
    """``text`` when all of it is a VPA; raises InvalidVpaError otherwise."""
    if not _VPA.fullmatch(text):
        raise InvalidVpaError
    return text

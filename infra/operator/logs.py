"""The log of the app's services in the operator's commands."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO, cast

from chalicelib.observability import logger


@contextmanager
def warnings_on_stderr() -> Iterator[None]:
    """Write warnings and errors to standard error, and nothing else. Standard output is for results."""
    handler = cast("logging.StreamHandler[TextIO]", logger.registered_handler)
    stream, level = handler.stream, handler.level
    handler.stream = sys.stderr
    handler.setLevel(logging.WARNING)
    try:
        yield
    finally:
        handler.stream = stream
        handler.setLevel(level)

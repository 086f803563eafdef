"""Names that moto and botocore compute for each request, computed once.

For each request, botocore checks each character of its user agent, and moto lists the methods of the service
and converts the names of the operation and of attributes.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import Any
from unittest.mock import patch

from botocore import useragent
from moto.core import responses, utils
from moto.sqs import models

_underscored: Any = cache(utils.camelcase_to_underscores)

_CACHED = (
    (
        useragent,
        "sanitize_user_agent_string_component",
        cache(useragent.sanitize_user_agent_string_component),
    ),
    (responses, "method_names_from_class", cache(utils.method_names_from_class)),
    (responses, "camelcase_to_underscores", _underscored),
    (models, "camelcase_to_underscores", _underscored),
)


@contextmanager
def names_are_computed_once() -> Iterator[None]:
    """Cache the results of these functions, which depend only on their arguments."""
    with ExitStack() as stack:
        for module, name, cached in _CACHED:
            stack.enter_context(patch.object(module, name, cached))
        yield

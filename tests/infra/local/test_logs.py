"""Log lines in the format of the console."""

import json

import pytest

from infra.local.logs import readable


def test_an_event_is_shown_as_its_message_and_its_fields():
    line = {
        "level": "INFO",
        "message": "webhook created",
        "timestamp": "t",
        "service": "s",
        "payment_id": "pay_1",
    }
    assert readable(json.dumps(line)) == ("INFO", "webhook created payment_id=pay_1")


def test_a_warning_shows_its_level():
    assert readable('{"level": "ERROR", "message": "no"}') == ("ERROR", "ERROR no")


@pytest.mark.parametrize("text", ["Traceback (most recent call last):", "[1]", '"x"', "{"])
def test_a_line_that_is_not_an_event_is_unchanged(text):
    assert readable(text) == ("", text)

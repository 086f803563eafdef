"""Log lines as the console shows them."""

import json

import pytest

from infra.local.logs import readable


def test_an_event_is_its_message_and_what_it_says_of_it():
    line = {
        "level": "INFO",
        "message": "webhook owed",
        "timestamp": "t",
        "service": "s",
        "payment_id": "pay_1",
    }
    assert readable(json.dumps(line)) == ("INFO", "webhook owed payment_id=pay_1")


def test_a_warning_says_that_it_is_one():
    assert readable('{"level": "ERROR", "message": "no"}') == ("ERROR", "ERROR no")


@pytest.mark.parametrize("text", ["Traceback (most recent call last):", "[1]", '"x"', "{"])
def test_what_is_no_event_stays_as_it_is(text):
    assert readable(text) == ("", text)

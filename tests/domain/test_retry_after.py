"""Retry-After: seconds or an HTTP date; any other value is ignored."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.retry_after import MAX_RETRY_AFTER_S, parse_retry_after
from tests.domain.examples import NOW


@given(asked_s=st.integers(0, MAX_RETRY_AFTER_S), around=st.sampled_from(["{}", " {}", "{}\t", "0{}"]))
def test_a_number_is_a_delay_in_seconds(asked_s: int, around: str):
    assert parse_retry_after(around.format(asked_s), NOW) == asked_s


@given(asked_s=st.integers(0, 10**7))
def test_a_date_is_a_delay_until_then(asked_s: int):
    now = NOW.replace(microsecond=0)
    moment = now + timedelta(seconds=asked_s)
    assert parse_retry_after(format_datetime(moment, usegmt=True), now) == asked_s


@given(ago_s=st.integers(0, 10**7))
def test_a_date_in_the_past_is_no_delay(ago_s: int):
    assert parse_retry_after(format_datetime(NOW - timedelta(seconds=ago_s), usegmt=True), NOW) == 0


def test_a_date_without_a_zone_is_in_utc():
    assert parse_retry_after("Sat, 14 Mar 2026 15:10:26", datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)) == 60


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        " ",
        "soon",
        "-5",
        "+5",
        "1.5",
        "1e3",
        "5 s",
        "5, 6",
        "1_000",
        "\u0663",
        "\uff15",
        "\u00b2",
        "0x10",
        "5\x00",
        "a" * 9_999,
        "9" * 10_000,
        str(MAX_RETRY_AFTER_S + 1),
        "Mon, 01 Jan 99999999999 00:00:00 GMT",
        "Mon, 01 Jan 10000 00:00:00 GMT",
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "Fri, 31 Dec 9999 23:59:59 -2359",
        "Mon, 32 Jan 2027 00:00:00 GMT",
        "Mon, 01 Jan 2027 25:00:00 GMT",
        "Mon, 01 Jan 2027 99999999999:00:00 GMT",
        "Mon, 01 Jan 2027 00:00:00 +99999999999",
        "Mon, 01 Foo 2027 00:00:00 GMT",
        "Mon, -1 Jan 2027 00:00:00 GMT",
        ", , ,",
        "\ud800",
    ],
)
def test_any_other_value_is_ignored(text: str | None):
    assert parse_retry_after(text, NOW) is None


DATES = st.text("MonJan, 0123456789:+-GMTZ.;()", max_size=40)
PARTS = st.integers(-(10**12), 10**12)


@given(
    text=st.text()
    | DATES
    | st.builds(
        "Mon, {} Jan {} {}:{}:{} {}".format, PARTS, PARTS, PARTS, PARTS, PARTS, PARTS | st.just("GMT")
    )
)
def test_any_header_is_parsed_or_ignored(text: str):
    asked_s = parse_retry_after(text, NOW)
    assert asked_s is None or 0 <= asked_s <= MAX_RETRY_AFTER_S

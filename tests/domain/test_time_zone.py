"""Time zones: IANA names, and times with their offset."""

import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from chalicelib.domain.time_zone import DEFAULT_TIME_ZONE, local_iso, time_zone

WINTER, SUMMER = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 7, 1, 12, 30, 5, 678_901, tzinfo=UTC)


@pytest.fixture(params=["of the system", "of tzdata"])
def _zone_files(request: pytest.FixtureRequest) -> Iterator[None]:
    """Zone files of the system, or none, as in an image of a function."""
    zoneinfo.ZoneInfo.clear_cache()
    if request.param == "of tzdata":
        zoneinfo.reset_tzpath(to=[])
    yield
    zoneinfo.reset_tzpath()
    zoneinfo.ZoneInfo.clear_cache()


@pytest.mark.usefixtures("_zone_files")
@pytest.mark.parametrize(
    ("name", "moment", "text"),
    [
        (DEFAULT_TIME_ZONE, SUMMER, "2026-07-01T12:30:05.678+00:00"),
        ("Asia/Kolkata", SUMMER, "2026-07-01T18:00:05.678+05:30"),
        ("Europe/Berlin", WINTER, "2026-01-01T01:00:00.000+01:00"),
        ("Europe/Berlin", SUMMER, "2026-07-01T14:30:05.678+02:00"),
        ("America/Argentina/ComodRivadavia", WINTER, "2025-12-31T21:00:00.000-03:00"),
    ],
)
def test_a_time_has_the_offset_of_its_zone(name: str, moment: datetime, text: str):
    assert local_iso(moment, time_zone(name)) == text
    assert datetime.fromisoformat(text) == moment.replace(microsecond=moment.microsecond // 1_000 * 1_000)


@pytest.mark.usefixtures("_zone_files")
@pytest.mark.parametrize(
    "name",
    [
        "",
        "Mars/Olympus",
        "Europe",
        "../zoneinfo/UTC",
        "/etc/localtime",
        "posix/UTC",
        "right/UTC",
        "zone.tab",
        "A" * 65,
        "\0",
        "Asia/Kolkata ",
        "é",
    ],
)
def test_any_other_name_is_rejected(name: str):
    with pytest.raises(ValueError, match="unknown time zone"):
        time_zone(name)

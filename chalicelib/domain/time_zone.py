"""Time zones: the IANA name in which a merchant reads times, and the zone that it names."""

from datetime import UTC, datetime, tzinfo

DEFAULT_TIME_ZONE = "UTC"
MAX_NAME_CHARS = 64  # the longest name has 32
_OF_THE_SYSTEM = ("posix/", "right/", "localtime", "posixrules")  # files that are not names of IANA


def time_zone(name: str) -> tzinfo:
    """The zone with the IANA name ``name``. Raises ValueError if there is none.

    Its rules come from the files of the operating system, or from the package tzdata if there are none.
    """
    if name == DEFAULT_TIME_ZONE:
        return UTC
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - only a few requests need it

    if len(name) > MAX_NAME_CHARS or name.startswith(_OF_THE_SYSTEM):
        raise ValueError("unknown time zone")
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:  # a folder, such as "Europe", is an OSError
        raise ValueError("unknown time zone") from error


def local_iso(moment: datetime, zone: tzinfo) -> str:
    """ISO 8601 with milliseconds and the offset of ``zone``, like 2026-03-14T20:39:26.535+05:30."""
    return moment.astimezone(zone).isoformat(timespec="milliseconds")

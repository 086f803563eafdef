"""Days and ranges of the dashboard: the bounds of a day in a time zone, and named ranges."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.pages import run_script, stage_modules

ZONES = {
    "UTC": ["2026-03-14"],
    "Asia/Kolkata": ["2026-03-14", "2026-01-01"],
    "America/New_York": ["2025-03-09", "2025-03-10", "2025-11-02", "2025-11-03"],
    "Australia/Lord_Howe": ["2025-04-06", "2025-04-07", "2025-10-05", "2025-10-06"],
    "Africa/Cairo": ["2025-04-25", "2025-10-31", "2025-11-01"],
    "Pacific/Apia": ["2011-12-29", "2011-12-30", "2011-12-31"],
    "Pacific/Kiritimati": ["2026-01-01"],
    "Etc/GMT+12": ["2026-01-01"],
}
"""Days without and with changes of the offset, also at midnight, by half an hour, and by a whole day."""

BOUNDS = """
import { startOfDay, dayIn } from "./app/zones.js";
import { readFileSync } from "node:fs";
const found = (zone, start) => [start, dayIn(zone, start)];
const asked = JSON.parse(readFileSync(0));
console.log(JSON.stringify(asked.map(([zone, day]) => found(zone, startOfDay(zone, day)))));
"""
RANGES = """
import { PRESETS, boundsOf, presetOf, problemOf, rangeInName, rangeOf } from "./app/ranges.js";
import { isDay } from "./app/zones.js";
const on = (today) => Object.fromEntries(PRESETS.map(([name, , range]) => [name, range(today)]));
console.log(JSON.stringify({
  march: on("2026-03-31"),
  newYear: on("2026-01-01"),
  names: PRESETS.map(([name, , range]) => presetOf(range("2026-03-31"), "2026-03-31") === name),
  unnamed: presetOf({ from: "2026-03-01" }, "2026-03-31") ?? null,
  oldLink: rangeOf({ day: "2026-03-14" }),
  bounds: boundsOf({ from: "2026-03-29", to: "2026-03-29" }, "Europe/Berlin"),
  open: [boundsOf({}, "UTC"), boundsOf({ from: "2026-03-01" }, "UTC")],
  problems: [
    problemOf({ from: "2026-03-02", to: "2026-03-01" }),
    problemOf({ from: "2026-02-30" }),
    problemOf({ to: "x" }),
    problemOf({ from: "2026-03-01", to: "2026-03-01" }) ?? null,
    problemOf({}) ?? null,
  ],
  days: ["2026-02-28", "0202-02-28", "2026-2-8"].map(isDay),
  files: [
    rangeInName({ from: "2026-03-01", to: "2026-03-31" }),
    rangeInName({ from: "2026-03-01" }),
    rangeInName({ to: "2026-03-31" }),
    rangeInName({}),
  ],
}));
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("modules")
    stage_modules(folder)
    return folder


def first_instant(zone: str, day: str) -> datetime:
    """The first second with this or a later local day, found minute by minute."""
    moment = datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC) - timedelta(hours=15)
    while moment.astimezone(ZoneInfo(zone)).date() < date.fromisoformat(day):
        moment += timedelta(minutes=1)
    return moment


def test_a_day_starts_at_its_first_instant_in_the_zone(folder):
    days = [(zone, day) for zone, days in ZONES.items() for day in days]
    found = json.loads(run_script(folder, BOUNDS, json.dumps(days)))
    starts = [datetime.fromisoformat(start) for start, _ in found]
    assert starts == [first_instant(zone, day) for zone, day in days]
    skipped = days.index(("Pacific/Apia", "2011-12-30"))
    assert starts[skipped] == starts[skipped + 1], "a skipped day is empty"
    assert [day for _, day in found] == [
        "2011-12-31" if i == skipped else day for i, (_, day) in enumerate(days)
    ]


def test_ranges_include_both_days(folder):
    found = json.loads(run_script(folder, RANGES, ""))
    assert found["march"] == {
        "today": {"from": "2026-03-31", "to": "2026-03-31"},
        "yesterday": {"from": "2026-03-30", "to": "2026-03-30"},
        "last-7-days": {"from": "2026-03-25", "to": "2026-03-31"},
        "last-30-days": {"from": "2026-03-02", "to": "2026-03-31"},
        "this-month": {"from": "2026-03-01", "to": "2026-03-31"},
        "last-month": {"from": "2026-02-01", "to": "2026-02-28"},
    }
    assert found["newYear"]["yesterday"] == {"from": "2025-12-31", "to": "2025-12-31"}
    assert found["newYear"]["last-month"] == {"from": "2025-12-01", "to": "2025-12-31"}
    assert found["names"] == [True] * 6
    assert found["unnamed"] is None
    assert found["oldLink"] == {"from": "2026-03-14", "to": "2026-03-14"}
    # The clocks in Berlin go forward on this day, which has 23 hours.
    assert found["bounds"] == {"from": "2026-03-28T23:00:00.000Z", "to": "2026-03-29T22:00:00.000Z"}
    assert found["open"] == [{}, {"from": "2026-03-01T00:00:00.000Z"}]


def test_a_range_that_cannot_be_is_explained(folder):
    found = json.loads(run_script(folder, RANGES, ""))
    wrong_day = "Enter days from 2000 on, such as 2026-03-14."
    wrong_order = "The last day is before the first day."
    assert found["problems"] == [wrong_order, wrong_day, wrong_day, None, None]
    assert found["days"] == [True, False, False]
    assert found["files"] == ["-2026-03-01-to-2026-03-31", "-from-2026-03-01", "-to-2026-03-31", ""]

"""Finance in the dashboard: time zone, ranges of days, exact statuses, sums and CSV exports."""

import csv
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Shoot
from tests.browser.dashboard import Dashboard
from tests.browser.test_dashboard_session_end import sign_in_again
from tests.browser.test_dashboard_sign_in import UNAUTHORIZED
from tests.e2e.api import Api, Json

ZONE = "Pacific/Kiritimati"  # UTC+14: for most of a UTC day, the date is another one
FULL_FILE_ROWS = 1_000_000
CHOOSE_FILE = """
globalThis.file = { text: "" };
globalThis.showSaveFilePicker = async ({ suggestedName }) => {
  if (!navigator.userActivation.isActive) throw new DOMException("", "SecurityError");
  file.name = suggestedName;
  return { createWritable: async () => ({
    write: async (text) => void (file.text += text),
    close: async () => void (file.state = "closed"),
    abort: async () => void (file.state = "aborted"),
  }) };
};
"""
"""Replaces the browser's dialog for files: the page's file is in memory."""
NO_CHOICE = "delete globalThis.showSaveFilePicker; globalThis.showSaveFilePicker = undefined;"


@pytest.fixture(scope="module")
def merchant(new_merchant: Callable[..., Api]) -> Api:
    merchant = new_merchant()
    merchant.put("/merchants/me/time-zone", {"time_zone": ZONE})
    return merchant


@pytest.fixture(scope="module")
def history(merchant: Api) -> dict[str, Json]:
    """One payment of each status that a merchant's request or the acquirer sets, by status."""
    names = ("success", "captured", "partially_refunded", "refunded")
    payments = {name: merchant.payment() for name in names}
    payments["failed"] = merchant.payment(method="upi", vpa="failure@upi")
    ids = {name: payment["id"] for name, payment in payments.items()}
    settled = {name: merchant.settled(payment_id) for name, payment_id in ids.items()}
    merchant.post(f"/payments/{ids['captured']}/capture", {})
    refunds = [
        merchant.refund(ids["partially_refunded"], 10_000, reason="=1+1"),
        merchant.refund(ids["refunded"], 50_000),
    ]
    for refund in refunds:
        merchant.refunded(refund["id"])
    return settled


@pytest.fixture
def signed_in(dashboard: Dashboard, history: dict[str, Json]) -> Dashboard:
    assert history
    dashboard.keep_session()
    return dashboard


def local_day(payment: Json) -> str:
    created_at = datetime.fromisoformat(payment["created_at"])
    return created_at.astimezone(ZoneInfo(ZONE)).date().isoformat()


def days_of(history: dict[str, Json]) -> str:
    """The query of the days on which the payments were created."""
    days = sorted(local_day(payment) for payment in history.values())
    return f"from={days[0]}&to={days[-1]}"


def test_lists_and_the_payment_show_the_exact_status(history, signed_in):
    signed_in.open("/dashboard/transactions")
    for name, payment in history.items():
        expect(signed_in.row(payment["id"]).get_by_test_id("status")).to_have_text(name.replace("_", " "))
    rows = signed_in.part("transaction-row")
    status = signed_in.page.get_by_label("Status")
    for choice, expected in {
        "captured": {"captured"},
        "success": {"success", "captured", "partially_refunded", "refunded"},
        "not_captured": {"success"},
        "partially_refunded": {"partially_refunded"},
    }.items():
        status.select_option(choice)
        expect(signed_in.page).to_have_url(re.compile(f"status={choice}$"))
        for name in history:
            expect(signed_in.row(history[name]["id"])).to_have_count(int(name in expected))
        expect(rows).to_have_count(len(expected))
    signed_in.open_payment(history["partially_refunded"]["id"])
    expect(signed_in.part("payment-status")).to_have_text("partially refunded")


def test_a_range_has_days_of_the_merchants_zone_and_is_checked_before_a_request(history, signed_in, watch):
    page, payment = signed_in.page, history["captured"]
    day = local_day(payment)
    signed_in.open(f"/dashboard/transactions?from={day}&to={day}")
    row = signed_in.row(payment["id"])
    expect(row).to_be_visible()
    expect(row.get_by_test_id("created-at")).to_have_text(re.compile(r"GMT\+14$"))
    expect(page.get_by_role("group", name=f"Created ({ZONE})")).to_be_visible()
    before = datetime.fromisoformat(day).date() - timedelta(days=1)
    sent = len(watch.requests)
    signed_in.part("filter-to").fill(before.isoformat())
    expect(page.get_by_role("alert")).to_have_text("The last day is before the first day.")
    expect(signed_in.part("transactions-table")).to_have_count(0)
    assert not [request.url for request in watch.requests[sent:] if f"to={before}" in request.url]
    signed_in.part("filter-from").fill(before.isoformat())
    expect(page.get_by_text("No matching payments")).to_be_visible()
    page.reload()
    expect(signed_in.part("filter-to")).to_have_value(before.isoformat())
    signed_in.part("filter-period").select_option("last-7-days")
    expect(row).to_be_visible()
    signed_in.go("/dashboard/refunds")
    expect(signed_in.part("refund-row")).to_have_count(2)
    signed_in.part("filter-period").select_option("last-month")
    expect(page.get_by_text("No matching refunds")).to_be_visible()


def test_the_sums_of_a_range_are_added_automatically_and_can_be_stopped(history, signed_in):
    page = signed_in.page
    signed_in.open(f"/dashboard/transactions?method=card&{days_of(history)}")
    cells = signed_in.part("sums-table").locator("[data-currency=INR] td")
    expect(cells).to_have_text(["4", "₹2,000.00", "₹600.00", "₹1,400.00"])
    expect(signed_in.part("transaction-row")).to_have_count(0)  # the sums do not follow the other filters
    expect(signed_in.part("sums")).to_contain_text("The other filters of the list do not apply.")

    line = {"currency": "INR", "payments": 4_000, "gross": 700, "refunded": 0, "net": 700}
    part = {"data": [line], "rows": 4_000, "until": "2026-03-03T12:00:00Z", "next_cursor": "2"}
    asked: list[str] = []

    def first_part_only(route: Route) -> None:
        asked.append(route.request.url)
        if "cursor" not in route.request.url:
            route.fulfill(json=part, headers={"Access-Control-Allow-Origin": "*"})

    page.route("**/api/v1/summary*", first_part_only)
    signed_in.go("/dashboard/transactions")
    expect(signed_in.part("sums-table")).to_have_count(0)
    assert asked == [], "all payments are added only on request"
    signed_in.part("add-sums-button").click()
    progress = signed_in.part("sums-progress")
    expect(progress).to_have_text("4,000 payments read, back to 4 Mar 2026 …")
    signed_in.part("stop-sums-button").click()
    expect(progress).to_have_text(
        "4,000 payments read, back to 4 Mar 2026, then stopped: these sums are incomplete"
    )
    expect(cells.first).to_have_text("4,000")
    page.unroute("**/api/v1/summary*")


def exporting(dashboard: Dashboard, kind: str) -> None:
    dashboard.part("export-button").click()
    dashboard.part("export-kind").select_option(kind)
    dashboard.part("start-export-button").click()


def written(dashboard: Dashboard) -> tuple[str, list[Json]]:
    """The name of the chosen file and its rows."""
    name, text, state = dashboard.page.evaluate("[file.name, file.text, file.state]")
    assert (text[0], state) == ("\ufeff", "closed")
    return name, list(csv.DictReader(text[1:].splitlines()))


def test_the_rows_of_a_list_are_written_to_the_chosen_file(history, signed_in):
    page, progress, days = signed_in.page, signed_in.part("export-progress"), days_of(history)
    page.add_init_script(CHOOSE_FILE)
    signed_in.open(f"/dashboard/transactions?{days}")
    exporting(signed_in, "payments")
    expect(progress).to_have_text("Saved 5 rows.")
    name, rows = written(signed_in)
    assert name == f"payments-{days.replace('from=', '').replace('&to=', '-to-')}.csv"
    assert {row["status"] for row in rows} == set(history)
    assert all(row["created_at"].endswith("+14:00") for row in rows)
    signed_in.part("export-kind").select_option("refunds")
    signed_in.part("start-export-button").click()
    expect(progress).to_have_text("Saved 2 rows.")
    page.evaluate("file = { text: '' }")
    signed_in.part("export-period").select_option("last-month")
    signed_in.part("start-export-button").click()
    expect(progress).to_have_text("There are no rows in this period, so no file was saved.")
    assert page.evaluate("file") == {"text": ""}


class Exports:
    """Replaces the export of events by `answers`, one for each request."""

    def __init__(self, page: Page, *answers: Json) -> None:
        self.answers = list(answers)
        self.cursors: list[str] = []
        page.route("**/api/v1/exports/events*", self._answer)

    def _answer(self, route: Route) -> None:
        self.cursors += re.findall(r"cursor=(\w+)", route.request.url)
        answer = dict(self.answers.pop(0))
        headers = {
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Expose-Headers": "Next-Cursor, Retry-After",
            **answer.pop("headers", {}),
        }
        route.fulfill(headers=headers, **answer)


HEADER = "recorded_at,event_id\r\n"
ROW = "2026-03-14T09:30:00+14:00,evt_1\r\n"
EXPIRED = {"status": 401, "json": {"error": {"code": "AUTHENTICATION_ERROR", "description": "Sign in"}}}
SLOWER = {
    "status": 429,
    "json": {"error": {"code": "RATE_LIMIT_ERROR", "description": "Slower"}},
    "headers": {"Retry-After": "1"},
}


def downloaded(dashboard: Dashboard, act: Callable[[], object]) -> tuple[str, str]:
    """The name and the content of the file that `act` downloads."""
    with dashboard.page.expect_download() as download:
        act()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes().decode()


def test_an_export_continues_after_a_limit_and_a_new_sign_in_and_ends_a_full_file(signed_in, watch):
    watch.forgive(UNAUTHORIZED)
    watch.forgive("429")
    page, progress = signed_in.page, signed_in.part("export-progress")
    page.add_init_script(NO_CHOICE)
    signed_in.open("/dashboard/webhooks")
    exports = Exports(
        page,
        {"body": HEADER + ROW, "headers": {"Next-Cursor": "a"}},
        SLOWER,
        EXPIRED,
        {"body": "x\r\n" * (FULL_FILE_ROWS - 2) + ROW, "headers": {"Next-Cursor": "b"}},
        {"body": ROW},
    )

    def export() -> None:
        exporting(signed_in, "events")
        expect(progress).to_contain_text("The gateway limits the rate of requests. Continuing in 1 s.")
        expect(progress).to_contain_text("1 row, up to 14 Mar 2026")
        page.keyboard.press("Escape")  # the dialog stays open while it exports
        sign_in_again(signed_in)

    name, text = downloaded(signed_in, export)
    assert (name, len(text)) == ("events.csv", len("\ufeff" + HEADER + 2 * ROW) + 3 * (FULL_FILE_ROWS - 2))
    expect(progress).to_contain_text("Saved 10,00,000 rows. The file is full")
    expect(progress).to_contain_text("It ends at 14 Mar 2026")
    name, text = downloaded(signed_in, signed_in.button("Continue with file 2").click)
    assert (name, text) == ("events-part-2.csv", f"\ufeff{HEADER}{ROW}")
    expect(progress).to_have_text("Saved 1 row.")
    assert exports.cursors == ["a", "a", "a", "b"]
    signed_in.escape()


def test_a_cancelled_export_and_a_failed_one_leave_no_file(signed_in, watch):
    watch.forgive("status of 400")
    page, progress = signed_in.page, signed_in.part("export-progress")
    page.add_init_script(CHOOSE_FILE)
    signed_in.open("/dashboard/events")
    slow = {**SLOWER, "headers": {"Retry-After": "600"}}
    watch.forgive("429")
    bad = {"status": 400, "json": {"error": {"code": "BAD_REQUEST_ERROR", "description": "from is wrong"}}}
    first = {"body": HEADER + ROW, "headers": {"Next-Cursor": "a"}}
    Exports(page, first, slow, first, bad)
    exporting(signed_in, "events")
    expect(progress).to_contain_text("Continuing in 600 s.")
    signed_in.part("cancel-export-button").click()
    expect(progress).to_have_text("Cancelled after 1 row. No file was saved.")
    assert page.evaluate("file.state") == "aborted"
    page.evaluate("file.state = 'new'")
    signed_in.part("start-export-button").click()
    expect(signed_in.part("export-error")).to_have_text("from is wrong")
    assert page.evaluate("file.state") == "aborted"


def test_a_time_zone_applies_immediately_and_in_other_tabs(
    new_merchant, dashboard, new_context, watch, shoot: Shoot
):
    watch.forgive("status of 400")
    here = replace(
        dashboard, merchant=new_merchant(), page=new_context(timezone_id="Asia/Kolkata").new_page()
    )
    here.keep_session()
    here.open("/dashboard/account")
    zone = here.part("time-zone-input")
    expect(zone).to_have_value("UTC")
    other = replace(here, page=here.page.context.new_page())
    other.open("/dashboard/refunds")
    expect(other.page.get_by_role("group", name="Created (UTC)")).to_be_visible()
    zone.fill("Asia/Nowhere")
    here.part("save-time-zone-button").click()
    expect(here.part("time-zone").get_by_role("alert")).to_be_visible()
    expect(zone).to_have_attribute("aria-invalid", "true")
    here.button("Use Asia/Kolkata").click()
    expect(here.part("time-zone").get_by_role("alert")).to_have_count(0)
    expect(here.part("time-zone")).to_contain_text(re.compile(r"It is now .* IST\."))
    shoot(here.page, "dashboard-time-zone")
    here.part("save-time-zone-button").click()
    expect(here.page.get_by_text("The time zone is Asia/Kolkata")).to_be_visible()
    expect(other.page.get_by_role("group", name="Created (Asia/Kolkata)")).to_be_visible()
    here.go("/dashboard")
    expect(
        here.page.get_by_text("Charts and totals count by UTC day. Times are in Asia/Kolkata.")
    ).to_be_visible()
    other.page.reload()
    expect(other.page.get_by_role("group", name="Created (Asia/Kolkata)")).to_be_visible()

"""The test clock on the page Operations of the dashboard."""

import re
from dataclasses import replace

from playwright.sync_api import Route, expect

from tests.browser.conftest import Shoot
from tests.browser.dashboard import Dashboard
from tests.browser.test_dashboard_accessibility import check
from tests.browser.watch import Watch


def test_a_button_and_a_duration_move_the_clock_and_an_error_is_shown(dashboard: Dashboard, watch: Watch):
    watch.forgive("status of 400")
    dashboard.sign_in("/dashboard/operations")
    ahead = dashboard.part("clock-ahead")
    expect(ahead).to_have_text("the real time")
    dashboard.button("+1 day").click()
    expect(ahead).to_have_text("1 d ahead of the real time")
    dashboard.part("advance-clock-button").click()
    expect(ahead).to_have_text("1 d 2 h ahead of the real time")
    dashboard.part("clock-duration-input").fill("401d")
    dashboard.part("advance-clock-button").click()
    section = dashboard.part("test-clock")
    expect(section).to_contain_text("The clock can be at most 400 days ahead of the real time")
    expect(ahead).to_have_text("1 d 2 h ahead of the real time")


def test_an_unfinished_advance_is_continued(dashboard: Dashboard):
    target, answers = "2030-01-01T00:00:00.000Z", [None, "idle"]
    done = {
        "status": "idle",
        "now": target,
        "real_time": target,
        "ahead_s": 60,
        "target": None,
        "processed": 2,
    }
    sent = []

    def answer(route: Route) -> None:
        if route.request.method == "GET":
            route.fulfill(json=done)
            return
        sent.append(route.request.post_data_json)
        is_last = answers.pop(0) == "idle"
        route.fulfill(json=done if is_last else done | {"status": "advancing", "target": target})

    dashboard.page.route(re.compile("/test/clock$"), answer)
    dashboard.sign_in("/dashboard/operations")
    dashboard.button("+1 hour").click()
    expect(dashboard.page.get_by_text("4 jobs processed")).to_be_visible()
    assert sent == [{"advance": "1h"}, {"to": target}]


def test_there_is_no_clock_in_production(dashboard: Dashboard, watch: Watch):
    watch.forgive("status of 404")
    dashboard.page.route(re.compile("/test/clock$"), lambda route: route.fulfill(status=404, json={}))
    with dashboard.page.expect_response(re.compile("/test/clock$")):
        dashboard.sign_in("/dashboard/operations")
    expect(dashboard.part("test-clock")).to_have_count(0)


def test_the_clock_is_accessible(dashboard: Dashboard, new_context, shoot: Shoot):
    here = replace(dashboard, page=new_context(reduced_motion="reduce").new_page())
    here.sign_in("/dashboard/operations")
    here.part("test-clock").scroll_into_view_if_needed()
    check(here, shoot, "clock")

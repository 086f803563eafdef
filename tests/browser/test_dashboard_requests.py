"""The log of API requests: search by id, filters, and links from errors and to objects."""

from playwright.sync_api import expect

from tests.browser import axe


def test_a_request_is_found_by_the_text_of_its_error(dashboard, merchant, shoot):
    payment = merchant.paid()
    merchant.order()
    request_id = merchant.post("/orders", {"amount": 0}).json()["error"]["request_id"]
    dashboard.sign_in("/dashboard/requests")
    table = dashboard.part("requests-table")
    expect(table).to_contain_text("POST /orders")
    shoot(dashboard.page, "api-requests")
    dashboard.page.get_by_label("Result").select_option("true")
    expect(table).not_to_contain_text("201")
    expect(table.get_by_text("BAD_REQUEST_ERROR").first).to_be_visible()
    dashboard.part("find-request-input").fill(f'Error: {{"request_id": "{request_id}"}}, try again')
    dashboard.page.get_by_label("Request id").press("Enter")
    detail = dashboard.part("request-detail")
    expect(detail).to_contain_text(request_id)
    expect(detail).to_contain_text("POST /api/v1/orders")
    shoot(dashboard.page, "api-request")
    assert axe.violations(dashboard.page) == []
    dashboard.page.get_by_role("link", name="← API requests").click()
    expect(dashboard.page.get_by_label("Result")).to_have_value("true")
    dashboard.page.get_by_label("Result").select_option("")
    dashboard.page.get_by_role("searchbox", name="Payment").fill(payment["id"])
    dashboard.page.get_by_role("searchbox", name="Payment").press("Enter")
    # Every part of a row opens the request: its link covers the row, so Playwright would wait.
    table.get_by_text(payment["id"]).first.click(force=True)
    detail.get_by_role("link", name=payment["id"]).click()
    expect(dashboard.part("payment-detail")).to_be_visible()


def test_a_problem_links_to_its_request_and_an_unknown_one_is_explained(dashboard, watch):
    watch.forgive("Failed to load resource")
    dashboard.sign_in("/dashboard/transactions?payment=pay_0000000000000000")
    problem = dashboard.page.get_by_role("alert")
    expect(problem).to_contain_text("Payment not found")
    problem.get_by_role("link").click()
    expect(dashboard.part("request-detail")).to_contain_text("GET /api/v1/payments/{payment_id}")
    expect(dashboard.part("request-detail")).to_contain_text("the dashboard")
    dashboard.go("/dashboard/requests?request=00000000-0000-4000-8000-000000000000")
    alert = dashboard.page.get_by_role("alert")
    expect(alert).to_contain_text("It does not contain requests with wrong credentials")

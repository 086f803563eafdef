"""The log of API requests on a local stack."""

import pytest

from tests.e2e.api import Api, assert_error

pytestmark = pytest.mark.e2e


@pytest.mark.contract("2", "GET /requests")
@pytest.mark.contract("2", "GET /requests/{request_id}")
def test_a_refused_request_is_in_the_log(merchant: Api):
    request_id = merchant.post("/orders", {"amount": 0}).json()["error"]["request_id"]
    found = merchant.get(f"/requests/{request_id}").json()
    assert (found["method"], found["route"], found["status"]) == ("POST", "/api/v1/orders", 400)
    assert found["credential"] == merchant.credentials["X-Api-Key"]
    page = merchant.get("/requests?failed=true&limit=1").json()
    assert page["data"] == [found]
    assert_error(merchant.get("/requests/unknown"), 404, "NOT_FOUND_ERROR")

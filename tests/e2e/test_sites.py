"""The dashboard and the checkout are served from what was uploaded."""

import pytest
import requests

pytestmark = pytest.mark.contract("1")


@pytest.mark.parametrize("path", ["/", "/login", "/dashboard", "/dashboard/webhooks"])
def test_every_address_of_the_dashboard_opens_directly(gateway, path):
    response = requests.get(gateway.dashboard_url + path, timeout=10)
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/html")
    assert "<title>Dashboard</title>" in response.text


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/checkout?order_id=order_0000000000000000", "text/html"),
        ("/checkout.js", "text/javascript"),
        ("/checkout.css", "text/css"),
    ],
)
def test_the_checkout_page_and_the_sdk_have_their_types(gateway, path, content_type):
    response = requests.get(gateway.checkout_url + path, timeout=10)
    assert response.status_code == 200
    assert response.headers["Content-Type"].split(";")[0] == content_type

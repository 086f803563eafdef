"""The dashboard and the checkout are served from the uploaded files."""

import re

import pytest
import requests

pytestmark = pytest.mark.contract("1")


@pytest.mark.parametrize("path", ["/", "/login", "/dashboard", "/dashboard/webhooks"])
def test_every_dashboard_path_can_be_opened_directly(gateway, path):
    response = requests.get(gateway.dashboard_url + path, timeout=60)
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/html")
    assert "<title>Dashboard</title>" in response.text


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/checkout?order_id=order_0000000000000000", "text/html"),
        ("/checkout.js", "text/javascript"),
    ],
)
def test_the_checkout_page_and_the_sdk_have_the_correct_content_type(gateway, path, content_type):
    response = requests.get(gateway.checkout_url + path, timeout=60)
    assert response.status_code == 200
    assert response.headers["Content-Type"].split(";")[0] == content_type


@pytest.mark.parametrize("site", ["dashboard_url", "checkout_url"])
def test_scripts_and_styles_are_compressed_and_cached_permanently(gateway, site):
    url = getattr(gateway, site)
    page = requests.get(f"{url}/checkout" if site == "checkout_url" else url, timeout=60).text
    referred = re.findall(r'(?:href|src)="(/?assets-[^"]+)"', page)
    assert len(referred) >= 3
    for reference in referred:
        found = requests.get(f"{url}/{reference.lstrip('/')}", timeout=60)
        assert found.status_code == 200
        assert found.headers["Content-Encoding"] == "gzip"
        assert "immutable" in found.headers["Cache-Control"]
        assert found.headers["Content-Type"].split(";")[0] in {"text/javascript", "text/css"}


def test_a_cached_page_is_not_sent_again(gateway):
    first = requests.get(f"{gateway.checkout_url}/checkout", timeout=60)
    assert (first.headers["Content-Encoding"], first.headers["Cache-Control"]) == ("gzip", "no-cache")
    conditions = {"If-None-Match": first.headers["ETag"]}
    again = requests.get(f"{gateway.checkout_url}/checkout", headers=conditions, timeout=60)
    assert (again.status_code, again.content) == (304, b"")


def test_a_client_without_gzip_support_can_read_a_page_locally(gateway):
    page = requests.get(f"{gateway.checkout_url}/checkout", headers={"Accept-Encoding": ""}, timeout=60)
    assert "Content-Encoding" not in page.headers
    assert "<title>Checkout</title>" in page.text

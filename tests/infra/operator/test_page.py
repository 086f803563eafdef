"""The commands `page-inventory` and `watch-page`, against the local gateway."""

import json
from urllib.parse import urlsplit

import pytest
import requests

from infra.__main__ import main
from infra.aws import Aws
from infra.local.gateway import LocalGateway
from infra.page_check import hash_of

pytestmark = pytest.mark.e2e
Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _ports(gateway: LocalGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    urls = {"API_PORT": gateway.api_url, "CHECKOUT_PORT": gateway.checkout_url}
    urls["RECEIVER_PORT"] = gateway.receiver_url
    for name, url in urls.items():
        monkeypatch.setenv(name, str(urlsplit(url).port))


def test_the_inventory_is_what_the_page_is_served_with(gateway: LocalGateway, capsys: Capture):
    assert main(["page-inventory", "--stage", "test", "--json"]) == 0
    inventory = json.loads(capsys.readouterr().out)
    assert len(inventory["scripts"]) > 5
    for script in inventory["scripts"]:
        served = requests.get(gateway.checkout_url + script["path"], timeout=30)
        assert served.headers["Content-Type"].startswith("text/javascript")
        assert hash_of(served.content) == script["integrity"]


def test_a_change_of_the_live_page_is_reported_with_status_1(gateway: LocalGateway, capsys: Capture):
    assert main(["watch-page", "--stage", "test"]) == 0
    assert "match the inventory" in capsys.readouterr().out
    s3, bucket = Aws(gateway.aws_endpoint_url).client("s3"), gateway.stack_outputs["CheckoutBucket"]
    body = s3.get_object(Bucket=bucket, Key="checkout.mjs")["Body"].read()
    try:
        s3.put_object(Bucket=bucket, Key="checkout.mjs", Body=b"steal()", ContentType="text/javascript")
        assert main(["watch-page", "--stage", "test"]) == 1
    finally:
        s3.put_object(
            Bucket=bucket, Key="checkout.mjs", Body=body, ContentType="text/javascript; charset=utf-8"
        )
    printed = capsys.readouterr().out
    assert printed.startswith("/checkout.mjs has the hash sha384-")
    assert "'The payment page changed' in docs/operations.md" in printed

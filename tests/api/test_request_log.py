"""The log line of a request: the ids with which the history of a payment finds it."""

import io
import json
from typing import Any

from tests.api.client import UPI, VISA, Api, made, shown


def request_line(log: io.StringIO) -> dict[str, Any]:
    """The last line of a request."""
    lines = [json.loads(line) for line in log.getvalue().splitlines() if line.startswith("{")]
    line: dict[str, Any] = [line for line in lines if line["message"] == "request"][-1]
    return line


def test_the_request_that_creates_an_object_has_its_ids(merchant: Api, log: io.StringIO):
    order = merchant.order()
    line = request_line(log)
    assert (line["order_id"], line["merchant_id"]) == (order["id"], merchant.merchant_id)
    payment = made(merchant.post("/payments", {"order_id": order["id"], **UPI}))
    line = request_line(log)
    assert (line["payment_id"], line["order_id"]) == (payment["id"], order["id"])
    assert line["request_id"]


def test_a_replay_has_the_ids_of_the_object_that_exists(merchant: Api, log: io.StringIO):
    order = merchant.order()
    body = {"order_id": order["id"], **UPI}
    payment = made(merchant.post("/payments", body, key="once"))
    assert made(merchant.post("/payments", body, key="once"))["id"] == payment["id"]
    assert request_line(log)["payment_id"] == payment["id"]


def test_the_ids_in_the_path_are_logged_even_if_the_request_is_refused(
    merchant: Api, stranger: Api, log: io.StringIO
):
    payment = merchant.payment()
    assert stranger.get(f"/payments/{payment['id']}").status_code == 404
    line = request_line(log)
    assert (line["payment_id"], line["merchant_id"]) == (payment["id"], stranger.merchant_id)


def test_ids_do_not_appear_in_the_line_of_the_next_request(merchant: Api, log: io.StringIO):
    merchant.payment()
    shown(merchant.http.get("/health"))
    assert not {"payment_id", "order_id", "merchant_id"} & request_line(log).keys()


def test_a_path_that_is_not_an_id_is_not_logged(merchant: Api, log: io.StringIO):
    for id_ in (VISA, f"pay_{VISA}"):
        assert merchant.get(f"/payments/{id_}").status_code == 404
        assert VISA not in str(request_line(log))

"""Orders: an order is only ever created."""

from chalicelib.domain.order import MAX_RECEIPT_CHARS, OrderStatus


def test_an_order_has_one_status():
    assert [status.value for status in OrderStatus] == ["created"]


def test_a_receipt_has_up_to_255_characters():
    assert MAX_RECEIPT_CHARS == 255

"""The tests of the shop: real requests, real payments, real signed webhooks."""


def test_a_paid_order_is_shipped(shop, payment_gateway):
    order = shop.order(quantity=2)
    payment = payment_gateway.pay(order_id=order["id"])
    assert (payment["status"], payment["amount"]) == ("success", 99_800)
    payment_gateway.delivered("payment.success", payment_id=payment["id"])
    assert shop.orders[order["id"]]["status"] == "shipped"


def test_a_declined_buyer_sees_the_reason_and_pays_again(shop, payment_gateway):
    order = shop.order(quantity=1)
    payment_gateway.fail_next("insufficient_funds")
    declined = payment_gateway.settled(shop.pay(order["id"], vpa="asha@okbank")["id"])
    assert declined["decline_code"] == "insufficient_funds"
    payment_gateway.delivered("payment.failed", payment_id=declined["id"])
    assert shop.orders[order["id"]]["message"] == "Your account does not have enough money"
    assert shop.orders[order["id"]]["status"] == "unpaid"

    paid = payment_gateway.settled(shop.pay(order["id"], vpa="asha@okbank")["id"])
    payment_gateway.delivered("payment.success", payment_id=paid["id"])
    assert shop.orders[order["id"]]["status"] == "shipped"


def test_a_webhook_with_another_secret_is_rejected(shop, payment_gateway):
    shop.webhook_secret = "whsec_bm90IHRoZSBzZWNyZXQ="
    order = shop.order(quantity=1)
    payment_gateway.pay(order_id=order["id"])
    (event,) = payment_gateway.events("payment.success", count=1)
    assert event["data"]["payment"]["order_id"] == order["id"]
    assert shop.orders[order["id"]]["status"] == "unpaid"

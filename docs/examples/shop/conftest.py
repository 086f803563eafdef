"""The shop under test, with a gateway of the fixture `payment_gateway`."""

import threading

import pytest
import shop as tea_shop


@pytest.fixture(scope="session")
def payment_gateway_settings():
    return {"WEBHOOK_RETRY_INTERVALS_TEST": "true"}  # retries after 5, 10, 15 and 20 seconds


@pytest.fixture
def shop(payment_gateway):
    running = tea_shop.Shop(
        api_url=payment_gateway.api_url,
        api_key=payment_gateway.api_key,
        api_secret=payment_gateway.api_secret,
        webhook_secret=payment_gateway.webhook_secret,
    )
    server = tea_shop.server(running)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    payment_gateway.send_webhooks_to(f"http://127.0.0.1:{server.server_port}/webhook")
    yield running
    server.shutdown()
    server.server_close()

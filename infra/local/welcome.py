"""The welcome text: addresses, credentials, and first requests to copy."""

from chalicelib.services.onboarding import (
    TEST_API_KEY,
    TEST_API_SECRET,
    TEST_EMAIL,
    TEST_PASSWORD,
)
from infra.local.gateway import LocalGateway
from infra.local.ports import Ports


def welcome(gateway: LocalGateway, ports: Ports, webhook_secret: str, took_s: float) -> str:
    """The text that `make run` prints after the start."""
    receiver = f"http://localhost:{ports.receiver}"
    return f"""
Ready after {took_s:.1f} s.

  API         {gateway.api_url}
  Dashboard   {gateway.dashboard_url}
  Checkout    {gateway.checkout_url}/checkout
  SDK         {gateway.checkout_url}/checkout.js
  Demo shop   {gateway.checkout_url}/demo
  Receiver    {receiver} (receives the test merchant's webhooks at {gateway.webhook_url})
  AWS         {gateway.aws_endpoint_url}

  API key         {TEST_API_KEY}
  API secret      {TEST_API_SECRET}
  Webhook secret  {webhook_secret}
  Dashboard       {TEST_EMAIL}, password {TEST_PASSWORD}

Set the receiver as the webhook URL, then create an order:

  {_curl("PUT", f"{gateway.api_url}/api/v1/webhooks/config", f'{{"webhook_url": "{gateway.webhook_url}"}}')}

  {_curl("POST", f"{gateway.api_url}/api/v1/orders", '{"amount": 50000, "currency": "INR"}')}

To watch webhooks, trigger events or check the data, see .venv/bin/python -m infra --help

Press Ctrl-C to stop. Logs:
"""


def _curl(method: str, url: str, body: str) -> str:
    lines = (
        f"curl -X {method} {url}",
        f"-H 'X-Api-Key: {TEST_API_KEY}' -H 'X-Api-Secret: {TEST_API_SECRET}'",
        f"-H 'Content-Type: application/json' -d '{body}'",
    )
    return " \\\n    ".join(lines)

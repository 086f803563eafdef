"""The functions, by their logical id in Chalice's template, with their configured time-out and memory."""

import json
from dataclasses import dataclass

from infra.project import ROOT


@dataclass(frozen=True)
class Lambda:
    """A function: the handler's name in Chalice's configuration, the time-out and the memory."""

    handler: str
    timeout_s: int
    memory_mb: int

    @property
    def name(self) -> str:
        """The physical name without the stack's prefix."""
        return self.handler.removesuffix("_handler").replace("_", "-")


_CONFIGURATION = json.loads((ROOT / ".chalice" / "config.json").read_text())
API_STAGE: str = _CONFIGURATION["api_gateway_stage"]  # the first segment of the API's paths


def _configured(handler: str) -> Lambda:
    configured = _CONFIGURATION["lambda_functions"][handler]
    return Lambda(handler, configured["lambda_timeout"], configured["lambda_memory_size"])


LAMBDAS = {
    "APIHandler": _configured("api_handler"),
    "Relay": _configured("relay"),
    "Recorder": _configured("recorder"),
    "PaymentWorker": _configured("payment_worker"),
    "RefundWorker": _configured("refund_worker"),
    "WebhookWorker": _configured("webhook_worker"),
    "SlowWebhookWorker": _configured("slow_webhook_worker"),
}

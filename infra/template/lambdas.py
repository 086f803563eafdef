"""The functions by the names Chalice's template gives them, with what its configuration says of each."""

import json
from dataclasses import dataclass

from infra.project import ROOT


@dataclass(frozen=True)
class Lambda:
    """One function: the handler's name in the configuration, and after how long AWS stops it."""

    handler: str
    timeout_s: int

    @property
    def name(self) -> str:
        """Its own part of the physical name."""
        return self.handler.removesuffix("_handler").replace("_", "-")


def _configured(handler: str) -> Lambda:
    configuration = json.loads((ROOT / ".chalice" / "config.json").read_text())
    return Lambda(handler, configuration["lambda_functions"][handler]["lambda_timeout"])


LAMBDAS = {
    "APIHandler": _configured("api_handler"),
    "Relay": _configured("relay"),
    "PaymentWorker": _configured("payment_worker"),
    "RefundWorker": _configured("refund_worker"),
    "WebhookWorker": _configured("webhook_worker"),
}

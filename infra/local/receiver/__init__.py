"""The test merchant's server, mostly a webhook receiver: `Receiver` or `python -m infra.local.receiver`."""

from infra.local.receiver.behaviour import Behaviour
from infra.local.receiver.delivery import Delivery
from infra.local.receiver.server import Receiver
from infra.local.receiver.shop import Shop
from infra.local.receiver.verification import UnverifiedWebhookError, verify

__all__ = ["Behaviour", "Delivery", "Receiver", "Shop", "UnverifiedWebhookError", "verify"]

"""The test merchant's server, with a webhook receiver: `Receiver` or `python -m infra.local.receiver`."""

from infra.local.receiver.behaviour import Behaviour
from infra.local.receiver.merchant_account import MerchantAccount
from infra.local.receiver.received_webhook import ReceivedWebhook
from infra.local.receiver.server import Receiver
from infra.local.receiver.verification import UnverifiedWebhookError, verify

__all__ = ["Behaviour", "MerchantAccount", "ReceivedWebhook", "Receiver", "UnverifiedWebhookError", "verify"]

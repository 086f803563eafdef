"""New payments: whether the acquirer of the merchant supports them, and whether the merchant allows them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.acquirers.base import Acquirer, Capabilities, CardNumbersRefusedError
from chalicelib.domain.errors import BadRequestError, ExpiredCardError
from chalicelib.domain.instrument import Instrument, PaymentDetails, UpiFlow
from chalicelib.domain.merchant import Merchant
from chalicelib.domain.methods.card import CardEntry
from chalicelib.domain.payment import CaptureMode

_INSTEAD = {
    CardEntry.TOKEN: "send card_token",
    CardEntry.PAGE: "leave card out, and the buyer enters it on the page in next_action",
}


@dataclass(frozen=True, kw_only=True)
class NewPayment:
    """A valid create-payment request."""

    details: PaymentDetails
    capture_mode: CaptureMode = CaptureMode.AUTOMATIC
    return_url: str | None = None

    def fingerprint(self) -> Mapping[str, Any]:
        """The part that identifies the request. The same as in earlier versions for their requests."""
        added: dict[str, Any] = {"return_url": self.return_url}
        added |= {"capture": self.capture_mode} if self.capture_mode is not CaptureMode.AUTOMATIC else {}
        return {**self.details.fingerprint(), **{name: value for name, value in added.items() if value}}


def accepted_instrument(merchant: Merchant, acquirer: Acquirer, new: NewPayment, now: datetime) -> Instrument:
    """The details to store. The acquirer tokenizes a card only after everything else is accepted.

    Raises ExpiredCardError, BadRequestError, AcquirerUnavailableError and CredentialsError.
    """
    details, supported = new.details, acquirer.capabilities
    if details.is_expired(now):
        raise ExpiredCardError
    if details.method not in supported.methods:
        raise BadRequestError("Invalid payment method", field="method")
    _refuse_entry(details.entry, supported)
    if new.capture_mode is CaptureMode.MANUAL and not supported.manual_capture:
        raise BadRequestError("Manual capture is not supported", field="capture")
    if new.return_url is not None and not merchant.allows_return(new.return_url):
        raise BadRequestError("return_url is on an origin that is not allowed", field="return_url")
    try:
        return details.instrument(acquirer.tokenize)
    except CardNumbersRefusedError:
        raise _numbers_refused(supported) from None


def _refuse_entry(entry: object, supported: Capabilities) -> None:
    if entry in supported.flows | supported.card_entries:
        return
    match entry:
        case CardEntry.NUMBER:
            raise _numbers_refused(supported)
        case CardEntry.TOKEN:
            raise BadRequestError("card_token is not supported", field="card_token")
        case CardEntry.PAGE:
            raise BadRequestError("card is required", field="card")
        case UpiFlow():
            raise BadRequestError(f"The flow {entry} is not supported", field="flow")


def _numbers_refused(supported: Capabilities) -> BadRequestError:
    hints = [hint for entry, hint in _INSTEAD.items() if entry in supported.card_entries]
    hint = f": {', or '.join(hints)}" if hints else ""
    return BadRequestError(f"Card numbers are not accepted{hint}", field="card")

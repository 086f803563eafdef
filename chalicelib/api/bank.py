"""The pages that act as the buyer's bank and phone. Not in production."""

from typing import Literal, Self
from urllib.parse import parse_qsl

from chalice.app import Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chalicelib.acquirers.simulated.bank import PAGE_PATH
from chalicelib.api.bank_pages import charge_page, unknown_page
from chalicelib.api.call import Call
from chalicelib.api.errors import bad_request_of
from chalicelib.api.responses.page import PageView
from chalicelib.api.route import Route
from chalicelib.domain.errors import BadRequestError, NotFoundError
from chalicelib.domain.simulated_charge import MAX_WRONG_CODES, BuyerAnswer
from chalicelib.services.simulated_bank import SimulatedBankService

MAX_FORM_BYTES = 4 * 1024
MAX_FORM_FIELDS = 8
MAX_CODE_CHARS = 10
SEE_OTHER = 303
_PATH = PAGE_PATH + "/{charge_id}"
_FORM = "application/x-www-form-urlencoded"


class AnswerForm(BaseModel):
    """The form of a page: the button, and on a page of the issuer the one-time code."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    decision: Literal["approve", "decline"]
    code: str = Field(default="", max_length=MAX_CODE_CHARS, repr=False)
    attempt: int = Field(default=0, ge=0, le=MAX_WRONG_CODES)

    @classmethod
    def of(cls, request: Request) -> Self:
        """The urlencoded body as this model. Raises BadRequestError, which never contains the code."""
        raw = request.raw_body
        if len(raw) > MAX_FORM_BYTES:
            raise BadRequestError(f"The body must be at most {MAX_FORM_BYTES} bytes")
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
            raise BadRequestError(f"Content-Type must be {_FORM}", field="Content-Type")
        try:
            text = raw if isinstance(raw, str) else raw.decode("ascii")
            fields = parse_qsl(text, strict_parsing=True, errors="strict", max_num_fields=MAX_FORM_FIELDS)
        except ValueError:
            raise BadRequestError("The body is not a valid form") from None
        try:
            return cls.model_validate(dict(fields))
        except ValidationError as error:
            raise bad_request_of(error, {}) from None

    @property
    def answer(self) -> BuyerAnswer:
        """The answer of the buyer."""
        return BuyerAnswer(approves=self.decision == "approve", code=self.code, attempt=self.attempt)


def get_bank_page(call: Call) -> PageView:
    """Show the page of the buyer's bank or phone for a charge of the simulated acquirer."""
    found = _bank(call).find(call.path["charge_id"])
    return charge_page(found.charge, found.now) if found else unknown_page()


def answer_bank_page(call: Call) -> PageView:
    """Apply the buyer's answer, and redirect to the page, so that it can be reloaded.

    The form is read here and not by the router, because production has no such route, whatever the body is.
    """
    bank = _bank(call)
    charge = bank.answer(call.path["charge_id"], AnswerForm.of(call.request).answer)
    return PageView(code=SEE_OTHER, location=charge.id) if charge else unknown_page()


def _bank(call: Call) -> SimulatedBankService:
    if call.gateway.settings.is_production:
        raise NotFoundError("Route")
    return call.gateway.bank


ROUTES = [
    Route("GET", _PATH, get_bank_page, public=True),
    Route("POST", _PATH, answer_bank_page, public=True),
]

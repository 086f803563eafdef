"""The body of every error."""

from pydantic import ConfigDict

from chalicelib.api.fields import PaymentId
from chalicelib.api.responses.view import IfAny, View


class ErrorDetail(View):
    """An error. ``field`` is the field, parameter or header that caused it, if there is one.

    ``payment_id`` is the payment in progress. It is present only with PAYMENT_IN_PROGRESS.
    """

    model_config = ConfigDict(json_schema_serialization_defaults_required=False)

    code: str
    description: str
    request_id: str
    field: IfAny[str] = None
    payment_id: IfAny[PaymentId] = None


class ErrorView(View):
    """The body of every error."""

    error: ErrorDetail

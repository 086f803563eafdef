"""The body of every error."""

from pydantic import ConfigDict

from chalicelib.api.fields import PaymentId
from chalicelib.api.responses.view import IfAny, View


class ErrorDetail(View):
    """What went wrong; ``field`` where one field, parameter or header is at fault.

    ``payment_id`` is the payment that is in progress, with PAYMENT_IN_PROGRESS.
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

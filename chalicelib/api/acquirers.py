"""The route of the acquirers' notifications."""

from chalicelib.api.call import Call
from chalicelib.api.responses.acquirers import NotificationView
from chalicelib.api.route import Route
from chalicelib.domain.errors import BadRequestError


def notify(call: Call) -> NotificationView:
    """Receive a notification of an acquirer.

    Only acquirers send notifications. The body and the headers that sign it are those of the acquirer `name`.
    A notification without a valid signature, for an unknown merchant or larger than 65536 bytes receives the
    same error. A valid one makes the gateway ask the acquirer for the status of the payments that it names.
    """
    request, raw = call.request, call.request.raw_body
    body = raw if isinstance(raw, bytes) else raw.encode()
    headers = {name.lower(): value for name, value in request.headers.items()}
    call.gateway.notifications.receive(call.path["name"], call.path["merchant_id"], headers, body)
    return NotificationView()


ROUTES = [
    Route(
        "POST",
        "/api/v1/acquirers/{name}/notifications/{merchant_id}",
        notify,
        public=True,
        reveals_ids=False,
        raises=(BadRequestError,),
    ),
]

"""The routes of the receiver lab: checks of the server behind a webhook endpoint."""

from chalicelib.api.call import Call
from chalicelib.api.requests import ReceiverCheckBody
from chalicelib.api.responses.receiver_lab import ReceiverCheckItem, ReceiverCheckListView, ReceiverCheckView
from chalicelib.api.route import Route
from chalicelib.domain.lab.checks import CHECKS, check_named
from chalicelib.domain.webhook_endpoint import EndpointKey

LAB = "/api/v1/webhooks/endpoints/{endpoint_id}/lab"


def list_receiver_checks(call: Call) -> ReceiverCheckListView:
    """List the checks that can be run against a webhook endpoint. Not in production."""
    call.gateway.endpoint_lab.require_available()
    call.gateway.webhook_endpoints.get(_key(call))
    return ReceiverCheckListView(data=[ReceiverCheckItem.of(check) for check in CHECKS])


def run_receiver_check(call: Call, body: ReceiverCheckBody) -> ReceiverCheckView:
    """Run one check against the URL of a webhook endpoint, with its signing secret. Not in production.

    The check sends sample events, some with a wrong signature, and takes up to 25 seconds. At most 300 checks
    per merchant and hour.
    """
    endpoint = call.gateway.webhook_endpoints.get(_key(call))
    result = call.gateway.endpoint_lab.run(
        check_named(body.check), endpoint, merchant_id=call.merchant.id, scheme=body.signature
    )
    return ReceiverCheckView.with_result(result)


def _key(call: Call) -> EndpointKey:
    return EndpointKey(call.merchant.id, call.path["endpoint_id"])


ROUTES = [
    Route("GET", LAB, list_receiver_checks),
    Route("POST", LAB, run_receiver_check),
]

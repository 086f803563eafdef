"""The routes of the log of API requests."""

from chalicelib.api.call import Call
from chalicelib.api.lists import list_page
from chalicelib.api.queries import RequestsQuery
from chalicelib.api.responses.logged_requests import RequestView
from chalicelib.api.responses.view import ListView
from chalicelib.api.route import Route


def list_requests(call: Call, query: RequestsQuery) -> ListView[RequestView]:
    """List the requests to the API, newest first, for 7 days unless the operator chose another number.

    The log contains all requests with the API key, and those of the dashboard that changed something or
    failed. It does not contain requests with wrong credentials, above the rate limit, or of the checkout.
    """
    return list_page(call, query, call.gateway.request_log, RequestView.of)


def get_request(call: Call) -> RequestView:
    """Get a request by the `request_id` of its response."""
    return RequestView.of(call.gateway.request_log.get(call.path["request_id"], call.merchant.id))


ROUTES = [
    Route("GET", "/api/v1/requests", list_requests),
    Route("GET", "/api/v1/requests/{request_id}", get_request),
]

"""The Chalice app behind either kind of API: Chalice reads the events of REST APIs only.

An HTTP API sends events of payload format 2.0. Its template has a route for each path of the app, and
`$default` for all other paths.
"""

from typing import Any
from urllib.parse import parse_qs

from chalice.app import Chalice

from chalicelib.api.errors import error_response
from chalicelib.domain.errors import NotFoundError

HTTP_API_VERSION = "2.0"


class GatewayApp(Chalice):
    """Serves the requests of a REST API, and those of an HTTP API."""

    def __call__(self, event: dict[str, Any], context: Any) -> Any:
        """The response to API Gateway. A REST API rejects unknown routes; an HTTP API sends them here."""
        if event.get("version") != HTTP_API_VERSION:
            return super().__call__(event, context)
        request = rest_event(event)
        method, path = request["requestContext"]["httpMethod"], request["requestContext"]["resourcePath"]
        if method not in self.routes.get(path, {}):
            return error_response(NotFoundError("Route"), event["requestContext"]["requestId"]).to_dict()
        return super().__call__(request, context)


def rest_event(event: dict[str, Any]) -> dict[str, Any]:
    """What Chalice reads of a REST API's event, for an HTTP API's ``event``.

    The values of a repeated header are joined by commas. Cookies are dropped: the API reads none.
    """
    context = event["requestContext"]
    path = event["routeKey"].partition(" ")[2]
    return {
        "requestContext": {**context, "httpMethod": context["http"]["method"], "resourcePath": path},
        "headers": event["headers"],
        "multiValueQueryStringParameters": parse_qs(event["rawQueryString"], keep_blank_values=True) or None,
        "pathParameters": event.get("pathParameters"),
        "stageVariables": event.get("stageVariables"),
        "body": event.get("body"),
        "isBase64Encoded": event["isBase64Encoded"],
    }

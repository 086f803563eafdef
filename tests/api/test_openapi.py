"""Section 5, `GET /openapi.json`: the document is complete, valid and up to date.

`tests/e2e/test_schemathesis.py` tests that the API conforms to it.
"""

import json
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

import app
from chalicelib.api.errors import STATUS_OF
from chalicelib.api.openapi.document import describe
from chalicelib.api.responses.page import PageView
from chalicelib.api.route import Route
from infra.project import ROOT
from tests.api.client import Api, shown

ROUTES = [route for route in app.router.routes if not issubclass(route.returns, PageView)]
DOCUMENT = describe(app.router.routes)
OPERATIONS = [operation for methods in DOCUMENT["paths"].values() for operation in methods.values()]

every_endpoint = pytest.mark.parametrize("endpoint", ROUTES, ids=lambda each: each.name)


def operation_of(endpoint: Route) -> dict[str, Any]:
    operation: dict[str, Any] = DOCUMENT["paths"][endpoint.path][endpoint.method.lower()]
    return operation


def test_the_document_is_public(anonymous: Api):
    assert shown(anonymous.get("/openapi.json")) == DOCUMENT


def test_the_document_is_valid_openapi():
    OpenAPIV31SpecValidator(DOCUMENT).validate()


def test_the_copy_in_the_documentation_is_up_to_date():
    copy = json.loads((ROOT / "docs" / "openapi.json").read_text())
    assert copy == DOCUMENT, "run `make openapi` to update it"


def test_the_document_has_exactly_the_routes_of_the_api_that_return_json():
    described = {(path, method) for path, methods in DOCUMENT["paths"].items() for method in methods}
    assert described == {(endpoint.path, endpoint.method.lower()) for endpoint in ROUTES}
    assert {endpoint.path for endpoint in app.router.routes if endpoint not in ROUTES} == {
        "/api/v1/test/bank/{charge_id}",
        "/api/v1/payments/{payment_id}/return",
    }


def test_every_operation_has_a_unique_id_and_a_summary():
    assert len({operation["operationId"] for operation in OPERATIONS}) == len(OPERATIONS)
    assert all(operation["summary"] for operation in OPERATIONS)


@every_endpoint
def test_the_document_states_the_authentication_of_each_route(endpoint: Route):
    needed = (DOCUMENT | operation_of(endpoint))["security"]
    may_call = [] if endpoint.public else [["Session"]]
    if not endpoint.public and not endpoint.session_only:
        may_call = [["ApiKey", "ApiSecret"], *may_call]
    assert [list(schemes) for schemes in needed] == may_call


@every_endpoint
def test_the_document_states_the_responses_of_each_operation(endpoint: Route):
    answers = set(operation_of(endpoint)["responses"])
    assert str(endpoint.returns.STATUS) in answers
    assert {"429", "500"} <= answers
    assert ("401" in answers) == (not endpoint.public or endpoint.path.endswith("/sessions"))
    assert ("422" in answers) == endpoint.idempotent
    if "{" in endpoint.path:
        assert ("404" in answers) == endpoint.reveals_ids


def test_the_document_has_every_error_code():
    text = json.dumps(DOCUMENT)
    for error in STATUS_OF:
        codes = {error.code, *(each.code for each in error.__subclasses__())}
        assert all(code in text for code in codes - {"METHOD_NOT_ALLOWED_ERROR"}), codes


def test_every_create_operation_except_sign_in_accepts_an_idempotency_key():
    taking = {
        endpoint.name
        for endpoint in ROUTES
        if any(each["name"] == "Idempotency-Key" for each in operation_of(endpoint).get("parameters", []))
    }
    assert taking == {
        "POST /api/v1/orders",
        "POST /api/v1/payments",
        "POST /api/v1/payments/public",
        "POST /api/v1/payments/{payment_id}/refunds",
        "POST /api/v1/webhooks/test",
        "POST /api/v1/webhooks/endpoints",
        "POST /api/v1/webhooks/endpoints/{endpoint_id}/test",
    }


def test_lists_document_their_limits_and_filters():
    (webhooks,) = [each for each in OPERATIONS if each["operationId"] == "list_webhooks"]
    parameters = {each["name"]: each["schema"] for each in webhooks["parameters"]}
    assert list(parameters) == [
        "from",
        "to",
        "limit",
        "offset",
        "cursor",
        "endpoint_id",
        "payment_id",
        "event",
        "status",
    ]
    assert parameters["from"] == {"type": "string", "format": "date-time"}
    assert parameters["limit"] == {"type": "integer", "minimum": 1, "maximum": 100, "default": 10}
    schemas = DOCUMENT["components"]["schemas"]
    assert parameters["status"] == {"$ref": "#/components/schemas/WebhookStatus"}
    assert schemas["WebhookStatus"]["enum"] == ["pending", "success", "failed"]


def test_operations_that_move_money_or_change_an_endpoint_or_a_secret_reject_unknown_fields():
    schemas = DOCUMENT["components"]["schemas"]
    strict = {name for name, schema in schemas.items() if schema.get("additionalProperties") is False}
    endpoints = {"NewWebhookEndpointBody", "ChangeWebhookEndpointBody", "ReplayWebhooksBody"}
    assert strict == {"CaptureBody", "NewRefundBody", "RotateApiSecretBody", *endpoints}

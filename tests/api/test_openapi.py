"""Section 5, `GET /openapi.json`: the description is of this API, whole, and valid.

That the API does as it says, `tests/e2e/test_schemathesis.py` holds.
"""

import json
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

import app
from chalicelib.api.errors import STATUS_OF
from chalicelib.api.openapi.document import describe
from chalicelib.api.route import Route
from infra.project import ROOT
from tests.api.client import Api, shown

DOCUMENT = describe(app.router.routes)
OPERATIONS = [operation for methods in DOCUMENT["paths"].values() for operation in methods.values()]

every_endpoint = pytest.mark.parametrize("endpoint", app.router.routes, ids=lambda each: each.name)


def operation_of(endpoint: Route) -> dict[str, Any]:
    operation: dict[str, Any] = DOCUMENT["paths"][endpoint.path][endpoint.method.lower()]
    return operation


def test_anybody_may_read_it(anybody: Api):
    assert shown(anybody.get("/openapi.json")) == DOCUMENT


def test_it_is_valid_openapi():
    OpenAPIV31SpecValidator(DOCUMENT).validate()


def test_the_copy_in_the_documentation_is_up_to_date():
    copy = json.loads((ROOT / "docs" / "openapi.json").read_text())
    assert copy == DOCUMENT, "`make openapi` writes it anew"


def test_it_has_every_route_and_no_other():
    described = {(path, method) for path, methods in DOCUMENT["paths"].items() for method in methods}
    assert described == {(endpoint.path, endpoint.method.lower()) for endpoint in app.router.routes}


def test_every_operation_has_a_name_of_its_own_and_a_summary():
    assert len({operation["operationId"] for operation in OPERATIONS}) == len(OPERATIONS)
    assert all(operation["summary"] for operation in OPERATIONS)


@every_endpoint
def test_it_says_who_may_call(endpoint: Route):
    needed = (DOCUMENT | operation_of(endpoint))["security"]
    may_call = [] if endpoint.public else [["Session"]]
    if not endpoint.public and not endpoint.session_only:
        may_call = [["ApiKey", "ApiSecret"], *may_call]
    assert [list(schemes) for schemes in needed] == may_call


@every_endpoint
def test_it_says_how_each_request_may_be_answered(endpoint: Route):
    answers = set(operation_of(endpoint)["responses"])
    assert str(endpoint.returns.STATUS) in answers
    assert {"429", "500"} <= answers
    assert ("401" in answers) == (not endpoint.public or endpoint.path.endswith("/sessions"))
    assert ("422" in answers) == endpoint.idempotent
    if "{" in endpoint.path:
        assert "404" in answers


def test_it_knows_every_error_code():
    text = json.dumps(DOCUMENT)
    for error in STATUS_OF:
        codes = {error.code, *(each.code for each in error.__subclasses__())}
        assert all(code in text for code in codes - {"METHOD_NOT_ALLOWED_ERROR"}), codes


def test_an_idempotency_key_is_taken_by_all_that_creates_but_a_session():
    taking = {
        endpoint.name
        for endpoint in app.router.routes
        if any(each["name"] == "Idempotency-Key" for each in operation_of(endpoint).get("parameters", []))
    }
    assert taking == {
        "POST /api/v1/orders",
        "POST /api/v1/payments",
        "POST /api/v1/payments/public",
        "POST /api/v1/payments/{payment_id}/refunds",
        "POST /api/v1/webhooks/test",
    }


def test_a_list_says_its_limits_and_filters():
    (webhooks,) = [each for each in OPERATIONS if each["operationId"] == "list_webhooks"]
    parameters = {each["name"]: each["schema"] for each in webhooks["parameters"]}
    assert list(parameters) == [
        "limit",
        "offset",
        "cursor",
        "from",
        "to",
        "payment_id",
        "event",
        "status",
    ]
    assert parameters["from"] == {"type": "string", "format": "date-time"}
    assert parameters["limit"] == {"type": "integer", "minimum": 1, "maximum": 100, "default": 10}
    schemas = DOCUMENT["components"]["schemas"]
    assert parameters["status"] == {"$ref": "#/components/schemas/WebhookStatus"}
    assert schemas["WebhookStatus"]["enum"] == ["pending", "success", "failed"]


def test_what_could_cost_money_takes_no_unknown_field():
    schemas = DOCUMENT["components"]["schemas"]
    strict = {name for name, schema in schemas.items() if schema.get("additionalProperties") is False}
    assert strict == {"CaptureBody", "NewRefundBody"}

"""The policies of the template: actions exist and fit their resources, and each wildcard has a reason."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from cfnlint.api import lint
from cfnlint.config import ManualArgs

from infra.stage import Stage
from infra.template import build_template
from infra.template.lambdas import LAMBDAS
from infra.template.roles import role_id

Statement = dict[str, Any]

# cfn-lint checks no policies in a template with the SAM transform. These rules check actions, the form of
# policies, principals, and whether a statement's resources are of the type of its actions.
POLICY_RULES = {"W3037", "E3510", "E3511", "E3512", "E3514", "E3530", "I3510"}

# By the logical id of the resource and the action, or the resource of a statement.
REASONED_WILDCARDS = {
    **{(role_id(function), "*"): "X-Ray has no resources" for function in LAMBDAS},
    ("EncryptionKey", "kms:*"): "a key policy enables IAM with it; without it, a key can become unmanageable",
    ("EncryptionKey", "*"): "in the policy of a key, it means this key",
}
"""The only policies with a wildcard, and why."""

FULL = {
    "KMS_KEY": "create",
    "BUDGET_USD": "100",
    "BUDGET_EMAIL": "ops@example.com",
    "ALARM_EMAIL": "ops@example.com",
    "WAF": "on",
    "TRACING": "on",
}
VARIANTS = [{}, {"API": "http"}, FULL, FULL | {"API": "http"}]


def resources_of(environment: dict[str, str]) -> dict[str, Any]:
    resources: dict[str, Any] = build_template(Stage.of("prod", environment))["Resources"]
    return resources


def statements(value: Any) -> Iterator[Statement]:
    """Every statement in a resource."""
    if isinstance(value, dict):
        if "Effect" in value and "Action" in value:
            yield value
        for each in value.values():
            yield from statements(each)
    elif isinstance(value, list):
        for each in value:
            yield from statements(each)


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def wildcards(resources: dict[str, Any]) -> set[tuple[str, str]]:
    """Actions with a wildcard, and resources that are only a wildcard, by logical id."""
    found = set()
    for id_, resource in resources.items():
        for statement in statements(resource):
            found |= {(id_, action) for action in listed(statement["Action"]) if "*" in action}
            found |= {(id_, "*") for each in listed(statement.get("Resource", [])) if each == "*"}
    return found


def complaints(resources: dict[str, Any]) -> set[tuple[str, str]]:
    """The rule and the message of each violation of POLICY_RULES in the resources with policies."""
    made = {id_: each for id_, each in resources.items() if "Type" in each and next(statements(each), None)}
    text = json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": made})
    matches = lint(text, config=ManualArgs(regions=["us-east-1"], include_checks=["I"]))
    return {(each.rule.id, each.message) for each in matches if each.rule.id in POLICY_RULES}


@pytest.mark.parametrize("environment", VARIANTS, ids=str)
def test_no_policy_has_a_wildcard_without_a_reason(environment: dict[str, str]):
    assert wildcards(resources_of(environment)) <= set(REASONED_WILDCARDS)


def test_every_reason_is_needed():
    assert wildcards(resources_of(FULL)) == set(REASONED_WILDCARDS)


def test_actions_exist_and_fit_their_resources():
    assert complaints(resources_of(FULL)) == set()


@pytest.mark.parametrize(
    ("action", "resource", "rule"),
    [
        ("dynamodb:GetItems", "arn:aws:dynamodb:us-east-1:123456789012:table/x", "W3037"),
        ("dynamodb:GetItem", "arn:aws:sqs:us-east-1:123456789012:x", "I3510"),
    ],
)
def test_a_wrong_action_or_resource_is_found(action: str, resource: str, rule: str):
    statement = {"Effect": "Allow", "Action": [action], "Resource": resource}
    trusted = {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    role = {
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trusted]},
        "Policies": [
            {"PolicyName": "x", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
        ],
    }
    found = complaints({"Role": {"Type": "AWS::IAM::Role", "Properties": role}})
    assert {each for each, _ in found} == {rule}

"""The account is checked before anything is packaged or changed."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from moto import mock_aws

from infra.aws import Aws
from infra.deploy.artefacts import Artefacts
from infra.deploy.readiness import require_ready
from infra.errors import InfraError
from infra.stage import Stage


class ResourceNotFoundError(Exception):
    pass


@dataclass
class Lambda:
    """A Lambda service with a concurrency limit."""

    limit: int
    unreserved: int
    reserved: dict[str, int]

    class exceptions:  # noqa: N801 - boto3's name
        ResourceNotFoundException = ResourceNotFoundError

    def get_account_settings(self) -> dict[str, Any]:
        limit = {"ConcurrentExecutions": self.limit, "UnreservedConcurrentExecutions": self.unreserved}
        return {"AccountLimit": limit}

    def get_function_concurrency(self, *, FunctionName: str) -> dict[str, int]:  # noqa: N803
        if FunctionName not in self.reserved:
            raise ResourceNotFoundError
        number = self.reserved[FunctionName]
        return {"ReservedConcurrentExecutions": number} if number else {}


@dataclass(frozen=True)
class LimitedAws(Aws):
    lambda_: Lambda | None = None

    def client(self, service: str) -> Any:
        return self.lambda_ if service == "lambda" and self.lambda_ else super().client(service)


def account(limit: int, unreserved: int | None = None, **reserved: int) -> LimitedAws:
    names = {f"payment-gateway-prod-{name}": number for name, number in reserved.items()}
    return LimitedAws(lambda_=Lambda(limit, limit if unreserved is None else unreserved, names))


@pytest.fixture(autouse=True)
def _moto() -> Iterator[None]:
    with mock_aws():
        yield


@pytest.mark.parametrize("limit", [10, 50, 399])
def test_a_new_account_cannot_reserve_and_the_error_contains_a_solution(limit: int):
    with pytest.raises(InfraError, match=r"reserves 300 .* set API_CONCURRENCY=0 and STREAM_CONCURRENCY=0"):
        require_ready(Stage("prod"), account(limit))


def test_a_new_account_works_without_reserved_concurrency():
    off = {"API_CONCURRENCY": "0", "STREAM_CONCURRENCY": "0", "WORKER_CONCURRENCY": "2"}
    require_ready(Stage.of("prod", off), account(10))


def test_reserved_concurrency_of_other_functions_counts():
    require_ready(Stage("prod"), account(1_000, unreserved=400))
    with pytest.raises(InfraError, match="only 299 of this account's 1000 can be reserved"):
        require_ready(Stage("prod"), account(1_000, unreserved=399))


def test_reserved_concurrency_of_the_same_stage_does_not_count():
    require_ready(Stage("prod"), account(1_000, unreserved=100, api=200, relay=100))
    require_ready(Stage("prod"), account(1_000, unreserved=400, api=0, relay=0))


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_leftover_tables_are_found_before_the_deployment(stage: str):
    aws = account(1_000)
    name = f"payment-gateway-{stage}-idempotency-keys"
    aws.client("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    with pytest.raises(InfraError, match=f"some of its tables do: {name}\\. .*See 'When a first deployment"):
        require_ready(Stage(stage), aws)
    aws.client("cloudformation").create_stack(
        StackName=f"payment-gateway-{stage}",
        TemplateBody='{"Resources": {"Anything": {"Type": "AWS::SQS::Queue"}}}',
    )
    require_ready(Stage(stage), aws)


def test_a_deployment_does_not_replace_the_api_by_accident():
    """A changed environment variable would change the URL that all merchants have configured."""
    aws, rest, http = account(1_000), Stage("prod"), Stage.of("prod", {"API": "http"})
    url = {"Value": "https://api.example/gateway/"}
    aws.client("cloudformation").create_stack(
        StackName="payment-gateway-prod",
        TemplateBody=json.dumps(
            {
                "Resources": {"Anything": {"Type": "AWS::SQS::Queue"}},
                "Outputs": {"RestAPIId": {"Value": "the-id"}, "EndpointURL": url},
            }
        ),
    )
    require_ready(rest, aws)
    with pytest.raises(
        InfraError, match=r"has the API https://api\.example/gateway/ \(API=rest\).*--replace-api"
    ):
        require_ready(http, aws)
    require_ready(http, aws, may_replace_api=True)


@pytest.mark.parametrize("deployed", ["cloudfront", "bucket"])
def test_a_deployment_does_not_replace_the_addresses_of_the_sites_by_accident(deployed: str):
    """Shops load the SDK from the address of the checkout."""
    outputs = {
        "RestAPIId": "the-id",
        "EndpointURL": "https://a.example/",
        "CheckoutBucketSecureURL": "https://c.example",
    }
    if deployed == "cloudfront":
        outputs["CheckoutDistributionDomain"] = "d1.cloudfront.net"
    aws = account(1_000)
    aws.client("cloudformation").create_stack(
        StackName="payment-gateway-prod",
        TemplateBody=json.dumps(
            {
                "Resources": {"Anything": {"Type": "AWS::SQS::Queue"}},
                "Outputs": {name: {"Value": value} for name, value in outputs.items()},
            }
        ),
    )
    require_ready(Stage.of("prod", {"SITES": deployed}), aws)
    (other,) = {"cloudfront", "bucket"} - {deployed}
    with pytest.raises(InfraError, match=rf"at https://c\.example \(SITES={deployed}\).*--replace-sites"):
        require_ready(Stage.of("prod", {"SITES": other}), aws)
    require_ready(Stage.of("prod", {"SITES": other}), aws, may_replace_sites=True)


def test_a_web_acl_is_created_only_in_the_region_in_which_cloudfront_finds_it(
    monkeypatch: pytest.MonkeyPatch,
):
    stage = Stage.of("prod", {"WAF": "on"})
    require_ready(stage, account(1_000))
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with pytest.raises(InfraError, match="works in us-east-1 only, and this stage is in eu-west-1"):
        require_ready(stage, account(1_000))


def test_a_foreign_artefact_bucket_is_found_before_the_deployment(monkeypatch: pytest.MonkeyPatch):
    def reject(_self: Artefacts) -> bool:
        raise InfraError("belongs to another AWS account")

    monkeypatch.setattr(Artefacts, "exists", reject)
    with pytest.raises(InfraError, match="belongs to another AWS account"):
        require_ready(Stage("dev"), account(1_000))

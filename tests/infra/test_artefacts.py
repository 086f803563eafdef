"""The artefact bucket belongs to this account, in every request, and is protected."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from infra.aws import Aws
from infra.deploy.artefacts import Artefacts
from infra.deploy.packaging import Package
from infra.deploy.site_upload import upload_sites
from infra.deploy.stack import Stack
from infra.errors import InfraError
from infra.sites import SITES, Addresses
from infra.stage import Stage

ACCOUNT = "123456789012"
BUCKET = f"payment-gateway-artefacts-{ACCOUNT}-us-east-1"
HEADER = "x-amz-expected-bucket-owner"
WITHOUT_OWNER = {"CreateBucket"}  # S3 has no such parameter for this operation: it rejects an existing name
FORBIDDEN = {"Error": {"Code": "403", "Message": "Forbidden"}, "ResponseMetadata": {"HTTPStatusCode": 403}}


@dataclass(frozen=True)
class WatchedAws(Aws):
    """moto, with a check of the bucket's owner. Records all requests to S3."""

    foreign: frozenset[str] = frozenset()
    requests: list[tuple[str, str, str | None]] = field(default_factory=list)
    policies: list[str] = field(default_factory=list)

    def client(self, service: str) -> Any:
        client = super().client(service)
        if service == "s3":
            client.meta.events.register_first("before-call.s3", self._check_owner)
        return client

    def _check_owner(self, model: Any, params: dict[str, Any], **_event: Any) -> Any:
        bucket = params["context"]["input_params"]["Bucket"]
        expected = params["headers"].get(HEADER.title()) or params["headers"].get(HEADER)
        self.requests.append((model.name, bucket, expected))
        if expected and bucket in self.foreign:
            return Mock(status_code=403), FORBIDDEN
        if model.name == "PutBucketPolicy":  # moto ignores its conditions and would deny all requests
            self.policies.append(params["body"])
            return Mock(status_code=204), {}
        return None


@pytest.fixture
def aws() -> Iterator[WatchedAws]:
    with mock_aws():
        yield WatchedAws()


@pytest.fixture
def package(tmp_path: Path) -> Package:
    (tmp_path / "code.zip").write_bytes(b"the code")
    function = {"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": "code.zip"}}
    (tmp_path / "sam.json").write_text(json.dumps({"Resources": {"A": function, "B": function}}))
    return Package(tmp_path)


def unowned(aws: WatchedAws) -> list[tuple[str, str, str | None]]:
    return [each for each in aws.requests if each[2] != ACCOUNT and each[0] not in WITHOUT_OWNER]


def test_every_request_expects_the_bucket_to_belong_to_this_account(aws: WatchedAws, package: Package):
    Artefacts.of(aws, {}).upload(package)
    Artefacts.of(aws, {}).upload(package)
    assert {name for name, _, _ in aws.requests} >= {"HeadBucket", "HeadObject", "PutObject", "CreateBucket"}
    assert unowned(aws) == []


def test_every_request_to_a_sites_bucket_expects_it_too(aws: WatchedAws):
    buckets = {site.bucket: f"a-{site.name}" for site in SITES}
    for bucket in buckets.values():
        aws.client("s3").create_bucket(Bucket=bucket)
    upload_sites(buckets, Addresses(api_url="https://a.example", checkout_url="https://c.example"), aws)
    template = {
        "Resources": {"Anything": {"Type": "AWS::SQS::Queue"}},
        "Outputs": {name: {"Value": value} for name, value in buckets.items()},
    }
    aws.client("cloudformation").create_stack(
        StackName="payment-gateway-dev", TemplateBody=json.dumps(template)
    )
    Stack(Stage("dev"), aws).delete()
    assert {name for name, _, _ in aws.requests} == {
        "CreateBucket",
        "PutObject",
        "ListObjectsV2",
        "DeleteObjects",
    }
    assert unowned(aws) == []


def test_nothing_is_uploaded_to_a_bucket_of_another_account(package: Package):
    with mock_aws():
        aws = WatchedAws(foreign=frozenset({BUCKET}))
        aws.client("s3").create_bucket(Bucket=BUCKET)
        aws.requests.clear()
        with pytest.raises(InfraError, match=f"The bucket {BUCKET} belongs to another AWS account"):
            Artefacts.of(aws, {}).upload(package)
        assert [name for name, _, _ in aws.requests] == ["HeadBucket"]


def test_nothing_is_uploaded_to_a_bucket_that_another_account_just_created(aws: WatchedAws, package: Package):
    artefacts = Artefacts.of(aws, {})
    taken = ClientError({"Error": {"Code": "BucketAlreadyExists", "Message": "taken"}}, "CreateBucket")
    artefacts.s3.create_bucket = Mock(
        side_effect=artefacts.s3.exceptions.BucketAlreadyExists(taken.response, "CreateBucket")
    )
    with pytest.raises(InfraError, match="belongs to another AWS account"):
        artefacts.upload(package)
    assert "PutObject" not in {name for name, _, _ in aws.requests}


def test_two_concurrent_first_deployments_use_the_same_bucket(aws: WatchedAws, package: Package):
    artefacts = Artefacts.of(aws, {})
    make = artefacts.s3.create_bucket

    def made_by_both(**request: Any) -> None:
        make(**request)
        error = {"Error": {"Code": "BucketAlreadyOwnedByYou", "Message": "yours"}}
        raise artefacts.s3.exceptions.BucketAlreadyOwnedByYou(error, "CreateBucket")

    artefacts.s3.create_bucket = made_by_both
    assert artefacts.upload(package).startswith(f"https://s3.amazonaws.com/{BUCKET}/")


def test_another_name_can_be_chosen(aws: WatchedAws, package: Package):
    Artefacts.of(aws, {"ARTEFACT_BUCKET": "another-name"}).upload(package)
    assert {bucket for _, bucket, _ in aws.requests} == {"another-name"}


@pytest.mark.parametrize("before", ["missing", "created by an earlier version"])
def test_the_bucket_is_private_encrypted_versioned_and_requires_tls(
    aws: WatchedAws, package: Package, before: str
):
    s3 = aws.client("s3")
    if before != "missing":
        s3.create_bucket(Bucket=BUCKET)
    Artefacts.of(aws, {}).upload(package)
    assert set(s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"].values()) == {True}
    assert s3.get_bucket_versioning(Bucket=BUCKET)["Status"] == "Enabled"
    assert s3.get_bucket_encryption(Bucket=BUCKET)["ServerSideEncryptionConfiguration"]["Rules"]
    (statement,) = json.loads(aws.policies[-1])["Statement"]
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert statement["Resource"] == [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"]


def test_an_uploaded_package_is_not_uploaded_again(aws: WatchedAws, package: Package):
    first = Artefacts.of(aws, {}).upload(package)
    aws.requests.clear()
    assert Artefacts.of(aws, {}).upload(package) == first
    assert [name for name, _, _ in aws.requests].count("PutObject") == 1, "the template, not the archive"

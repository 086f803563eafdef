"""The AWS account that commands work on: a real one, or the one on this machine."""

from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config

from chalicelib.store.database import Database

# Local endpoints take any credentials; these keep a real account's from ever being sent there.
LOCAL_CREDENTIALS = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
LOCAL_REGION = "us-east-1"


@dataclass(frozen=True)
class Aws:
    """Where AWS is. Without an endpoint, boto3's own settings rule, AWS_ENDPOINT_URL among them."""

    endpoint_url: str | None = None

    def database(self) -> Database:
        """Where pynamodb's models of the tables go."""
        if self.endpoint_url is None:
            return Database()
        return Database(host=self.endpoint_url, region=LOCAL_REGION, **LOCAL_CREDENTIALS)

    def client(self, service: str) -> Any:
        """A boto3 client."""
        if self.endpoint_url is None:
            return boto3.client(service)
        return boto3.client(
            service,
            endpoint_url=self.endpoint_url,
            region_name=LOCAL_REGION,
            config=Config(s3={"addressing_style": "path"}, proxies={}),  # it is on this machine
            **LOCAL_CREDENTIALS,
        )

    def account(self) -> str:
        """The id of the account. 1 request."""
        account: str = self.client("sts").get_caller_identity()["Account"]
        return account

    def s3(self) -> Any:
        """An S3 client that works on this account's own buckets only, on one machine too. 1 request.

        Bucket names are global: the one that we expect may have been made by another account first. Every
        request that knows the parameter says whose bucket it expects, so that S3 refuses it otherwise.
        """
        s3, account = self.client("s3"), self.account()

        def expect_owner(params: dict[str, Any], model: Any, **_event: Any) -> None:
            if model.input_shape and "ExpectedBucketOwner" in model.input_shape.members:
                params.setdefault("ExpectedBucketOwner", account)

        s3.meta.events.register("before-parameter-build.s3", expect_owner)
        return s3

"""The AWS account that commands use: a real account or the local emulator."""

from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config

from chalicelib.store.database import Database

# Local endpoints accept any credentials. With these, real credentials are never sent to them.
LOCAL_CREDENTIALS = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
LOCAL_REGION = "us-east-1"


@dataclass(frozen=True)
class Aws:
    """Creates AWS clients. Without ``endpoint_url``, boto3's settings apply, including AWS_ENDPOINT_URL."""

    endpoint_url: str | None = None

    def database(self) -> Database:
        """The database that pynamodb's models use."""
        if self.endpoint_url is None:
            return Database()
        return Database(host=self.endpoint_url, region=LOCAL_REGION, **LOCAL_CREDENTIALS)

    def client(self, service: str) -> Any:
        """Create a boto3 client."""
        if self.endpoint_url is None:
            return boto3.client(service)
        return boto3.client(
            service,
            endpoint_url=self.endpoint_url,
            region_name=LOCAL_REGION,
            config=Config(s3={"addressing_style": "path"}, proxies={}),  # the endpoint is local
            **LOCAL_CREDENTIALS,
        )

    def account(self) -> str:
        """The id of the account. 1 request."""
        account: str = self.client("sts").get_caller_identity()["Account"]
        return account

    def caller(self) -> str:
        """The ARN of the identity that sends the requests. 1 request, for which it needs no permission."""
        arn: str = self.client("sts").get_caller_identity()["Arn"]
        return arn

    def s3(self) -> Any:
        """Create an S3 client that accesses only buckets of this account, also locally. 1 request.

        Bucket names are global, so another account may own the expected name. Every request that supports
        ExpectedBucketOwner sets it, so that S3 rejects requests for a bucket of another account.
        """
        s3, account = self.client("s3"), self.account()

        def expect_owner(params: dict[str, Any], model: Any, **_event: Any) -> None:
            if model.input_shape and "ExpectedBucketOwner" in model.input_shape.members:
                params.setdefault("ExpectedBucketOwner", account)

        s3.meta.events.register("before-parameter-build.s3", expect_owner)
        return s3

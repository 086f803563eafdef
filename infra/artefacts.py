"""The bucket that CloudFormation reads a deployment's archives and template from."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from infra.aws import Aws
from infra.packaging import Package
from infra.project import NAME

# Where a resource of that type names its archive.
_ARCHIVES = {"AWS::Serverless::Function": "CodeUri", "AWS::Serverless::LayerVersion": "ContentUri"}


@dataclass(frozen=True)
class Artefacts:
    """The artefact bucket of an account and region, made when it is first used."""

    s3: Any
    bucket: str

    @classmethod
    def of(cls, aws: Aws) -> "Artefacts":
        """The bucket of the account that ``aws`` reaches."""
        s3 = aws.client("s3")
        account = aws.client("sts").get_caller_identity()["Account"]
        return cls(s3, f"{NAME}-artefacts-{account}-{s3.meta.region_name}")

    def upload(self, package: Package) -> str:
        """Put ``package`` into the bucket; the address of its template."""
        self._make_bucket()
        template = package.template()
        addresses: dict[str, str] = {}
        for resource in template["Resources"].values():
            if key := _ARCHIVES.get(resource["Type"]):
                archive = resource["Properties"][key]
                if archive not in addresses:
                    addresses[archive] = self._upload_file(package.folder / archive)
                resource["Properties"][key] = addresses[archive]
        body = json.dumps(template).encode()
        key = f"{_digest(body)}.json"
        self._put(key, body)
        return f"{self.s3.meta.endpoint_url}/{self.bucket}/{key}"

    def _make_bucket(self) -> None:
        if self._exists(self.s3.head_bucket):
            return
        region = self.s3.meta.region_name
        where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        self.s3.create_bucket(Bucket=self.bucket, **where)
        blocks = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
        self.s3.put_public_access_block(
            Bucket=self.bucket, PublicAccessBlockConfiguration=dict.fromkeys(blocks, True)
        )

    def _upload_file(self, path: Path) -> str:
        """Names are digests: what is there already is not sent again."""
        body = path.read_bytes()
        key = f"{_digest(body)}{path.suffix}"
        if not self._exists(self.s3.head_object, Key=key):
            self._put(key, body)
        return f"s3://{self.bucket}/{key}"

    def _put(self, key: str, body: bytes) -> None:
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)

    def _exists(self, head: Any, **arguments: str) -> bool:
        try:
            head(Bucket=self.bucket, **arguments)
        except ClientError as error:
            if error.response["Error"]["Code"] not in {"404", "NoSuchBucket", "NoSuchKey", "NotFound"}:
                raise
            return False
        return True


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:32]

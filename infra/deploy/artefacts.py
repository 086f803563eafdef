"""The bucket with the archives and the template of a deployment, which CloudFormation reads."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from infra.aws import Aws
from infra.deploy.artefact_bucket import protect
from infra.deploy.packaging import Package
from infra.errors import InfraError
from infra.project import NAME

# The property with the archive's path, by resource type.
_ARCHIVES = {"AWS::Serverless::Function": "CodeUri", "AWS::Serverless::LayerVersion": "ContentUri"}
_MISSING = frozenset({"404", "NoSuchBucket", "NoSuchKey", "NotFound"})
_FORBIDDEN = frozenset({"403", "AccessDenied", "Forbidden"})


@dataclass(frozen=True)
class Artefacts:
    """The artefact bucket of an account and region, created when it is first used."""

    s3: Any  # from Aws.s3, which rejects another account's bucket
    bucket: str

    @classmethod
    def of(cls, aws: Aws, options: Mapping[str, str]) -> "Artefacts":
        """The bucket that ARTEFACT_BUCKET in ``options`` names, or the default one of the account."""
        s3 = aws.s3()
        chosen = options.get("ARTEFACT_BUCKET")
        return cls(s3, chosen or f"{NAME}-artefacts-{aws.account()}-{s3.meta.region_name}")

    def exists(self) -> bool:
        """Whether the bucket exists. Raises InfraError if another account owns it. 1 request."""
        try:
            return self._exists(self.s3.head_bucket)
        except ClientError as error:
            if error.response["Error"]["Code"] in _FORBIDDEN:
                raise self._not_owned() from error
            raise

    def upload(self, package: Package) -> str:
        """Upload ``package`` and return the URL of its template."""
        self._prepare_bucket()
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

    def _prepare_bucket(self) -> None:
        """Create the bucket if needed. Protect it each time: an earlier run may have failed before that."""
        if not self.exists():
            self._create_bucket()
        protect(self.s3, self.bucket)

    def _create_bucket(self) -> None:
        region = self.s3.meta.region_name
        location = (
            {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        )
        try:
            self.s3.create_bucket(Bucket=self.bucket, **location)
        except self.s3.exceptions.BucketAlreadyOwnedByYou:
            return  # a concurrent deployment has created it
        except self.s3.exceptions.BucketAlreadyExists as error:
            raise self._not_owned() from error

    def _not_owned(self) -> InfraError:
        return InfraError(
            f"The bucket {self.bucket} belongs to another AWS account, or your credentials cannot read it. "
            "Nothing was uploaded. Set ARTEFACT_BUCKET to a bucket of this account or to an unused name."
        )

    def _upload_file(self, path: Path) -> str:
        """Upload the file unless the bucket has it. Keys are digests of the content."""
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
            if error.response["Error"]["Code"] not in _MISSING:
                raise
            return False
        return True


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:32]

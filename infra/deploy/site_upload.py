"""Upload of the sites to their buckets."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from infra.aws import Aws
from infra.deploy.site_objects import HASHED_FOLDER, SiteObject, site_objects
from infra.sites import SITES, Addresses

KEPT_FOR = timedelta(days=30)  # far longer than a page stays open; each upload renews referenced files


def upload_sites(outputs: Mapping[str, str], addresses: Addresses, aws: Aws) -> None:
    """Upload every object of every site to the site's bucket in the stack's ``outputs``."""
    s3 = aws.s3()
    for site in SITES:
        objects = site_objects(site, addresses)
        for each in objects:
            _put(each, outputs[site.bucket], s3)
        _delete_old(outputs[site.bucket], {each.key for each in objects}, s3)


def _put(each: SiteObject, bucket: str, s3: Any) -> None:
    encoding = {"ContentEncoding": each.content_encoding} if each.content_encoding else {}
    s3.put_object(
        Bucket=bucket,
        Key=each.key,
        Body=each.body,
        ContentType=each.content_type,
        CacheControl=each.cache_control,
        **encoding,
    )


def _delete_old(bucket: str, current: set[str], s3: Any) -> None:
    """Delete hashed files that no page has referenced for ``KEPT_FOR``."""
    before = datetime.now(UTC) - KEPT_FOR
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=HASHED_FOLDER):
        old = [
            {"Key": each["Key"]}
            for each in page.get("Contents", [])
            if each["LastModified"] < before and each["Key"] not in current
        ]
        if old:
            s3.delete_objects(Bucket=bucket, Delete={"Objects": old})

"""Upload of the sites to their buckets."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from infra.aws import Aws
from infra.deploy.site_objects import HASHED_FOLDER, SiteObject, site_objects
from infra.sites import SITES, Addresses

KEPT_FOR = timedelta(days=30)  # far longer than a page stays open


def upload_sites(outputs: Mapping[str, str], addresses: Addresses, aws: Aws) -> None:
    """Upload every object of every site to the site's bucket in the stack's ``outputs``."""
    s3 = aws.s3()
    for site in SITES:
        for each in site_objects(site, addresses):
            _put(each, outputs[site.bucket], s3)
        _delete_old(outputs[site.bucket], s3)


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


def _delete_old(bucket: str, s3: Any) -> None:
    """Delete the versions whose next version was uploaded more than ``KEPT_FOR`` ago.

    The age of a version's files does not matter: a page may have been opened just before the next upload.
    """
    before = datetime.now(UTC) - KEPT_FOR
    versions: defaultdict[str, dict[str, datetime]] = defaultdict(
        dict
    )  # when each key was uploaded, by folder
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=HASHED_FOLDER):
        for each in page.get("Contents", []):
            versions[each["Key"].split("/")[0]][each["Key"]] = each["LastModified"]
    by_time = sorted(versions.values(), key=lambda uploaded_at: max(uploaded_at.values()))
    for old, following in pairwise(by_time):
        if max(following.values()) < before:
            # S3 deletes at most 1,000 objects per request; a version has fewer than 100.
            s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in old]})

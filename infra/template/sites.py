"""The buckets of the static sites: public to read, and nothing else is."""

from typing import Any

from infra.sites import SITES, Site
from infra.template.names import attribute, output, ref

# What a browser asks of a module, and of a script that is pinned by its hash.
_CORS = {"CorsRules": [{"AllowedMethods": ["GET", "HEAD"], "AllowedOrigins": ["*"]}]}


def resources() -> dict[str, Any]:
    """A bucket and its policy for every site."""
    made: dict[str, Any] = {}
    for site in SITES:
        made[site.bucket] = _bucket(site)
        made[f"{site.bucket}Policy"] = _policy(site)
    return made


def outputs() -> dict[str, Any]:
    """Every site's bucket and address."""
    made: dict[str, Any] = {}
    for site in SITES:
        made[site.bucket] = output(ref(site.bucket), f"The bucket of the {site.name}")
        made[f"{site.bucket}URL"] = output(
            attribute(site.bucket, "WebsiteURL"), f"The address of the {site.name}"
        )
        # Website hosting has no TLS; the bucket's own address does, and serves the same objects.
        made[f"{site.bucket}SecureURL"] = output(
            {"Fn::Sub": "https://${" + site.bucket + ".RegionalDomainName}"},
            f"The address of the {site.name} over TLS",
        )
    return made


def _bucket(site: Site) -> dict[str, Any]:
    sharing = {"CorsConfiguration": _CORS} if site.shared else {}
    return {
        "Type": "AWS::S3::Bucket",
        "Properties": {
            **sharing,
            "BucketEncryption": {
                "ServerSideEncryptionConfiguration": [
                    {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
                ]
            },
            "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            # The bucket's policy below is what opens it; lists of grants stay shut.
            "PublicAccessBlockConfiguration": {
                "BlockPublicAcls": True,
                "IgnorePublicAcls": True,
                "BlockPublicPolicy": False,
                "RestrictPublicBuckets": False,
            },
            "WebsiteConfiguration": {"IndexDocument": site.index, "ErrorDocument": site.error_page},
        },
    }


def _policy(site: Site) -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": {"Fn::Sub": "${" + site.bucket + ".Arn}/*"},
    }
    return {
        "Type": "AWS::S3::BucketPolicy",
        "Properties": {
            "Bucket": ref(site.bucket),
            "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        },
    }

"""The buckets of the static sites. They allow public reads only."""

from typing import Any

from infra.sites import SITES, Site
from infra.template.names import attribute, output, ref

# Browsers require CORS for modules and for scripts with an integrity attribute.
_CORS = {"CorsRules": [{"AllowedMethods": ["GET", "HEAD"], "AllowedOrigins": ["*"]}]}


def resources() -> dict[str, Any]:
    """The bucket and the bucket policy of each site."""
    template: dict[str, Any] = {}
    for site in SITES:
        template[site.bucket] = _bucket(site)
        template[f"{site.bucket}Policy"] = _policy(site)
    return template


def outputs() -> dict[str, Any]:
    """The bucket and the URLs of each site."""
    template: dict[str, Any] = {}
    for site in SITES:
        template[site.bucket] = output(ref(site.bucket), f"The bucket of the {site.name}")
        template[f"{site.bucket}URL"] = output(
            attribute(site.bucket, "WebsiteURL"), f"The URL of the {site.name}"
        )
        # S3 website hosting does not support TLS. The bucket's REST endpoint does, with the same objects.
        template[f"{site.bucket}SecureURL"] = output(
            {"Fn::Sub": "https://${" + site.bucket + ".RegionalDomainName}"},
            f"The HTTPS URL of the {site.name}",
        )
    return template


def _bucket(site: Site) -> dict[str, Any]:
    cors = {"CorsConfiguration": _CORS} if site.shared else {}
    return {
        "Type": "AWS::S3::Bucket",
        "Properties": {
            **cors,
            "BucketEncryption": {
                "ServerSideEncryptionConfiguration": [
                    {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
                ]
            },
            "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            # The bucket policy allows public reads; ACLs stay blocked.
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

"""The buckets of the static sites, and the sites' addresses.

With SITES=cloudfront, only the site's distribution reads a bucket. With SITES=bucket, everyone reads it over
https. A local stage also has website hosting, which is http only.
"""

from typing import Any

from infra.edge import Sites
from infra.sites import CHECKOUT, SITES, Site
from infra.stage import Stage
from infra.template import edge
from infra.template.names import arn, attribute, output, ref

# Browsers require CORS for modules and for scripts with an integrity attribute.
_CORS = {"CorsRules": [{"AllowedMethods": ["GET", "HEAD"], "AllowedOrigins": ["*"]}]}


def resources(stage: Stage) -> dict[str, Any]:
    """The bucket and the bucket policy of each site, and the distributions."""
    template: dict[str, Any] = edge.resources(stage)
    for site in SITES:
        template[site.bucket] = _bucket(site, stage)
        template[f"{site.bucket}Policy"] = _policy(site, stage)
    return template


def address(site: Site, stage: Stage) -> str:
    """The HTTPS address of the site, for ``Fn::Sub``, without a trailing slash."""
    if stage.edge.is_cloudfront:
        return edge.address(site, stage)
    # The bucket's REST endpoint supports TLS; website hosting does not.
    return "https://${" + site.bucket + ".RegionalDomainName}"


def outputs(stage: Stage) -> dict[str, Any]:
    """The bucket and the URLs of each site."""
    template: dict[str, Any] = edge.outputs(stage)
    for site in SITES:
        secure = {"Fn::Sub": address(site, stage)}
        page = {"Fn::Sub": f"{address(site, stage)}/{site.start}"}
        template[site.bucket] = output(ref(site.bucket), f"The bucket of the {site.name}")
        template[site.url_output] = output(secure, f"The HTTPS address of the {site.name}")
        template[f"{site.bucket}URL"] = output(
            attribute(site.bucket, "WebsiteURL") if stage.is_local else page, f"The URL of the {site.name}"
        )
    return template


def _bucket(site: Site, stage: Stage) -> dict[str, Any]:
    sites = stage.edge.sites
    optional: dict[str, Any] = {}
    if site.shared and sites is not Sites.CLOUDFRONT:
        optional["CorsConfiguration"] = _CORS
    if sites is Sites.LOCAL:
        optional["WebsiteConfiguration"] = {"IndexDocument": site.index, "ErrorDocument": site.error_page}
    return {
        "Type": "AWS::S3::Bucket",
        **_deletion(site, stage),
        "Properties": {
            **optional,
            "BucketEncryption": {
                "ServerSideEncryptionConfiguration": [
                    {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
                ]
            },
            "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            "PublicAccessBlockConfiguration": {
                "BlockPublicAcls": True,
                "IgnorePublicAcls": True,
                "BlockPublicPolicy": sites is Sites.CLOUDFRONT,
                "RestrictPublicBuckets": sites is Sites.CLOUDFRONT,
            },
        },
    }


def is_retained(site: Site, stage: Stage) -> bool:
    """Whether the bucket is kept when the stack is deleted.

    Shops may load scripts from the address of the checkout's bucket for years. If its name became available,
    its next owner could serve them a script that reads card numbers.
    """
    return site is CHECKOUT and stage.is_production


def _deletion(site: Site, stage: Stage) -> dict[str, str]:
    if not is_retained(site, stage):
        return {}
    return {"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"}


def _policy(site: Site, stage: Stage) -> dict[str, Any]:
    objects = {"Fn::Sub": "${" + site.bucket + ".Arn}/*"}
    read: dict[str, Any] = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": objects}
    if stage.edge.is_cloudfront:
        reader = edge.reader(site)
        # With the permission to list, S3 returns 404 instead of 403 for a key that does not exist.
        list_ = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": arn(site.bucket)}
        statements = [{**read, **reader}, {**list_, **reader}]
    elif stage.is_local:
        statements = [{**read, "Principal": "*"}]
    else:
        over_tls = {"Bool": {"aws:SecureTransport": "true"}}
        statements = [{**read, "Principal": "*", "Condition": over_tls}]
    return {
        "Type": "AWS::S3::BucketPolicy",
        "Properties": {
            "Bucket": ref(site.bucket),
            "PolicyDocument": {"Version": "2012-10-17", "Statement": statements},
        },
    }

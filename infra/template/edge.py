"""The CloudFront distribution of each site, with the API below the same address (SITES=cloudfront)."""

import re
from typing import Any

from infra.edge import Edge
from infra.project import ROOT
from infra.sites import SITES, Site
from infra.stage import Stage
from infra.template import waf
from infra.template.api import API_IDS
from infra.template.lambdas import API_STAGE
from infra.template.names import attribute, output, ref

API_PATHS = ("/api/*", "/health")
FRAMABLE_PATHS = "/checkout*"  # pages that shops show in a frame, and the SDK
HSTS_S = 365 * 24 * 3600

# CloudFront's managed policies have the same ids in every account.
CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"  # respects Cache-Control; ignores the query
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER_EXCEPT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"

_SITE_ORIGIN, _API_ORIGIN = "site", "api"
_API_TIMEOUT_S = 30  # longer than the API's limit of 29 s
_READ, _EVERY = ["GET", "HEAD"], ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"]
_META_POLICY = re.compile(r'http-equiv="Content-Security-Policy" content="([^"]+)"')

# The dashboard's pages are paths without a file. The API has separate cache behaviours, so that its errors
# are not replaced, as they would be with CloudFront's custom error responses.
PAGES_FUNCTION = """\
function handler(event) {
  var request = event.request;
  if (!request.uri.split("/").pop().includes(".")) request.uri = "/index.html";
  return request;
}
"""


def resources(stage: Stage) -> dict[str, Any]:
    """The distributions, and what they refer to. None without CloudFront."""
    if not stage.edge.is_cloudfront:
        return {}
    template: dict[str, Any] = {"ApiHeaders": _headers_policy("api", {"StrictTransportSecurity": _hsts()})}
    for site in SITES:
        name = site.name.capitalize()
        template[f"{name}AccessControl"] = _access_control(site)
        template[f"{name}Headers"] = _site_headers(site, framable=False)
        if site.framable:
            template[f"{name}FramableHeaders"] = _site_headers(site, framable=True)
        else:
            template[f"{name}PagesFunction"] = _pages_function(site)
        template[distribution_id(site)] = _distribution(site, stage)
    return template | waf.resources(stage.edge)


def outputs(stage: Stage) -> dict[str, Any]:
    """The domain of each distribution, to which a DNS record of an own domain points."""
    if not stage.edge.is_cloudfront:
        return {}
    return {
        site.domain_output: output(
            attribute(distribution_id(site), "DomainName"), f"The CloudFront domain of the {site.name}"
        )
        for site in SITES
    }


def distribution_id(site: Site) -> str:
    """The logical id of the site's distribution."""
    return f"{site.name.capitalize()}Distribution"


def address(site: Site, stage: Stage) -> str:
    """The address of the site behind CloudFront, for ``Fn::Sub``, without a trailing slash."""
    domain = stage.edge.domains.get(site.name) or "${" + distribution_id(site) + ".DomainName}"
    return f"https://{domain}"


def reader(site: Site) -> dict[str, Any]:
    """The principal and the condition of a policy statement that allows only the site's distribution."""
    arn = "arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution/${" + distribution_id(site) + "}"
    return {
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Condition": {"StringEquals": {"AWS:SourceArn": {"Fn::Sub": arn}}},
    }


def page_policy(site: Site, *, framable: bool) -> str:
    """The Content-Security-Policy of the site's pages as a header.

    It is the policy in the page, with the site as the address of the API. Only a header can restrict framing.
    """
    html = (site.folder / site.index).read_text()
    found = _META_POLICY.search(html)
    if found is None:
        raise ValueError(f"{site.folder.relative_to(ROOT)}/{site.index} has no Content-Security-Policy")
    directives = [each.split() for each in found[1].replace("{{api_url}}/", "'self'").split(";")]
    policy = [" ".join(dict.fromkeys(words)) for words in directives]
    return "; ".join(policy if framable else [*policy, "frame-ancestors 'none'"])


def page_headers(site: Site) -> dict[str, str]:
    """The security headers of the site's first page."""
    framable = site.start in site.framable
    return {
        "Content-Security-Policy": page_policy(site, framable=framable),
        "Strict-Transport-Security": f"max-age={HSTS_S}",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        **({} if framable else {"X-Frame-Options": "DENY"}),
    }


def _global_name(name: str) -> dict[str, str]:
    """CloudFront's names are unique in an account, in all regions."""
    return {"Fn::Sub": "${AWS::StackName}-${AWS::Region}-" + name}


def _hsts() -> dict[str, Any]:
    return {
        "AccessControlMaxAgeSec": HSTS_S,
        "IncludeSubdomains": False,  # the subdomains are not ours
        "Preload": False,
        "Override": True,
    }


def _site_headers(site: Site, *, framable: bool) -> dict[str, Any]:
    security: dict[str, Any] = {
        "ContentSecurityPolicy": {
            "ContentSecurityPolicy": page_policy(site, framable=framable),
            "Override": True,
        },
        "StrictTransportSecurity": _hsts(),
        "ContentTypeOptions": {"Override": True},
        "ReferrerPolicy": {"ReferrerPolicy": "no-referrer", "Override": True},
    }
    if not framable:
        security["FrameOptions"] = {"FrameOption": "DENY", "Override": True}
    name = f"{site.name}-framable" if framable else site.name
    return _headers_policy(name, security, cors=_cors() if site.shared else None)


def _cors() -> dict[str, Any]:
    """Shops load the SDK as a module or with an integrity attribute, for which browsers require CORS."""
    return {
        "AccessControlAllowCredentials": False,
        "AccessControlAllowHeaders": {"Items": ["*"]},
        "AccessControlAllowMethods": {"Items": _READ},
        "AccessControlAllowOrigins": {"Items": ["*"]},
        "OriginOverride": True,
    }


def _headers_policy(
    name: str, security: dict[str, Any], *, cors: dict[str, Any] | None = None
) -> dict[str, Any]:
    config: dict[str, Any] = {"Name": _global_name(name), "SecurityHeadersConfig": security}
    if cors:
        config["CorsConfig"] = cors
    return {
        "Type": "AWS::CloudFront::ResponseHeadersPolicy",
        "Properties": {"ResponseHeadersPolicyConfig": config},
    }


def _access_control(site: Site) -> dict[str, Any]:
    config = {
        "Name": _global_name(site.name),
        "OriginAccessControlOriginType": "s3",
        "SigningBehavior": "always",
        "SigningProtocol": "sigv4",
    }
    return {
        "Type": "AWS::CloudFront::OriginAccessControl",
        "Properties": {"OriginAccessControlConfig": config},
    }


def _pages_function(site: Site) -> dict[str, Any]:
    return {
        "Type": "AWS::CloudFront::Function",
        "Properties": {
            "Name": _global_name(f"{site.name}-pages"),
            "AutoPublish": True,
            "FunctionCode": PAGES_FUNCTION,
            "FunctionConfig": {
                "Comment": "Serves the index page for every path without a file",
                "Runtime": "cloudfront-js-2.0",
            },
        },
    }


def _distribution(site: Site, stage: Stage) -> dict[str, Any]:
    config: dict[str, Any] = {
        "Enabled": True,
        "Comment": {"Fn::Sub": "${AWS::StackName}: the " + site.name},
        "HttpVersion": "http2and3",
        "IPV6Enabled": True,
        "DefaultRootObject": site.index,
        "Origins": [_site_origin(site), _api_origin(stage)],
        "DefaultCacheBehavior": _default_behaviour(site),
        "CacheBehaviors": [_api_behaviour(path) for path in API_PATHS],
        **_domain(site, stage.edge),
        **waf.association(stage.edge),
    }
    if site.framable:
        config["CacheBehaviors"].append(
            {"PathPattern": FRAMABLE_PATHS, **_site_behaviour(f"{site.name.capitalize()}FramableHeaders")}
        )
    return {"Type": "AWS::CloudFront::Distribution", "Properties": {"DistributionConfig": config}}


def _domain(site: Site, edge: Edge) -> dict[str, Any]:
    """The site's domain. CloudFront accepts a minimum of TLS 1.2 only for a domain of the operator."""
    if site.name not in edge.domains:
        return {}
    return {
        "Aliases": [edge.domains[site.name]],
        "ViewerCertificate": {
            "AcmCertificateArn": edge.certificate,
            "SslSupportMethod": "sni-only",
            "MinimumProtocolVersion": "TLSv1.2_2021",
        },
    }


def _site_origin(site: Site) -> dict[str, Any]:
    return {
        "Id": _SITE_ORIGIN,
        "DomainName": attribute(site.bucket, "RegionalDomainName"),
        "OriginAccessControlId": attribute(f"{site.name.capitalize()}AccessControl", "Id"),
        "S3OriginConfig": {"OriginAccessIdentity": ""},  # required, and empty with an access control
    }


def _api_origin(stage: Stage) -> dict[str, Any]:
    domain = "${" + API_IDS[stage.api] + "}.execute-api.${AWS::Region}.${AWS::URLSuffix}"
    return {
        "Id": _API_ORIGIN,
        "DomainName": {"Fn::Sub": domain},
        "OriginPath": f"/{API_STAGE}",
        "CustomOriginConfig": {
            "OriginProtocolPolicy": "https-only",
            "OriginSSLProtocols": ["TLSv1.2"],
            "OriginReadTimeout": _API_TIMEOUT_S,
        },
    }


def _default_behaviour(site: Site) -> dict[str, Any]:
    behaviour = _site_behaviour(f"{site.name.capitalize()}Headers")
    if not site.framable:
        function = attribute(f"{site.name.capitalize()}PagesFunction", "FunctionARN")
        behaviour["FunctionAssociations"] = [{"EventType": "viewer-request", "FunctionARN": function}]
    return behaviour


def _site_behaviour(headers: str) -> dict[str, Any]:
    """Compress: only objects that are stored without an encoding, such as the SDK."""
    return {
        "TargetOriginId": _SITE_ORIGIN,
        "ViewerProtocolPolicy": "redirect-to-https",
        "AllowedMethods": _READ,
        "Compress": True,
        "CachePolicyId": CACHING_OPTIMIZED,
        "ResponseHeadersPolicyId": ref(headers),
    }


def _api_behaviour(path: str) -> dict[str, Any]:
    """HTTPS only: a redirect would accept a secret over http first."""
    return {
        "PathPattern": path,
        "TargetOriginId": _API_ORIGIN,
        "ViewerProtocolPolicy": "https-only",
        "AllowedMethods": _EVERY,
        "CachePolicyId": CACHING_DISABLED,
        "OriginRequestPolicyId": ALL_VIEWER_EXCEPT_HOST,
        "ResponseHeadersPolicyId": ref("ApiHeaders"),
    }

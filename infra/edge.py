"""How a stage's sites are served: through CloudFront, or directly from their buckets."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from infra.errors import InfraError

EDGE_VARIABLES = ("SITES", "CHECKOUT_DOMAIN", "DASHBOARD_DOMAIN", "CERTIFICATE_ARN", "WAF")

CLOUDFRONT_REGION = "us-east-1"  # certificates and web ACLs of CloudFront are in this region only

_DOMAIN = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
_CERTIFICATE = re.compile(rf"arn:aws[a-z-]*:acm:{CLOUDFRONT_REGION}:\d{{12}}:certificate/[0-9a-f-]+")
_WEB_ACL = re.compile(rf"arn:aws[a-z-]*:wafv2:{CLOUDFRONT_REGION}:\d{{12}}:global/webacl/[\w-]+/[0-9a-f-]+")


class Sites(StrEnum):
    """What serves the sites. LOCAL: website hosting over http, for local stages only."""

    CLOUDFRONT = "cloudfront"
    BUCKET = "bucket"
    LOCAL = "local"


@dataclass(frozen=True, kw_only=True)
class Edge:
    """The operator's choices. ``domains`` maps a site's name to its domain, if it has one.

    ``web_acl`` is the ARN of an existing web ACL. With ``creates_web_acl``, the stack creates one.
    """

    sites: Sites
    domains: Mapping[str, str]
    certificate: str | None
    creates_web_acl: bool
    web_acl: str | None

    @property
    def is_cloudfront(self) -> bool:
        """Whether CloudFront serves the sites."""
        return self.sites is Sites.CLOUDFRONT

    @classmethod
    def of(cls, chosen: Mapping[str, str], *, is_local: bool, is_production: bool) -> Self:
        """The values in ``chosen``, or the defaults. Raises InfraError that names an invalid variable."""
        sites = Sites.LOCAL if is_local else _sites(chosen, is_production=is_production)
        domains = {
            site: _matching(_DOMAIN, name, chosen[name], "a domain name in lower case")
            for site, name in (("checkout", "CHECKOUT_DOMAIN"), ("dashboard", "DASHBOARD_DOMAIN"))
            if chosen.get(name)
        }
        certificate, waf = chosen.get("CERTIFICATE_ARN"), chosen.get("WAF") or "off"
        if certificate:
            wanted = f"the ARN of an ACM certificate in {CLOUDFRONT_REGION}"
            _matching(_CERTIFICATE, "CERTIFICATE_ARN", certificate, wanted)
        if waf not in {"on", "off"}:
            wanted = f"on, off, or the ARN of a web ACL for CloudFront in {CLOUDFRONT_REGION}"
            _matching(_WEB_ACL, "WAF", waf, wanted)
        _require_consistent(sites, domains, certificate, waf)
        return cls(
            sites=sites,
            domains=domains,
            certificate=certificate,
            creates_web_acl=waf == "on",
            web_acl=waf if waf not in {"on", "off"} else None,
        )


def _sites(chosen: Mapping[str, str], *, is_production: bool) -> Sites:
    value = chosen.get("SITES") or (Sites.CLOUDFRONT if is_production else Sites.BUCKET)
    if value not in {Sites.CLOUDFRONT, Sites.BUCKET}:
        raise InfraError(f"SITES must be {Sites.CLOUDFRONT} or {Sites.BUCKET}, not {value[:40]!r}.")
    return Sites(value)


def _matching(pattern: re.Pattern[str], name: str, value: str, wanted: str) -> str:
    if not pattern.fullmatch(value):
        raise InfraError(f"{name} must be {wanted}, not {value[:120]!r}.")
    return value


def _require_consistent(sites: Sites, domains: Mapping[str, str], certificate: str | None, waf: str) -> None:
    if sites is not Sites.CLOUDFRONT and (domains or certificate or waf != "off"):
        raise InfraError("CHECKOUT_DOMAIN, DASHBOARD_DOMAIN, CERTIFICATE_ARN and WAF need SITES=cloudfront.")
    if bool(domains) != bool(certificate):
        raise InfraError("Set CERTIFICATE_ARN together with CHECKOUT_DOMAIN or DASHBOARD_DOMAIN.")
    if len(set(domains.values())) < len(domains):
        raise InfraError("CHECKOUT_DOMAIN and DASHBOARD_DOMAIN must differ: the sites are separate origins.")

"""The sites: publicly readable, complete, and with the correct content types."""

import gzip
import json
import posixpath
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from moto import mock_aws

from infra.aws import Aws
from infra.bundled import bundled
from infra.deploy.site_objects import _REFERENCE, HASHED_FOLDER, IMMUTABLE, SHORT_LIVED, site_objects
from infra.deploy.site_upload import KEPT_FOR, upload_sites
from infra.edge import Sites
from infra.errors import InfraError
from infra.project import ROOT
from infra.sites import (
    CHECKOUT,
    DASHBOARD,
    EARLIER_SDK_VERSIONS,
    SDK_VERSION,
    SITES,
    Addresses,
    Site,
    integrity,
)
from infra.stage import Stage
from infra.template import sites

# The bytes of a page and of the files that it references. Measured: 22,250 and 18,152.
FIRST_VIEWS = [(DASHBOARD, "login", 28 * 1024), (CHECKOUT, "checkout", 19 * 1024)]
STATIC, ON_DEMAND = r"""\b(?:from|import)["'](\.[^"']+)["']""", r"""\bimport\(["'](\.[^"']+)["']\)"""
BUCKETS = {site.bucket: f"a-{site.name}" for site in SITES}
ADDRESSES = Addresses(api_url="https://api.example/stage", checkout_url="https://checkout.example")
SDK = CHECKOUT.folder / "checkout.js"


ACCOUNT = Aws()


@pytest.fixture(scope="module")
def uploaded():
    with mock_aws():
        s3 = ACCOUNT.client("s3")
        for bucket in BUCKETS.values():
            s3.create_bucket(Bucket=bucket)
        upload_sites(BUCKETS, ADDRESSES, ACCOUNT)
        yield s3


STAGES = {
    Sites.CLOUDFRONT: Stage("prod"),
    Sites.BUCKET: Stage("dev"),
    Sites.LOCAL: Stage("local"),
}


def of_type(choice: Sites, kind: str) -> dict[str, Any]:
    """The properties of the sites' resources of one type."""
    template = sites.resources(STAGES[choice])
    return {id_: each["Properties"] for id_, each in template.items() if each["Type"] == kind}


def page_of(s3: Any, site: Site, key: str) -> str:
    return gzip.decompress(s3.get_object(Bucket=BUCKETS[site.bucket], Key=key)["Body"].read()).decode()


def keys_in(s3: Any, bucket: str) -> set[str]:
    return {found["Key"] for found in s3.list_objects_v2(Bucket=bucket)["Contents"]}


@pytest.mark.parametrize("choice", Sites)
def test_every_bucket_is_encrypted_and_has_no_acls(choice: Sites):
    for bucket in of_type(choice, "AWS::S3::Bucket").values():
        assert bucket["BucketEncryption"]
        assert bucket["PublicAccessBlockConfiguration"]["BlockPublicAcls"] is True
        assert bucket["PublicAccessBlockConfiguration"]["IgnorePublicAcls"] is True


def test_behind_cloudfront_only_the_distribution_reads_a_bucket():
    for bucket in of_type(Sites.CLOUDFRONT, "AWS::S3::Bucket").values():
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    for site in SITES:
        policy = of_type(Sites.CLOUDFRONT, "AWS::S3::BucketPolicy")[f"{site.bucket}Policy"]
        for statement in policy["PolicyDocument"]["Statement"]:
            assert statement["Principal"] == {"Service": "cloudfront.amazonaws.com"}
            source = statement["Condition"]["StringEquals"]["AWS:SourceArn"]["Fn::Sub"]
            assert source.endswith(f"distribution/${{{site.name.capitalize()}Distribution}}")


def test_a_public_bucket_on_aws_is_read_only_and_over_tls_only():
    for policy in of_type(Sites.BUCKET, "AWS::S3::BucketPolicy").values():
        (statement,) = policy["PolicyDocument"]["Statement"]
        assert statement["Action"] == "s3:GetObject"
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "true"}}


def test_only_a_local_stage_has_website_hosting_which_is_http():
    for choice in Sites:
        for bucket in of_type(choice, "AWS::S3::Bucket").values():
            assert ("WebsiteConfiguration" in bucket) is (choice is Sites.LOCAL)
    for choice in (Sites.CLOUDFRONT, Sites.BUCKET):
        urls = [each["Value"] for name, each in sites.outputs(STAGES[choice]).items() if name.endswith("URL")]
        assert len(urls) == 4
        assert all(url["Fn::Sub"].startswith("https://") for url in urls)


def test_a_production_stage_keeps_the_bucket_of_the_checkout_because_shops_load_scripts_from_it():
    for variables in ({}, {"SITES": "bucket"}):
        template = sites.resources(Stage.of("prod", variables))
        assert template["CheckoutBucket"]["DeletionPolicy"] == "RetainExceptOnCreate"
        assert template["CheckoutBucket"]["UpdateReplacePolicy"] == "Retain"
        assert "DeletionPolicy" not in template["DashboardBucket"]
    assert "DeletionPolicy" not in sites.resources(Stage("dev"))["CheckoutBucket"]


@pytest.mark.parametrize("key", ["checkout", "checkout.html", "checkout/", "checkout/checkout.html"])
def test_the_checkout_page_is_served_at_every_url_of_earlier_versions(uploaded, key):
    found = uploaded.get_object(Bucket=BUCKETS[CHECKOUT.bucket], Key=key)
    assert found["ContentType"] == "text/html; charset=utf-8"
    assert b"<title>Checkout</title>" in gzip.decompress(found["Body"].read())


def test_the_checkout_page_can_connect_to_the_api_only(uploaded):
    page = page_of(uploaded, CHECKOUT, "checkout")
    assert "connect-src https://api.example/stage/;" in page
    assert "{{" not in page


@pytest.mark.parametrize("key", ["checkout.js", f"checkout-{SDK_VERSION}.js"])
def test_the_sdk_is_served_unchanged(uploaded, key):
    found = uploaded.get_object(Bucket=BUCKETS[CHECKOUT.bucket], Key=key)
    assert found["Body"].read() == SDK.read_bytes()


EARLIER = {
    "1.0.0": "sha384-fSOTk0U5cWfNlr67HQlDwG/U1M9hefEJXWXnTDDgMW1E1YD+JIcKS6t4T0RIVIo1",
    "1.1.0": "sha384-yNlYtaS8ZJ9jxa91A41RORV2z+Be+CdrdsRS3rWh8J2gtW7JAABjSVrQsKhLMWU+",
}


def test_earlier_versions_of_the_sdk_are_served_with_the_bytes_that_merchants_pinned(uploaded):
    assert set(EARLIER) == set(EARLIER_SDK_VERSIONS)
    for version, pinned in EARLIER.items():
        found = uploaded.get_object(Bucket=BUCKETS[CHECKOUT.bucket], Key=f"checkout-{version}.js")
        assert integrity(found["Body"].read()) == pinned


def test_the_sdks_version_is_that_of_its_package():
    assert json.loads((CHECKOUT.folder / "package.json").read_text())["version"] == SDK_VERSION


def test_the_guide_pins_the_sdk_that_is_served():
    guide = (ROOT / "docs" / "sdk.md").read_text()
    assert f'integrity="{integrity(SDK.read_bytes())}"' in guide
    assert f"/checkout-{SDK_VERSION}.js" in guide


def test_files_for_developers_are_not_served(uploaded):
    keys = {found["Key"] for found in uploaded.list_objects_v2(Bucket=BUCKETS[CHECKOUT.bucket])["Contents"]}
    assert not keys & {"package.json", "tsconfig.json", "checkout.d.ts"}


@pytest.mark.parametrize("choice", [Sites.BUCKET, Sites.LOCAL])
def test_other_sites_can_load_the_sdk_but_nothing_of_the_dashboard(choice: Sites):
    buckets = of_type(choice, "AWS::S3::Bucket")
    (rule,) = buckets[CHECKOUT.bucket]["CorsConfiguration"]["CorsRules"]
    assert rule == {"AllowedMethods": ["GET", "HEAD"], "AllowedOrigins": ["*"]}
    assert "CorsConfiguration" not in buckets[DASHBOARD.bucket]


def test_the_sdk_is_a_script(uploaded):
    found = uploaded.head_object(Bucket=BUCKETS[CHECKOUT.bucket], Key="checkout.js")
    assert found["ContentType"] == "text/javascript; charset=utf-8"


@pytest.mark.parametrize(
    "key", ["login", "dashboard", "dashboard/transactions", "dashboard/webhooks", "dashboard/docs"]
)
def test_every_page_of_the_dashboard_has_a_url(uploaded, key):
    assert page_of(uploaded, DASHBOARD, key) == page_of(uploaded, DASHBOARD, DASHBOARD.index)


def test_a_new_upload_is_visible_immediately(uploaded):
    found = uploaded.head_object(Bucket=BUCKETS[DASHBOARD.bucket], Key="index.html")
    assert found["CacheControl"] == "no-cache"


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.name)
def test_every_script_and_stylesheet_is_compressed_and_immutable(uploaded, site):
    bucket = BUCKETS[site.bucket]
    keys = [found["Key"] for found in uploaded.list_objects_v2(Bucket=bucket)["Contents"]]
    own = [key for key in keys if key.endswith((".js", ".css", ".mjs")) and not key.startswith("examples/")]
    assert len(own) > 5
    for key in set(own) - site.public - site.pinned:
        found = uploaded.head_object(Bucket=bucket, Key=key)
        assert key.startswith(HASHED_FOLDER)
        assert (found["ContentEncoding"], found["CacheControl"]) == ("gzip", IMMUTABLE)


@pytest.mark.parametrize(
    ("key", "cached"),
    [("checkout.js", SHORT_LIVED), ("checkout.mjs", SHORT_LIVED), (f"checkout-{SDK_VERSION}.js", IMMUTABLE)],
)
def test_the_sdk_can_be_read_by_every_client_and_is_cached_according_to_its_url(uploaded, key, cached):
    found = uploaded.head_object(Bucket=BUCKETS[CHECKOUT.bucket], Key=key)
    assert "ContentEncoding" not in found
    assert found["CacheControl"] == cached


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.name)
def test_every_reference_of_a_page_or_module_exists(site):
    objects = {each.key: each for each in site_objects(site, ADDRESSES)}
    for key, each in objects.items():
        content = (gzip.decompress(each.body) if each.content_encoding else each.body).decode()
        if each.is_page:
            referred = [reference for _, reference in _REFERENCE.findall(content) if ":" not in reference]
        elif key.startswith(HASHED_FOLDER) and key.endswith(".js"):
            referred = re.findall(
                r"""(?:from|import)\s*\(?["'](\.[^"']+)["']""", re.sub(r"/\*.*?\*/", "", content, flags=re.S)
            )
        else:
            continue
        for reference in referred:
            target = posixpath.normpath(posixpath.join("/", posixpath.dirname(key), reference)).lstrip("/")
            assert target in objects or not target, f"{key} refers to {reference}"


def test_pages_are_uploaded_after_the_files_that_they_reference():
    for site in SITES:
        pages = [each.is_page for each in site_objects(site, ADDRESSES)]
        assert pages == sorted(pages)
        assert pages[-1]


@pytest.mark.parametrize("key", ["index.html", "dashboard/transactions", "checkout", "checkout/", "demo"])
def test_a_page_references_every_script_that_its_scripts_import_and_none_that_is_imported_on_demand(key):
    objects = {each.key: each for site in SITES for each in site_objects(site, ADDRESSES)}
    page = gzip.decompress(objects[key].body).decode()
    referenced = {reference.lstrip("/") for _, reference in _REFERENCE.findall(page)}
    scripts = {each for each in referenced if each.startswith(HASHED_FOLDER) and each.endswith(".js")}
    assert scripts
    found = {kind: set[str]() for kind in (STATIC, ON_DEMAND)}
    for script in scripts:
        content = gzip.decompress(objects[script].body).decode()
        for kind in found:
            found[kind] |= {posixpath.normpath(f"{script}/../{path}") for path in re.findall(kind, content)}
    assert found[STATIC] <= scripts
    assert not found[ON_DEMAND] & scripts


@pytest.mark.parametrize(("site", "page", "limit"), FIRST_VIEWS)
def test_the_files_of_a_first_view_stay_within_their_limit(site, page, limit):
    objects = {each.key: each for each in site_objects(site, ADDRESSES)}
    html = gzip.decompress(objects[page].body).decode()
    referenced = {reference.lstrip("/") for _, reference in _REFERENCE.findall(html)}
    sizes = {key: len(objects[key].body) for key in {page, *referenced} & objects.keys()}
    assert sum(sizes.values()) <= limit, sizes


def test_the_source_maps_contain_the_sources():
    for site in SITES:
        for each in site_objects(site, ADDRESSES):
            if each.key.startswith(HASHED_FOLDER) and each.key.endswith(".map"):
                assert each.content_type == "application/json"
                assert all(json.loads(gzip.decompress(each.body))["sourcesContent"])


def test_a_script_that_imports_a_missing_file_fails_the_upload():
    with pytest.raises(InfraError, match=r"could not be bundled.*missing\.js"):
        bundled({"app/main.js": b'import "./missing.js";'}, {"app/main.js"})


def test_the_url_of_a_script_changes_if_and_only_if_any_content_changes():
    def folder(address: str) -> set[str]:
        objects = site_objects(DASHBOARD, replace(ADDRESSES, api_url=address))
        return {each.key.split("/")[0] for each in objects if each.key.startswith(HASHED_FOLDER)}

    assert folder("https://one.example") == folder("https://one.example")
    assert folder("https://one.example") != folder("https://two.example")
    assert len(folder("https://one.example")) == 1


def test_a_version_is_deleted_30_days_after_the_next_one_was_uploaded_and_not_by_its_own_age(uploaded):
    now, bucket = datetime.now(UTC), BUCKETS[DASHBOARD.bucket]
    files = [f"{HASHED_FOLDER}{name}/app/main.js" for name in ("a", "b", "c")]
    for age_days, key in zip((90, 31, 1), files, strict=True):
        with time_machine.travel(now - timedelta(days=age_days)):
            uploaded.put_object(Bucket=bucket, Key=key, Body=b"")

    def kept() -> list[str]:
        upload_sites(BUCKETS, ADDRESSES, ACCOUNT)
        return sorted(keys_in(uploaded, bucket) & set(files))

    assert kept() == files[1:]  # "b" replaced "a" 31 days ago
    with time_machine.travel(now + KEPT_FOR):
        assert (
            kept() == files[2:]
        )  # "c" replaced "b" 31 days ago, and the site's version replaced "c" just now
    uploaded.delete_object(Bucket=bucket, Key=files[2])  # the other tests use the same bucket


def test_on_aws_the_sites_use_the_addresses_of_the_stack():
    outputs = {
        "EndpointURL": "https://api.example/gateway/",
        "CheckoutBucketSecureURL": "https://bucket.example",
    }
    addresses = Addresses.on_aws(outputs, "prod")
    assert (
        addresses.fill_in(b"{{api_url}} {{checkout_url}}")
        == b"https://api.example/gateway https://bucket.example"
    )


@pytest.mark.parametrize(
    ("stage", "mode"), [("prod", "live"), ("staging", "live"), ("dev", "test"), ("local", "test")]
)
def test_only_a_stage_that_is_not_production_is_shown_as_test_mode(stage, mode):
    outputs = {"EndpointURL": "https://api.example", "CheckoutBucketSecureURL": "https://bucket.example"}
    assert Addresses.on_aws(outputs, stage).fill_in(b"{{mode}}") == mode.encode()


def test_behind_cloudfront_each_site_uses_the_api_at_its_own_address():
    outputs = {
        "EndpointURL": "https://api.example/gateway/",
        "CheckoutBucketSecureURL": "https://pay.example",
        "CheckoutDistributionDomain": "d1.cloudfront.net",
        "DashboardBucketSecureURL": "https://d2.cloudfront.net",
        "DashboardDistributionDomain": "d2.cloudfront.net",
    }
    addresses = Addresses.on_aws(outputs, "prod")
    filled = {site.name: addresses.of(site).fill_in(b"{{api_url}} {{checkout_url}}") for site in SITES}
    assert filled == {
        "checkout": b"https://pay.example https://pay.example",
        "dashboard": b"https://d2.cloudfront.net https://pay.example",
    }
    pages = {
        each.key: gzip.decompress(each.body) for each in site_objects(CHECKOUT, addresses) if each.is_page
    }
    assert b"connect-src https://pay.example/;" in pages["checkout"]

"""The sites: public to read, complete, and of the right kind."""

import json

import pytest
from moto import mock_aws

from infra.aws import Aws
from infra.project import ROOT
from infra.sites import CHECKOUT, DASHBOARD, SDK_VERSION, SITES, Addresses, integrity, upload_sites

BUCKETS = {site.bucket: f"a-{site.name}" for site in SITES}
ADDRESSES = Addresses(api_url="https://api.example/stage", checkout_url="https://checkout.example")
SDK = CHECKOUT.folder / "checkout.js"


ACCOUNT = Aws()


@pytest.fixture
def uploaded():
    with mock_aws():
        s3 = ACCOUNT.client("s3")
        for bucket in BUCKETS.values():
            s3.create_bucket(Bucket=bucket)
        upload_sites(BUCKETS, ADDRESSES, ACCOUNT)
        yield s3


def test_only_the_sites_buckets_are_public_and_only_to_read(of_type):
    assert set(of_type("AWS::S3::Bucket")) == {site.bucket for site in SITES}
    for policy in of_type("AWS::S3::BucketPolicy").values():
        (statement,) = policy["PolicyDocument"]["Statement"]
        assert statement["Action"] == "s3:GetObject"


def test_every_bucket_is_encrypted_and_shut_to_grants(of_type):
    for bucket in of_type("AWS::S3::Bucket").values():
        assert bucket["BucketEncryption"]
        assert bucket["PublicAccessBlockConfiguration"]["BlockPublicAcls"] is True
        assert bucket["PublicAccessBlockConfiguration"]["IgnorePublicAcls"] is True


@pytest.mark.parametrize("key", ["checkout", "checkout.html", "checkout/", "checkout/checkout.html"])
def test_the_checkout_page_answers_at_every_address_that_old_copies_use(uploaded, key):
    found = uploaded.get_object(Bucket=BUCKETS[CHECKOUT.bucket], Key=key)
    assert found["ContentType"] == "text/html; charset=utf-8"
    assert b"<title>Checkout</title>" in found["Body"].read()


def test_the_checkout_page_may_talk_to_the_api_and_to_nobody_else(uploaded):
    page = uploaded.get_object(Bucket=BUCKETS[CHECKOUT.bucket], Key="checkout")["Body"].read().decode()
    assert "connect-src https://api.example/stage/;" in page
    assert "{{" not in page


@pytest.mark.parametrize("key", ["checkout.js", f"checkout-{SDK_VERSION}.js"])
def test_the_sdk_is_served_as_it_is_in_the_tree(uploaded, key):
    found = uploaded.get_object(Bucket=BUCKETS[CHECKOUT.bucket], Key=key)
    assert found["Body"].read() == SDK.read_bytes()


EARLIER = {"1.0.0": "sha384-fSOTk0U5cWfNlr67HQlDwG/U1M9hefEJXWXnTDDgMW1E1YD+JIcKS6t4T0RIVIo1"}


def test_earlier_versions_of_the_sdk_are_served_with_the_bytes_that_shops_have_pinned(uploaded):
    for version, pinned in EARLIER.items():
        found = uploaded.get_object(Bucket=BUCKETS[CHECKOUT.bucket], Key=f"checkout-{version}.js")
        assert integrity(found["Body"].read()) == pinned


def test_the_sdks_version_is_its_packages():
    assert json.loads((CHECKOUT.folder / "package.json").read_text())["version"] == SDK_VERSION


def test_the_guide_pins_the_sdk_that_is_served():
    guide = (ROOT / "docs" / "sdk.md").read_text()
    assert f'integrity="{integrity(SDK.read_bytes())}"' in guide
    assert f"/checkout-{SDK_VERSION}.js" in guide


def test_what_only_developers_need_is_not_served(uploaded):
    keys = {found["Key"] for found in uploaded.list_objects_v2(Bucket=BUCKETS[CHECKOUT.bucket])["Contents"]}
    assert not keys & {"package.json", "tsconfig.json", "checkout.d.ts"}


def test_other_sites_may_load_the_sdk_but_nothing_of_the_dashboard(of_type):
    buckets = of_type("AWS::S3::Bucket")
    (rule,) = buckets[CHECKOUT.bucket]["CorsConfiguration"]["CorsRules"]
    assert rule == {"AllowedMethods": ["GET", "HEAD"], "AllowedOrigins": ["*"]}
    assert "CorsConfiguration" not in buckets[DASHBOARD.bucket]


def test_the_sdk_is_a_script(uploaded):
    found = uploaded.head_object(Bucket=BUCKETS[CHECKOUT.bucket], Key="checkout.js")
    assert found["ContentType"] == "text/javascript; charset=utf-8"


@pytest.mark.parametrize(
    "key", ["login", "dashboard", "dashboard/transactions", "dashboard/webhooks", "dashboard/docs"]
)
def test_every_page_of_the_dashboard_opens_directly(uploaded, key):
    found = uploaded.get_object(Bucket=BUCKETS[DASHBOARD.bucket], Key=key)
    assert found["Body"].read() == ADDRESSES.fill_in((DASHBOARD.folder / DASHBOARD.index).read_bytes())


def test_a_new_upload_is_seen_at_once(uploaded):
    found = uploaded.head_object(Bucket=BUCKETS[DASHBOARD.bucket], Key="index.html")
    assert found["CacheControl"] == "no-cache"


def test_on_aws_the_sites_are_told_of_the_stacks_own_addresses():
    outputs = {
        "EndpointURL": "https://api.example/gateway/",
        "CheckoutBucketSecureURL": "https://bucket.example",
    }
    addresses = Addresses.on_aws(outputs)
    assert (
        addresses.fill_in(b"{{api_url}} {{checkout_url}}")
        == b"https://api.example/gateway https://bucket.example"
    )

"""The sites: public to read, complete, and of the right kind."""

import pytest
from moto import mock_aws

from infra.aws import Aws
from infra.sites import CHECKOUT, DASHBOARD, SITES, upload_sites

BUCKETS = {site.bucket: f"a-{site.name}" for site in SITES}


ACCOUNT = Aws()


@pytest.fixture
def uploaded():
    with mock_aws():
        s3 = ACCOUNT.client("s3")
        for bucket in BUCKETS.values():
            s3.create_bucket(Bucket=bucket)
        upload_sites(BUCKETS, ACCOUNT)
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


@pytest.mark.parametrize("key", ["checkout", "checkout.html"])
def test_the_checkout_page_answers_with_and_without_its_ending(uploaded, key):
    found = uploaded.get_object(Bucket=BUCKETS[CHECKOUT.bucket], Key=key)
    assert found["ContentType"] == "text/html; charset=utf-8"
    assert found["Body"].read() == (CHECKOUT.folder / "checkout.html").read_bytes()


def test_the_sdk_is_a_script(uploaded):
    found = uploaded.head_object(Bucket=BUCKETS[CHECKOUT.bucket], Key="checkout.js")
    assert found["ContentType"] == "text/javascript; charset=utf-8"


@pytest.mark.parametrize(
    "key", ["login", "dashboard", "dashboard/transactions", "dashboard/webhooks", "dashboard/docs"]
)
def test_every_page_of_the_dashboard_opens_directly(uploaded, key):
    found = uploaded.get_object(Bucket=BUCKETS[DASHBOARD.bucket], Key=key)
    assert found["Body"].read() == (DASHBOARD.folder / DASHBOARD.index).read_bytes()


def test_a_new_upload_is_seen_at_once(uploaded):
    found = uploaded.head_object(Bucket=BUCKETS[DASHBOARD.bucket], Key="index.html")
    assert found["CacheControl"] == "no-cache"

"""The document of Stripe: its credentials and its command make Stripe the acquirer of a merchant."""

import io
import json
import re
import shlex

import pytest

from chalicelib.acquirers.stripe import OPTIONAL, REQUIRED
from chalicelib.domain.instrument import PaymentMethod
from infra.__main__ import main
from infra.project import ROOT
from tests.cloud import Cloud
from tests.guides.blocks import blocks_of
from tests.infra.operator.conftest import STAGE

pytestmark = pytest.mark.usefixtures("deployed")

DOCUMENT = "docs/acquirers/stripe.md"


def test_the_documented_command_stores_the_documented_credentials(cloud: Cloud, monkeypatch, capsys):
    credentials, commands = (block.text for block in blocks_of(DOCUMENT))
    monkeypatch.setattr("sys.stdin", io.StringIO(credentials))
    documented = {"shop@example.com": "test@example.com", "dev": STAGE}
    words = shlex.split(commands.partition(" < ")[0].removeprefix("python -m infra "))
    assert main([documented.get(word, word) for word in words]) == 0, capsys.readouterr().err
    merchant = cloud.gateway.onboarding.test_merchant()
    assert merchant
    assert merchant.acquirer_of(PaymentMethod.CARD) == "stripe"
    stored = cloud.gateway.acquirers.credentials.get(merchant.id, "stripe")
    assert stored == json.loads(credentials)


def test_every_credential_is_documented():
    text = (ROOT / DOCUMENT).read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([a-z_]+)` \|", text, re.MULTILINE)) == REQUIRED | OPTIONAL

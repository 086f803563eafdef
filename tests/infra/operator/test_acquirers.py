"""The operator's commands for the acquirers of a merchant, from the command line to the row and SSM."""

import io
import json
from dataclasses import replace

import pytest

from chalicelib.acquirers.registry import Registration
from chalicelib.bootstrap import Externals, production_externals
from chalicelib.domain.instrument import PaymentMethod
from chalicelib.settings import Settings
from infra.__main__ import main
from infra.operator import deployment as operator_deployment
from tests.cloud import Cloud
from tests.infra.operator.conftest import STAGE
from tests.services.shop import MERCHANT_ID

pytestmark = pytest.mark.usefixtures("deployed")

Capture = pytest.CaptureFixture[str]
Patch = pytest.MonkeyPatch
MERCHANT = "test@example.com"
SECRET = "sk_live_4f9a"


@pytest.fixture(autouse=True)
def _second_acquirer(cloud: Cloud, monkeypatch: Patch) -> None:
    """The commands know an acquirer that needs credentials."""

    def externals(settings: Settings) -> Externals:
        production = production_externals(settings)
        second = Registration(build=cloud.second.built_for, required=frozenset({"key"}))
        acquirers = production.acquirers
        registered = {**acquirers.registered, "second": second}
        return replace(production, acquirers=replace(acquirers, registered=registered))

    monkeypatch.setattr(operator_deployment, "production_externals", externals)


def run(action: str, *words: str, merchant: str = MERCHANT) -> int:
    return main(["merchant", "acquirer", action, merchant, *words, "--stage", STAGE])


def set_(*words: str, method: str = "upi", acquirer: str = "second", merchant: str = MERCHANT) -> int:
    return run("set", "--method", method, "--acquirer", acquirer, *words, merchant=merchant)


def type_in(monkeypatch: Patch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def acquirer_of(cloud: Cloud, method: PaymentMethod) -> str:
    merchant = cloud.gateway.onboarding.test_merchant()
    assert merchant
    return merchant.acquirer_of(method)


def test_an_acquirer_and_its_credentials_are_set(cloud: Cloud, monkeypatch: Patch, capsys: Capture):
    type_in(monkeypatch, json.dumps({"key": SECRET}))
    assert set_("--credentials", "-") == 0
    assert capsys.readouterr().out == (
        "Test Merchant uses the acquirer second for upi. This takes effect within one minute.\n"
        "The credentials are stored. Replaced ones take effect within 5 minutes.\n"
    )
    assert acquirer_of(cloud, PaymentMethod.UPI) == "second"
    assert acquirer_of(cloud, PaymentMethod.CARD) == "simulated"
    assert cloud.gateway.acquirers.credentials.get(MERCHANT_ID, "second") == {"key": SECRET}
    parameter = cloud.parameter(f"/test/acquirers/{MERCHANT_ID}/second")
    assert parameter["Type"] == "SecureString"
    assert set_(acquirer="simulated") == 0
    assert acquirer_of(cloud, PaymentMethod.UPI) == "simulated"


def test_the_acquirers_of_both_methods_are_independent(cloud: Cloud):
    assert set_(acquirer="simulated", method="card") == 0
    assert set_(acquirer="simulated") == 0
    merchant = cloud.gateway.onboarding.test_merchant()
    assert merchant
    assert merchant.acquirers == {PaymentMethod.CARD: "simulated", PaymentMethod.UPI: "simulated"}


def test_the_acquirers_are_shown_without_the_values_of_credentials(monkeypatch: Patch, capsys: Capture):
    type_in(monkeypatch, json.dumps({"key": SECRET}))
    set_("--credentials", "-")
    capsys.readouterr()
    assert run("show") == 0
    output = capsys.readouterr().out
    lines = [line.split() for line in output.splitlines()]
    assert lines == [
        ["Method", "Acquirer", "Credentials"],
        ["upi", "second", "key"],
        ["card", "simulated", "none"],
    ]
    assert SECRET not in output


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "Standard input must be a JSON object of strings that are not empty."),
        (f'["{SECRET}"]', "Standard input must be a JSON object"),
        ('{"key": 4711}', "Standard input must be a JSON object"),
        ('{"key": ""}', "Standard input must be a JSON object"),
        (f'{{"other": "{SECRET}"}}', "The acquirer second needs the credentials key."),
        (f'{{"key": "k", "other": "{SECRET}"}}', "The acquirer second has no credential other."),
        (json.dumps({"key": SECRET * 1_000}), "The credentials are larger than 4096 bytes."),
    ],
)
def test_invalid_credentials_change_nothing_and_are_not_printed(
    cloud: Cloud, text: str, reason: str, monkeypatch: Patch, capsys: Capture
):
    type_in(monkeypatch, text)
    assert set_("--credentials", "-") == 1
    output = capsys.readouterr()
    assert output.err.startswith(reason)
    assert SECRET not in output.out + output.err
    assert acquirer_of(cloud, PaymentMethod.UPI) == "simulated"


def test_an_acquirer_without_its_credentials_is_not_set(cloud: Cloud, capsys: Capture):
    assert set_() == 1
    assert "needs the credentials key" in capsys.readouterr().err
    assert acquirer_of(cloud, PaymentMethod.UPI) == "simulated"


def test_an_unknown_acquirer_is_an_error(capsys: Capture):
    assert set_(acquirer="third") == 1
    error = capsys.readouterr().err
    assert error.startswith("The acquirer third does not exist. Use one of: ")
    assert "second, simulated" in error


def test_an_acquirer_that_does_not_support_the_method_is_an_error(capsys: Capture):
    assert set_(method="card") == 1
    assert capsys.readouterr().err == "The acquirer second does not support the method card.\n"


@pytest.mark.parametrize("named", ["unknown", "unknown@example.com"])
@pytest.mark.parametrize("action", ["set", "show"])
def test_an_unknown_merchant_is_an_error(action: str, named: str, capsys: Capture):
    options = ["--method", "upi", "--acquirer", "simulated"] if action == "set" else []
    assert run(action, *options, merchant=named) == 1
    assert f"Merchant {named} does not exist" in capsys.readouterr().err


def test_credentials_are_not_accepted_as_an_argument(capsys: Capture):
    with pytest.raises(SystemExit):
        set_("--credentials", json.dumps({"key": SECRET}))
    assert "--credentials" in capsys.readouterr().err

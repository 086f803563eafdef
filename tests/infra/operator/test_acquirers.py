"""The operator's commands for the acquirers of a merchant, from the command line to the row and SSM."""

import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from unittest.mock import Mock

import pytest

from chalicelib.acquirers.credentials import MerchantCredentials
from chalicelib.acquirers.registry import Registration
from chalicelib.bootstrap import Externals, production_externals
from chalicelib.domain.instrument import PaymentMethod
from chalicelib.observability import logger
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
        second = Registration(
            build=cloud.second.built_for,
            required=frozenset({"key"}),
            optional=frozenset({"hook_secret"}),
            overlapping=frozenset({"hook_secret"}),
        )
        acquirers = production.acquirers
        registered = {"simulated": acquirers.registered["simulated"], "second": second}
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
        (
            f'{{"key": "k", "previous_hook_secret": "{SECRET}", "previous_hook_secret_until": "2030-01-01"}}',
            "The acquirer second has no credential previous_hook_secret, previous_hook_secret_until.",
        ),
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


@pytest.fixture
def store(cloud: Cloud, monkeypatch: Patch, capsys: Capture) -> Callable[..., str]:
    """Stores credentials at the second acquirer, and returns what the command prints."""

    def stored(**credentials: str) -> str:
        type_in(monkeypatch, json.dumps({"key": SECRET, **credentials}))
        assert run("set", "--acquirer", "second", "--credentials", "-") == 0
        cloud.gateway.acquirers.credentials._cache.clear()
        return capsys.readouterr().out

    return stored


def secrets(cloud: Cloud) -> tuple[str, ...]:
    """The secrets with which a notification can be signed now."""
    credentials = cloud.gateway.acquirers.credentials
    return MerchantCredentials(store=credentials, merchant_id=MERCHANT_ID, acquirer="second").secrets(
        "hook_secret"
    )


def test_credentials_are_stored_without_a_change_of_the_acquirer(cloud: Cloud, store: Callable[..., str]):
    assert store() == "The credentials are stored. Replaced ones take effect within 5 minutes.\n"
    assert acquirer_of(cloud, PaymentMethod.UPI) == "simulated"


def test_a_command_that_would_change_nothing_is_an_error(capsys: Capture):
    assert run("set", "--acquirer", "second") == 1
    assert "Specify the method with --method, or pass credentials" in capsys.readouterr().err


def test_a_replaced_secret_of_notifications_stays_valid_for_a_day(cloud: Cloud, store: Callable[..., str]):
    assert "previous" not in store(hook_secret="old")
    assert secrets(cloud) == ("old",)
    assert store(hook_secret="new").splitlines()[1] == (
        "Notifications with the previous hook_secret are accepted until 2026-03-15 15:09 UTC."
    )
    assert secrets(cloud) == ("new", "old")
    cloud.time.shift(timedelta(hours=24) - timedelta(seconds=1))
    assert secrets(cloud) == ("new", "old")
    cloud.time.shift(1)
    assert secrets(cloud) == ("new",)


def test_other_credentials_are_replaced_without_an_overlap(cloud: Cloud, store: Callable[..., str]):
    store(key="old", hook_secret="hook")
    store(key="new", hook_secret="hook")
    assert cloud.gateway.acquirers.credentials.get(MERCHANT_ID, "second") == {
        "key": "new",
        "hook_secret": "hook",
    }


def test_the_same_secret_again_does_not_change_a_running_overlap(cloud: Cloud, store: Callable[..., str]):
    store(hook_secret="old")
    store(hook_secret="new")
    before = cloud.parameter(f"/test/acquirers/{MERCHANT_ID}/second")["Value"]
    cloud.time.shift(3_600)
    assert "until 2026-03-15 15:09 UTC" in store(hook_secret="new")
    assert cloud.parameter(f"/test/acquirers/{MERCHANT_ID}/second")["Value"] == before


def test_a_secret_whose_overlap_is_over_is_deleted_by_the_next_change(
    cloud: Cloud, store: Callable[..., str]
):
    store(hook_secret="old")
    store(hook_secret="new")
    cloud.time.shift(timedelta(hours=24))
    assert "previous" not in store(hook_secret="new")
    stored = cloud.gateway.acquirers.credentials.get(MERCHANT_ID, "second")
    assert stored == {"key": SECRET, "hook_secret": "new"}


def test_only_the_last_replaced_secret_stays_valid(cloud: Cloud, store: Callable[..., str]):
    for secret in ("first", "second", "third"):
        store(hook_secret=secret)
    assert secrets(cloud) == ("third", "second")


def test_a_removed_secret_is_not_valid_any_more(cloud: Cloud, store: Callable[..., str]):
    store(hook_secret="old")
    store(hook_secret="new")
    store()
    assert secrets(cloud) == ()


def test_a_secret_too_large_to_keep_the_previous_one_is_rejected(
    cloud: Cloud, store: Callable[..., str], monkeypatch: Patch, capsys: Capture
):
    store(hook_secret="a" * 2_500)
    type_in(monkeypatch, json.dumps({"key": SECRET, "hook_secret": "b" * 2_500}))
    assert run("set", "--acquirer", "second", "--credentials", "-") == 1
    assert capsys.readouterr().err == "The credentials are larger than 4096 bytes.\n"
    assert secrets(cloud) == ("a" * 2_500,)


def test_an_overlap_and_credentials_without_a_method_are_shown(
    cloud: Cloud, store: Callable[..., str], capsys: Capture
):
    store(hook_secret="old")
    store(hook_secret="new")
    assert run("show") == 0
    output = capsys.readouterr().out
    assert output.splitlines()[-1] == (
        "-         second              hook_secret (previous one until 2026-03-15 15:09 UTC), key"
    )
    cloud.time.shift(timedelta(hours=24))
    run("show")
    assert capsys.readouterr().out.splitlines()[-1] == "-         second              hook_secret, key"


def test_the_acquirers_that_a_merchant_uses_are_tested(
    cloud: Cloud, store: Callable[..., str], capsys: Capture
):
    store()
    assert set_() == 0
    capsys.readouterr()
    assert run("test") == 0
    assert capsys.readouterr().out == (
        "second: The account is ready.\n"
        "simulated: The simulated acquirer moves no money and needs no account.\n"
    )


def test_an_acquirer_is_tested_before_it_is_used(store: Callable[..., str], capsys: Capture):
    store()
    assert run("test", "--acquirer", "second") == 0
    assert capsys.readouterr().out == "second: The account is ready.\n"


def test_a_refused_account_is_explained_and_the_other_acquirers_are_tested(
    cloud: Cloud, store: Callable[..., str], capsys: Capture
):
    store()
    set_()
    capsys.readouterr()
    cloud.second.account_problem = "the acquirer does not accept the key (401)"
    assert run("test") == 1
    output = capsys.readouterr()
    assert output.err == "second: The acquirer does not accept the key (401).\n"
    assert output.out.startswith("simulated: ")


@pytest.mark.parametrize(
    ("acquirer", "reason"),
    [
        ("second", f"Merchant {MERCHANT_ID} has no valid credentials at acquirer second."),
        ("third", "The acquirer third does not exist. Use one of: second, simulated."),
    ],
)
def test_an_acquirer_that_cannot_be_asked_is_explained(acquirer: str, reason: str, capsys: Capture):
    assert run("test", "--acquirer", acquirer) == 1
    assert capsys.readouterr().err == f"{acquirer}: {reason}\n"


def test_a_test_prints_warnings_of_the_log_to_standard_error_only(
    cloud: Cloud, store: Callable[..., str], monkeypatch: Patch, capsys: Capture
):
    def check_account() -> str:
        logger.info("acquirer responded")
        logger.warning("acquirer has no result")
        return "The account is ready."

    store()
    monkeypatch.setattr(cloud.second, "built_for", lambda _credentials: Mock(check_account=check_account))
    assert run("test", "--acquirer", "second") == 0
    output = capsys.readouterr()
    assert output.out == "second: The account is ready.\n"
    assert json.loads(output.err)["message"] == "acquirer has no result"

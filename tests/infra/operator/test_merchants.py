"""The operator's hand on merchants, from the command line to the row."""

import re
from datetime import timedelta

import pytest

from chalicelib.domain.errors import AuthenticationError
from chalicelib.domain.merchant import Merchant, hash_api_secret
from chalicelib.domain.password import is_password
from chalicelib.services.onboarding import TEST_API_KEY, TEST_API_SECRET, TEST_EMAIL, TEST_PASSWORD
from infra.__main__ import main
from infra.arguments import duration
from infra.operator.deployment import Deployment
from tests.cloud import Cloud
from tests.infra.operator.conftest import STAGE
from tests.services.shop import MERCHANT_ID

pytestmark = pytest.mark.usefixtures("deployed")

Capture = pytest.CaptureFixture[str]


def run(*words: str) -> int:
    return main(["merchant", *words, "--stage", STAGE])


def the_merchant(cloud: Cloud) -> Merchant:
    merchant = cloud.gateway.onboarding.test_merchant()
    assert merchant
    return merchant


def shown(text: str, name: str) -> str:
    match = re.search(rf"^{name}\s+(.+)$", text, re.MULTILINE)
    assert match, text
    return match[1]


def test_a_new_merchant_can_call_the_api_and_sign_in_with_what_was_printed(cloud: Cloud, capsys: Capture):
    assert run("create", "--name", "Acme", "--email", "Ops@Acme.example") == 0
    told = capsys.readouterr().out
    key, secret, password = (shown(told, name) for name in ("API key", "API secret", "Password"))
    merchant = cloud.gateway.merchants.authenticate(key, secret)
    assert (merchant.name, merchant.email) == ("Acme", "ops@acme.example")
    assert merchant.password_hash
    assert is_password(password, merchant.password_hash)


def test_a_given_password_is_not_repeated(capsys: Capture):
    assert run("create", "--name", "A", "--email", "a@b.example", "--password", "correct horse battery") == 0
    assert "correct horse" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--email", "test@example.com"], "A merchant with the address"),
        (["--email", "nobody"], "email address is not valid"),
        (["--email", "a@b.example", "--password", "short"], "at least 12 characters"),
    ],
)
def test_what_cannot_be_is_told_in_one_sentence(options: list[str], reason: str, capsys: Capture):
    assert run("create", "--name", "A", *options) == 1
    told = capsys.readouterr()
    assert reason in told.err
    assert told.out == ""


def test_a_rolled_secret_works_beside_the_old_one_for_the_overlap(cloud: Cloud, capsys: Capture):
    assert run("roll", MERCHANT_ID, "--overlap", "2h") == 0
    secret = shown(capsys.readouterr().out, "API secret")
    merchant = the_merchant(cloud)
    now = cloud.gateway.clock()
    for told in (secret, "secret_test_xyz789"):
        assert merchant.accepts(hash_api_secret(told), now)
    assert merchant.accepts(hash_api_secret(secret), now + timedelta(hours=3))
    assert not merchant.accepts(hash_api_secret("secret_test_xyz789"), now + timedelta(hours=3))


def test_a_leaked_secret_ends_at_once(cloud: Cloud):
    assert run("roll", MERCHANT_ID, "--overlap", "0") == 0
    merchant = the_merchant(cloud)
    assert not merchant.accepts(hash_api_secret("secret_test_xyz789"), cloud.gateway.clock())


def test_a_deactivated_merchant_is_let_in_no_more(cloud: Cloud, capsys: Capture):
    assert run("deactivate", MERCHANT_ID) == 0
    assert not the_merchant(cloud).is_active
    assert run("list") == 0
    assert f"{MERCHANT_ID}  2026-03-14  deactivated 2026-03-14" in capsys.readouterr().out


ACTIONS = ["roll", "password", "sign-out", "deactivate", "reactivate"]


@pytest.mark.parametrize("named", ["nobody", "nobody@example.com"])
@pytest.mark.parametrize("action", ACTIONS)
def test_an_unknown_merchant_is_said_to_be_unknown(action: str, named: str, capsys: Capture):
    assert run(action, named) == 1
    told = capsys.readouterr()
    assert told.err == f"There is no merchant {named}.\n"
    assert told.out == ""


@pytest.mark.parametrize("action", ACTIONS)
def test_a_merchant_without_a_name_is_refused(action: str, capsys: Capture):
    assert run(action, "") == 1
    assert capsys.readouterr().err == "Specify the merchant by its id or email address.\n"


@pytest.fixture
def token(cloud: Cloud) -> str:
    return cloud.gateway.sessions.sign_in(TEST_EMAIL, TEST_PASSWORD).token


def assert_ended(cloud: Cloud, token: str) -> None:
    with pytest.raises(AuthenticationError):
        cloud.gateway.sessions.authenticate(token)


@pytest.mark.parametrize("named", [MERCHANT_ID, TEST_EMAIL, "Test@Example.com "])
def test_a_new_password_is_printed_once_and_ends_all_sessions(
    cloud: Cloud, token: str, named: str, capsys: Capture
):
    assert run("password", named) == 0
    told = capsys.readouterr().out
    password = shown(told, "Password")
    assert told.count(password) == 1
    assert_ended(cloud, token)
    assert cloud.gateway.sessions.sign_in(TEST_EMAIL, password).merchant.id == MERCHANT_ID
    with pytest.raises(AuthenticationError):
        cloud.gateway.sessions.sign_in(TEST_EMAIL, TEST_PASSWORD)


def test_a_given_new_password_is_not_repeated(cloud: Cloud, token: str, capsys: Capture):
    assert run("password", MERCHANT_ID, "--password", "correct horse battery") == 0
    assert "correct horse" not in capsys.readouterr().out
    assert_ended(cloud, token)
    cloud.gateway.sessions.sign_in(TEST_EMAIL, "correct horse battery")


@pytest.mark.parametrize(("password", "reason"), [("", "at least 12"), ("p" * 201, "at most 200")])
def test_a_password_that_cannot_be_changes_nothing(
    cloud: Cloud, token: str, password: str, reason: str, capsys: Capture
):
    assert run("password", MERCHANT_ID, "--password", password) == 1
    assert reason in capsys.readouterr().err
    cloud.gateway.sessions.authenticate(token)
    cloud.gateway.sessions.sign_in(TEST_EMAIL, TEST_PASSWORD)


def test_signing_a_merchant_out_ends_all_sessions_and_keeps_the_password(
    cloud: Cloud, token: str, capsys: Capture
):
    assert run("sign-out", TEST_EMAIL) == 0
    assert "All dashboard sessions of Test Merchant (test@example.com) have ended." in capsys.readouterr().out
    assert_ended(cloud, token)
    cloud.gateway.sessions.authenticate(cloud.gateway.sessions.sign_in(TEST_EMAIL, TEST_PASSWORD).token)


def test_a_deactivation_is_undone(cloud: Cloud, token: str, capsys: Capture):
    assert run("deactivate", TEST_EMAIL) == 0
    assert_ended(cloud, token)
    for _ in range(2):
        assert run("reactivate", TEST_EMAIL) == 0
    assert "is active" in capsys.readouterr().out
    assert the_merchant(cloud).is_active
    assert_ended(cloud, token)
    cloud.gateway.merchants.authenticate(TEST_API_KEY, TEST_API_SECRET)


def test_the_list_shows_no_secret(capsys: Capture):
    assert run("list") == 0
    told = capsys.readouterr().out
    assert "key_test_abc123" in told
    assert "whsec" not in told
    assert "secret" not in told


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", timedelta()),
        ("90s", timedelta(seconds=90)),
        ("30m", timedelta(minutes=30)),
        ("2d", timedelta(2)),
    ],
)
def test_times_are_read_with_their_unit(text: str, expected: timedelta):
    assert duration(text) == expected


@pytest.mark.parametrize("text", ["", "24", "1.5h", "+1h", "h", "99999999d"])
def test_a_time_without_sense_is_refused(text: str, capsys: Capture):
    with pytest.raises(SystemExit):
        run("roll", MERCHANT_ID, "--overlap", text)
    assert "use 90s, 30m, 24h or 2d" in capsys.readouterr().err


def test_the_deployment_is_found_with_its_own_settings(deployed: Deployment):
    reached = Deployment.load(STAGE)
    assert reached.settings.tables == deployed.settings.tables
    assert reached.settings.queues == deployed.settings.queues
    assert reached.api_url == "https://api.example/gateway"

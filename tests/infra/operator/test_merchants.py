"""The operator's commands for merchants, from the command line to the row."""

import re
from datetime import timedelta

import pytest

from chalicelib.domain.errors import AuthenticationError
from chalicelib.domain.merchant import Merchant, fingerprint, hash_api_secret
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


def test_the_printed_credentials_of_a_new_merchant_are_valid(cloud: Cloud, capsys: Capture):
    assert run("create", "--name", "Acme", "--email", "Ops@Acme.example") == 0
    output = capsys.readouterr().out
    key, secret, password = (shown(output, name) for name in ("API key", "API secret", "Password"))
    merchant = cloud.gateway.merchants.authenticate(key, secret)
    assert (merchant.name, merchant.email) == ("Acme", "ops@acme.example")
    assert merchant.password_hash
    assert is_password(password, merchant.password_hash)


def test_a_given_password_is_not_printed(capsys: Capture):
    assert run("create", "--name", "A", "--email", "a@b.example", "--password", "correct horse battery") == 0
    assert "correct horse" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--email", "test@example.com"], "A merchant with the address"),
        (["--email", "unknown"], "email address is not valid"),
        (["--email", "a@b.example", "--password", "short"], "at least 12 characters"),
    ],
)
def test_an_invalid_argument_is_an_error_of_one_sentence(options: list[str], reason: str, capsys: Capture):
    assert run("create", "--name", "A", *options) == 1
    output = capsys.readouterr()
    assert reason in output.err
    assert output.out == ""


def test_a_rolled_secret_and_its_predecessor_work_during_the_overlap(cloud: Cloud, capsys: Capture):
    assert run("roll", MERCHANT_ID, "--overlap", "2h") == 0
    secret = shown(capsys.readouterr().out, "API secret")
    merchant = the_merchant(cloud)
    now = cloud.gateway.clock()
    for accepted in (secret, "secret_test_xyz789"):
        assert merchant.accepts(hash_api_secret(accepted), now)
    assert merchant.accepts(hash_api_secret(secret), now + timedelta(hours=3))
    assert not merchant.accepts(hash_api_secret("secret_test_xyz789"), now + timedelta(hours=3))


def test_leaked_secrets_are_revoked_immediately(cloud: Cloud, capsys: Capture):
    assert run("roll", MERCHANT_ID) == 0
    rolled = shown(capsys.readouterr().out, "API secret")
    assert run("roll", MERCHANT_ID, "--overlap", "0") == 0
    assert "All earlier secrets end." in capsys.readouterr().out
    merchant = the_merchant(cloud)
    for ended in (rolled, "secret_test_xyz789"):
        assert not merchant.accepts(hash_api_secret(ended), cloud.gateway.clock())


def test_during_an_overlap_the_operator_names_the_secret_that_ends(cloud: Cloud, capsys: Capture):
    assert run("roll", MERCHANT_ID) == 0
    lost = hash_api_secret(shown(capsys.readouterr().out, "API secret"))
    assert run("roll", MERCHANT_ID) == 1
    assert "Two API secrets are valid" in capsys.readouterr().err
    assert run("roll", MERCHANT_ID, "--replaces", fingerprint(lost)) == 0
    merchant = the_merchant(cloud)
    assert not merchant.accepts(lost, cloud.gateway.clock())
    assert merchant.accepts(hash_api_secret("secret_test_xyz789"), cloud.gateway.clock())


def test_a_deactivated_merchant_cannot_authenticate(cloud: Cloud, capsys: Capture):
    assert run("deactivate", MERCHANT_ID) == 0
    assert not the_merchant(cloud).is_active
    assert run("list") == 0
    assert f"{MERCHANT_ID}  2026-03-14  deactivated 2026-03-14" in capsys.readouterr().out


ACTIONS = ["roll", "password", "sign-out", "deactivate", "reactivate"]


@pytest.mark.parametrize("named", ["unknown", "unknown@example.com"])
@pytest.mark.parametrize("action", ACTIONS)
def test_an_unknown_merchant_is_an_error(action: str, named: str, capsys: Capture):
    assert run(action, named) == 1
    output = capsys.readouterr()
    assert output.err == f"Merchant {named} does not exist.\n"
    assert output.out == ""


@pytest.mark.parametrize("action", ACTIONS)
def test_a_missing_merchant_argument_is_an_error(action: str, capsys: Capture):
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
    output = capsys.readouterr().out
    password = shown(output, "Password")
    assert output.count(password) == 1
    assert_ended(cloud, token)
    assert cloud.gateway.sessions.sign_in(TEST_EMAIL, password).merchant.id == MERCHANT_ID
    with pytest.raises(AuthenticationError):
        cloud.gateway.sessions.sign_in(TEST_EMAIL, TEST_PASSWORD)


def test_a_given_new_password_is_not_printed(cloud: Cloud, token: str, capsys: Capture):
    assert run("password", MERCHANT_ID, "--password", "correct horse battery") == 0
    assert "correct horse" not in capsys.readouterr().out
    assert_ended(cloud, token)
    cloud.gateway.sessions.sign_in(TEST_EMAIL, "correct horse battery")


@pytest.mark.parametrize(("password", "reason"), [("", "at least 12"), ("p" * 201, "at most 200")])
def test_an_invalid_password_changes_nothing(
    cloud: Cloud, token: str, password: str, reason: str, capsys: Capture
):
    assert run("password", MERCHANT_ID, "--password", password) == 1
    assert reason in capsys.readouterr().err
    cloud.gateway.sessions.authenticate(token)
    cloud.gateway.sessions.sign_in(TEST_EMAIL, TEST_PASSWORD)


def test_ending_a_merchants_sessions_keeps_the_password(cloud: Cloud, token: str, capsys: Capture):
    assert run("sign-out", TEST_EMAIL) == 0
    assert "All dashboard sessions of Test Merchant (test@example.com) have ended." in capsys.readouterr().out
    assert_ended(cloud, token)
    cloud.gateway.sessions.authenticate(cloud.gateway.sessions.sign_in(TEST_EMAIL, TEST_PASSWORD).token)


def test_a_deactivation_can_be_undone(cloud: Cloud, token: str, capsys: Capture):
    assert run("deactivate", TEST_EMAIL) == 0
    assert_ended(cloud, token)
    for _ in range(2):
        assert run("reactivate", TEST_EMAIL) == 0
    assert "is active" in capsys.readouterr().out
    assert the_merchant(cloud).is_active
    assert_ended(cloud, token)
    cloud.gateway.merchants.authenticate(TEST_API_KEY, TEST_API_SECRET)


def test_the_list_contains_no_secret(capsys: Capture):
    assert run("list") == 0
    output = capsys.readouterr().out
    assert "key_test_abc123" in output
    assert "whsec" not in output
    assert "secret" not in output


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", timedelta()),
        ("90s", timedelta(seconds=90)),
        ("30m", timedelta(minutes=30)),
        ("2d", timedelta(2)),
    ],
)
def test_durations_are_parsed_with_their_unit(text: str, expected: timedelta):
    assert duration(text) == expected


@pytest.mark.parametrize("text", ["", "24", "1.5h", "+1h", "h", "99999999d"])
def test_an_invalid_duration_is_rejected(text: str, capsys: Capture):
    with pytest.raises(SystemExit):
        run("roll", MERCHANT_ID, "--overlap", text)
    assert "use 90s, 30m, 24h or 2d" in capsys.readouterr().err


def test_the_deployment_is_found_by_its_settings(deployed: Deployment):
    reached = Deployment.load(STAGE)
    assert reached.settings.tables == deployed.settings.tables
    assert reached.settings.queues == deployed.settings.queues
    assert reached.api_url == "https://api.example/gateway"

"""The search for secrets that runs for every test: matches, non-matches, and the failure of the test."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from chalicelib.services.onboarding import TEST_API_SECRET
from tests.api.client import PASSWORD
from tests.secrecy.search import Secrets, cards_in, cvv_in, numbers_in, secrets_in

ROOT = Path(__file__).parents[3]
VISA = "4111111111111111"

CARDS = [
    VISA,
    "4111 1111 1111 1111",
    "4111-1111-1111-1111",
    f'{{"number": "{VISA}"}}',
    f"card={VISA},",
    "378282246310005",
    "4222222222222",
    "6062828888666688",
    '"cvv": "737"',
    "cvv=1234",
    "{'cvv': {'S': '737'}}",
    "CVC: 737",
]
NO_CARDS = [
    "4111111111111112",  # fails the Luhn check
    "1773500966000",  # milliseconds
    "1773500966000123456",  # nanoseconds
    "0000000000000000",
    f"order_{VISA}",
    f"pay_a{VISA}",
    f"{VISA}e",
    f"{VISA}0000",
    f"0.{VISA}",
    "550e8400-e29b-41d4-a716-446655440000",
    "49673926431826431264921432943294329432942343",  # a stream record's sequence number
    "took_ms=737",
    "cvv is required",
    "the CVV of 2026-03-14",
]
CVVS = [
    '"cvv": "9137"',
    "cvv=9137,",
    "{'S': '9137'}",
    "the code is 9137.",
    "378282246310005-9137",
    "card_9137",
]
NO_CVVS = [
    "550e8400-9137-41d4-a716-446655440000",
    "550E8400-E29B-41D4-9137-446655440000",
    '"duration_ms": 9137,',
    "took_s=0.9137",
    "Duration: 9137 ms",
    "0.9137",
    "pay_a9137bcdefghijklm",
    "91370",
    "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/9137/=",
]
KNOWN = Secrets(words={TEST_API_SECRET, PASSWORD, "f7a1c9e2b3d4f7a1c9e2b3d4"}, numbers={VISA})
SECRETS = [
    f"the secret {TEST_API_SECRET}.",
    f'{{"password": "{PASSWORD}"}}',
    "x-api-secret=f7a1c9e2b3d4f7a1c9e2b3d4",
    "whsec_L4oVXaDiHZ36OYcGnTMAEjc/1N8cYzw1",
    "Authorization: Bearer dGhpcyBpcyBhIHRva2VuIG9mIG91cnM",
]
NO_SECRETS = [
    "the secret",
    "secret_test",
    "f7a1c9e2b3d4",
    "whsec_",
    "Bearer ",
    "the bearer of this",
    "password",
]


@pytest.mark.parametrize("text", CARDS)
def test_a_card_is_found_in_every_format(text: str):
    assert list(cards_in(f"paid with {text}"))


@pytest.mark.parametrize("text", NO_CARDS)
def test_digits_that_are_not_a_card_are_not_found(text: str):
    assert list(cards_in(f"paid with {text}")) == []


@pytest.mark.parametrize("text", CVVS)
def test_a_known_cvv_is_found_as_a_word(text: str):
    assert list(cvv_in(text, "9137"))


@pytest.mark.parametrize("text", NO_CVVS)
def test_digits_that_equal_a_cvv_by_chance_are_not_found(text: str):
    assert list(cvv_in(text, "9137")) == []


@pytest.mark.parametrize("text", SECRETS)
def test_a_secret_is_found_by_value_or_by_form(text: str):
    assert list(secrets_in(text, KNOWN))


@pytest.mark.parametrize("text", NO_SECRETS)
def test_part_of_a_secret_is_not_found(text: str):
    assert list(secrets_in(text, KNOWN)) == []


def test_only_used_card_numbers_are_leaks_in_stored_data():
    assert list(numbers_in(f"{{'N': '{VISA}'}}", KNOWN))
    assert list(numbers_in("{'N': '4012888888881881'}", KNOWN)) == []


LEAKING = f"""
from chalicelib.observability import logger

def test_logs_a_card():
    logger.info("request", body="{VISA}")

def test_logs_a_secret():
    logger.info("request", header="{TEST_API_SECRET}")

def test_logs_a_fault_with_a_password():
    try:
        raise ValueError("{PASSWORD}")
    except ValueError:
        logger.exception("request failed")

def test_prints_a_card():
    print("{VISA}")

def test_keeps_it():
    logger.info("payment settled", payment_id="pay_{VISA}")
"""


def test_a_test_that_leaks_fails(tmp_path: Path):
    (tmp_path / "test_leaking.py").write_text(LEAKING)
    command = [sys.executable, "-m", "pytest", "-p", "tests.secrecy.plugin", "-c", "/dev/null", "-rE"]
    ran = subprocess.run([*command, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False)
    leaked = re.findall(r"^ERROR .*::(\w+)", ran.stdout, re.MULTILINE)
    assert sorted(leaked) == [
        "test_logs_a_card",
        "test_logs_a_fault_with_a_password",
        "test_logs_a_secret",
        "test_prints_a_card",
    ]
    assert "the log contains secrets" in ran.stdout

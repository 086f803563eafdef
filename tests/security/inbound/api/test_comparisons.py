"""Secrets are compared in constant time; a wrong secret costs as many operations as an unknown key."""

import ast
import hashlib
import hmac
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.api.client import PASSWORD, Api, assert_error
from tests.cloud import Cloud

ROOT = Path(__file__).parents[4]
PARTS = (
    "chalicelib/api",
    "chalicelib/domain",
    "chalicelib/services",
    "chalicelib/store",
    "infra/local/receiver",
)
SOURCES = sorted(source for part in PARTS for source in (ROOT / part).rglob("*.py"))
SECRET = re.compile(r"secret|password|token|digest|signature|_hash\b|hmac", re.IGNORECASE)
SECRETS_KEPT = ("chalicelib/domain/merchant.py", "chalicelib/domain/password.py")
EQUALITIES = (ast.Eq, ast.NotEq, ast.In, ast.NotIn, ast.Is, ast.IsNot)


def comparisons(tree: ast.AST) -> Iterator[str]:
    """Comparisons of a value whose name indicates a secret, except with a constant such as None."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Compare) and isinstance(node.ops[0], EQUALITIES)):
            continue
        sides = [side for side in (node.left, *node.comparators) if not isinstance(side, ast.Constant)]
        if len(sides) > 1 and any(SECRET.search(ast.unparse(side)) for side in sides):
            yield ast.unparse(node)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: str(source.relative_to(ROOT)))
def test_no_secret_is_compared_by_an_operator(source: Path):
    assert list(comparisons(ast.parse(source.read_text()))) == []


def test_the_search_finds_an_unsafe_comparison():
    for code in ("offered == self.api_secret_hash", "token != kept", "signature in (a, b)"):
        assert list(comparisons(ast.parse(code))) == [code]


@pytest.mark.parametrize("path", SECRETS_KEPT)
def test_stored_secrets_are_compared_in_constant_time(path: str):
    assert "hmac.compare_digest(" in (ROOT / path).read_text()


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch, scrypt_each_time: None) -> list[str]:
    """The hashes and comparisons that were computed, in order."""
    done: list[str] = []
    for module, name in ((hashlib, "sha256"), (hashlib, "scrypt"), (hmac, "compare_digest")):
        monkeypatch.setattr(module, name, _recording(done, name, getattr(module, name)))
    return done


def _recording(done: list[str], name: str, do: Callable[..., object]) -> Callable[..., object]:
    def record(*given: object, **options: object) -> object:
        done.append(name)
        return do(*given, **options)

    return record


def cost(
    work: list[str], aws_requests: list[str], send_request: Callable[[], object]
) -> tuple[list[str], list[str]]:
    """The AWS requests and slow steps of ``send_request``, without comparisons, which are fast."""
    work.clear()
    aws_requests.clear()
    send_request()
    return list(aws_requests), [step for step in work if step != "compare_digest"]


@pytest.mark.parametrize("is_warm", [False, True])
def test_a_wrong_secret_costs_the_same_as_an_unknown_key(
    merchant: Api, work: list[str], aws_requests: list[str], is_warm: bool
):
    if is_warm:
        assert merchant.get("/orders").status_code == 200

    def request_with(**wrong: str) -> Callable[[], None]:
        caller = Api(merchant.http, "", {**merchant.credentials, **wrong})
        return lambda: assert_error(
            caller.get("/orders"), 401, "AUTHENTICATION_ERROR", "Invalid API credentials"
        )

    wrong_secret = cost(work, aws_requests, request_with(**{"X-Api-Secret": "wrong"}))
    unknown_key = cost(work, aws_requests, request_with(**{"X-Api-Key": "key_unknown"}))
    assert wrong_secret == unknown_key == (["Query"], ["sha256"])


def test_a_wrong_password_costs_the_same_as_an_unknown_email(
    cloud: Cloud, merchant: Api, work: list[str], aws_requests: list[str]
):
    def signing_in(email: str) -> Callable[[], None]:
        body = {"email": email, "password": PASSWORD + "?"}
        return lambda: assert_error(
            merchant.anonymous.post("/sessions", body), 401, "AUTHENTICATION_ERROR", "Invalid API credentials"
        )

    wrong_password = cost(work, aws_requests, signing_in(merchant.email))
    unknown_address = cost(work, aws_requests, signing_in("unknown@example.com"))
    assert wrong_password == unknown_address
    assert unknown_address[1].count("scrypt") == 1
    cloud.gateway.onboarding.deactivate(merchant.merchant_id)
    assert cost(work, aws_requests, signing_in(merchant.email)) == unknown_address

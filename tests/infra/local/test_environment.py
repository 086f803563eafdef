"""A local gateway does not use the AWS and proxy settings of the user's environment."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import requests

from infra.aws import LOCAL_REGION, Aws
from infra.local import loopback
from infra.local.environment import isolate
from infra.local.ports import HOST, Ports
from infra.project import ROOT
from infra.vendored import vendored
from tests.e2e.api import eventually
from tests.infra.local.program import Program

PROXY = f"http://{HOST}:9"  # the discard port, where no program listens
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
TIMEOUT_S = 300


@pytest.fixture
def invalid_environment(tmp_path: Path) -> dict[str, str]:
    """Proxies that do not respond, and invalid AWS settings."""
    broken = tmp_path / ".aws" / "config"
    broken.parent.mkdir()
    broken.write_text("[default\nregion")
    (broken.parent / "credentials").write_text("[[[")
    (tmp_path / ".netrc").write_text("machine localhost login user password secret\n")
    return {
        **dict.fromkeys(PROXIES, PROXY),
        "HOME": str(tmp_path),
        "AWS_PROFILE": "missing",
        "AWS_DEFAULT_PROFILE": "missing",
        "AWS_CONFIG_FILE": str(broken),
        "AWS_SHARED_CREDENTIALS_FILE": str(broken.parent / "credentials"),
        "AWS_ENDPOINT_URL": PROXY,
        "AWS_ENDPOINT_URL_SQS": PROXY,
        "AWS_CA_BUNDLE": "/missing",
        "AWS_DEFAULT_REGION": "not a region",
        "AWS_REGION": "not a region",
        "AWS_SESSION_TOKEN": "expired",
        "AWS_MAX_ATTEMPTS": "many",
        "AWS_USE_FIPS_ENDPOINT": "true",
        "PYTHONIOENCODING": "ascii",
    }


def infra(environment: Mapping[str, str], *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "infra", *words],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )


@pytest.mark.e2e
@pytest.mark.sensitive("another test packaged the same stage with other settings")
@pytest.mark.xdist_group("environment")
def test_a_run_works_in_an_invalid_environment(invalid_environment, tmp_path: Path):
    vendored()  # downloaded from npm, which uses the proxy
    program = Program(tmp_path / "data", Ports.free(), {**invalid_environment, "TEST_MODE": "true"})
    try:
        program.wait_until_ready()
        merchant = program.merchant
        merchant.send_webhooks_to(f"http://localhost:{program.ports.receiver}/webhook")
        assert merchant.paid()["status"] == "success"
        eventually(lambda: all(log["status"] == "success" for log in merchant.logs()) and merchant.logs())
        del invalid_environment["AWS_ENDPOINT_URL"]  # a command may use another endpoint, a run may not
        looked = infra({**invalid_environment, "AWS_PORT": str(program.ports.aws)}, "merchant", "list")
        assert looked.returncode == 0, looked.stderr
        assert "key_test_abc123" in looked.stdout
    finally:
        rest = program.stop()
    output = "".join(program.output)
    assert "  ok gateway" in output
    assert "Traceback" not in output + rest
    assert "verified" in rest


@pytest.mark.e2e
@pytest.mark.xdist_group("environment")
def test_the_demo_works_in_an_invalid_environment(invalid_environment):
    vendored()
    done = infra(invalid_environment, "demo")
    assert done.returncode == 0, done.stdout + done.stderr


def test_all_aws_settings_except_the_gateways_port_are_replaced(invalid_environment):
    environment = {**invalid_environment, "AWS_PORT": "5566", "PATH": "/bin"}
    isolate(environment)
    left = {name: value for name, value in environment.items() if name.startswith("AWS_")}
    assert left == {
        "AWS_PORT": "5566",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": LOCAL_REGION,
        "AWS_DEFAULT_REGION": LOCAL_REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    assert environment["PATH"] == "/bin"


@pytest.mark.parametrize(
    ("exempt", "expected"),
    [
        ({}, "localhost,127.0.0.1,::1"),
        ({"NO_PROXY": "example.com, localhost"}, "example.com,localhost,127.0.0.1,::1"),
        ({"no_proxy": "example.com", "NO_PROXY": "other"}, "example.com,localhost,127.0.0.1,::1"),
        ({"no_proxy": "*"}, "*"),
    ],
)
def test_loopback_is_exempt_from_proxies_and_other_settings_are_unchanged(exempt, expected):
    environment = {**dict.fromkeys(PROXIES, PROXY), **exempt}
    loopback.bypass_proxies(environment)
    assert environment == {**dict.fromkeys(PROXIES, PROXY), "no_proxy": expected, "NO_PROXY": expected}


def test_a_loopback_session_uses_no_proxy_and_no_netrc(monkeypatch, invalid_environment):
    for name, value in invalid_environment.items():
        monkeypatch.setenv(name, value)
    asked = requests.Request("GET", "http://localhost/health")
    session = loopback.session()
    settings = session.merge_environment_settings("http://localhost/health", {}, None, None, None)
    assert dict(settings["proxies"]) == {}
    assert "Authorization" not in session.prepare_request(asked).headers


@pytest.mark.parametrize("host", ["localhost", HOST])
def test_an_aws_client_of_a_local_endpoint_uses_no_proxy(monkeypatch, host):
    for name in PROXIES:
        monkeypatch.setenv(name, PROXY)
    client = Aws(f"http://{host}:{Ports.free().aws}").client("sqs")
    assert client._endpoint.http_session._proxy_config.proxy_url_for(f"http://{host}") is None

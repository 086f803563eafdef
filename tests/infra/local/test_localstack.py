"""LocalStack in Docker: the compose file, and the commands that start and stop it."""

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.errors import InfraError
from infra.local.gateway import LocalGateway
from infra.local.localstack import LocalStack
from infra.local.ports import Ports
from infra.local.welcome import welcome
from infra.project import ROOT

PORT = 5566


@pytest.fixture
def service() -> dict[str, Any]:
    services: dict[str, Any] = yaml.safe_load((ROOT / "localstack-compose.yml").read_text())["services"]
    assert set(services) == {"localstack"}
    made: dict[str, Any] = services["localstack"]
    return made


class Docker:
    """A program that records its arguments and AWS_PORT, and prints what a test chooses."""

    def __init__(self, folder: Path) -> None:
        self._calls = folder / "calls"
        self._program = folder / "docker"
        self.will_print("container")

    def will_print(self, text: str, *, errors: str = "", status: int = 0) -> None:
        call = "json.dumps([os.environ['AWS_PORT'], *sys.argv[1:]])"
        self._program.write_text(
            f"#!{sys.executable}\nimport json, os, sys\n"
            f"print({call}, file=open({str(self._calls)!r}, 'a'))\n"
            f"print({text!r}); print({errors!r}, file=sys.stderr); sys.exit({status})\n"
        )
        self._program.chmod(0o700)

    @property
    def calls(self) -> list[list[str]]:
        return [json.loads(line) for line in self._calls.read_text().splitlines()]


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Docker:
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return Docker(tmp_path)


def test_the_image_is_the_last_that_needs_no_account(service: dict[str, Any]):
    assert service["image"] == "localstack/localstack:4.14.0"


def test_only_this_machine_can_connect(service: dict[str, Any]):
    (published,) = service["ports"]
    assert re.fullmatch(r"127\.0\.0\.1:\$\{AWS_PORT:-4566\}:4566", published)
    assert "network_mode" not in service


def test_the_functions_are_started_as_containers_that_know_this_machine(service: dict[str, Any]):
    assert service["volumes"] == ["/var/run/docker.sock:/var/run/docker.sock"]
    assert (
        service["environment"]["LAMBDA_DOCKER_FLAGS"] == f"--add-host={LocalStack.this_machine}:host-gateway"
    )


def test_no_persistence_is_configured_because_it_needs_an_account(service: dict[str, Any]):
    assert set(service["environment"]) == {"LAMBDA_DOCKER_FLAGS"}


def test_docker_starts_the_container_waits_for_it_and_removes_it_with_its_volume(docker: Docker):
    localstack = LocalStack(port=PORT)
    localstack.start()
    localstack.require_alive()
    localstack.stop()
    file = ["compose", "--file", str(ROOT / "localstack-compose.yml")]
    assert docker.calls == [
        [str(PORT), *file, "up", "--detach", "--wait"],
        [str(PORT), *file, "ps", "--quiet", "--status", "running"],
        [str(PORT), *file, "down", "--volumes"],
    ]


def test_a_container_that_is_not_running_is_reported(docker: Docker):
    docker.will_print("")
    with pytest.raises(InfraError, match="LocalStack exited unexpectedly"):
        LocalStack(port=PORT).require_alive()


def test_an_error_of_docker_is_reported_with_its_last_line(docker: Docker):
    docker.will_print("", errors="first\nCannot connect to the Docker daemon", status=1)
    with pytest.raises(InfraError, match=r"`docker compose up` failed: Cannot connect to the Docker daemon$"):
        LocalStack(port=PORT).start()


def test_without_docker_the_error_names_the_alternative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InfraError, match="use `make run` without BACKEND"):
        LocalStack(port=PORT).start()


def test_the_welcome_has_a_webhook_url_that_the_functions_can_reach(tmp_path: Path):
    ports = Ports(receiver=4321, aws=PORT)
    gateway = LocalGateway(
        stage="test",
        ports=ports,
        environment={},
        state_dir=tmp_path,
        persist=False,
        emulator=LocalStack(port=PORT),
    )
    text = welcome(gateway, ports, "whsec_x", 1.0)
    assert '{"webhook_url": "http://host.docker.internal:4321/webhook"}' in text

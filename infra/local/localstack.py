"""The alternative local AWS: LocalStack in Docker."""

import os
import shutil
import subprocess

from infra.deploy.packaging import Package
from infra.errors import InfraError
from infra.project import ROOT

TIMEOUT_S = 600  # the first start downloads the image


class LocalStack:
    """LocalStack on ``port``. It does not keep data after a stop: the free edition lacks persistence."""

    shares_dependencies = False
    this_machine = "host.docker.internal"  # the functions run in containers

    def __init__(self, *, port: int) -> None:
        self.endpoint_url = f"http://localhost:{port}"
        self._environment = {**os.environ, "AWS_PORT": str(port)}

    def start(self) -> None:
        """Start LocalStack and wait until it is healthy."""
        if shutil.which("docker") is None:
            raise InfraError(
                "BACKEND=localstack requires Docker. Install it, or use `make run` without BACKEND."
            )
        self._compose("up", "--detach", "--wait")

    def stop(self) -> None:
        """Stop and remove the container, and the anonymous volume that its image declares."""
        self._compose("down", "--volumes")

    def require_alive(self) -> None:
        """Raise InfraError if the container has exited."""
        if not self._compose("ps", "--quiet", "--status", "running").strip():
            raise InfraError(
                "LocalStack exited unexpectedly. See `docker compose -f localstack-compose.yml logs`."
            )

    def complete(self, package: Package, outputs: dict[str, str]) -> None:
        """Do nothing: LocalStack applies the whole template."""

    def _compose(self, *arguments: str) -> str:
        command = ["docker", "compose", "--file", str(ROOT / "localstack-compose.yml"), *arguments]
        done = subprocess.run(
            command, env=self._environment, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise InfraError(f"The command `docker compose {arguments[0]}` failed: {reason}")
        return done.stdout

"""The embedded AWS: MiniStack in a process of its own, on loopback."""

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import requests

from infra.aws import Aws
from infra.deploy.packaging import Package
from infra.errors import InfraError
from infra.local import loopback, ministack_patches
from infra.local.environment import LOCAL_AWS
from infra.local.lock import Lock
from infra.local.ministack.snapshot import Snapshots
from infra.local.ports import HOST
from infra.project import ROOT

START_TIMEOUT_S = 120.0  # it takes one second; on a busy machine it has taken fifty
STOP_TIMEOUT_S = 20.0  # it writes its state on the way out
_POLL_S = 0.05

# MiniStack hands its environment to the Lambdas: it gets these, its own settings and nothing else.
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")


class MiniStack:
    """AWS on ``port``. With ``persist`` what it holds is kept in ``state_dir`` over a stop and a start."""

    # Functions run on this very Python, which has their dependencies in the same versions; unpacking
    # them again for every process would cost each cold start two seconds.
    brings_dependencies = True

    def __init__(self, *, port: int, state_dir: Path, persist: bool) -> None:
        self.endpoint_url = f"http://{HOST}:{port}"
        self.log = state_dir / "aws.log"
        self._port = port
        self._state_dir = state_dir
        self._persist = persist
        self._kept = state_dir / "aws"
        self._pid_file = state_dir / "aws.pid"
        self._lock = Lock(state_dir / "lock")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.take_over()
        scratch = self._state_dir / "tmp"  # unpacked functions; a killed run leaves them behind
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        with self.log.open("w") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "infra.local.ministack"],
                env=self._environment(scratch),
                cwd=self._state_dir,
                stdin=subprocess.PIPE,  # it ends when this process does, however that ends
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches us alone; we stop it when all else has stopped
            )
        self._pid_file.write_text(str(self._process.pid))
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._answers():
            self.require_alive()
            if time.monotonic() > deadline:
                raise InfraError(f"The embedded AWS does not answer; its log is {self.log}.")
            time.sleep(_POLL_S)

    def stop(self) -> None:
        """Stop it, gently at first."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            if self._process.stdin is not None:
                self._process.stdin.close()
            self._process = None
            self._pid_file.unlink(missing_ok=True)
            shutil.rmtree(self._state_dir / "tmp", ignore_errors=True)
        self._lock.release()

    def require_alive(self) -> None:
        """InfraError when the process has died."""
        if self._process is None or (status := self._process.poll()) is None:
            return
        raise InfraError(
            f"The embedded AWS died (exit status {status}). Its log is {self.log}. Start the gateway again: "
            "only the last few seconds may be lost."
        )

    def complete(self, package: Package, outputs: dict[str, str]) -> None:
        """Apply what AWS does and MiniStack's CloudFormation does not."""
        ministack_patches.apply(package, outputs, Aws(self.endpoint_url))

    def take_over(self) -> None:
        """Make ``state_dir`` ready for a start, also after an earlier run was killed.

        InfraError while another run uses it.
        """
        self._lock.acquire()
        self._stop_leftover()
        if self._persist:
            snapshots = Snapshots(self._kept)
            if message := snapshots.recover():
                print(message, file=sys.stderr)
            snapshots.remove_unused_code()

    def _stop_leftover(self) -> None:
        """Stop the process of an earlier run, if it has not yet ended because that run was killed."""
        try:
            pid = int(self._pid_file.read_text())
        except (FileNotFoundError, ValueError):
            return
        for signal_ in (signal.SIGTERM, signal.SIGKILL):
            deadline = time.monotonic() + STOP_TIMEOUT_S
            while _is_ministack(pid) and time.monotonic() < deadline:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal_)
                time.sleep(_POLL_S)

    def _answers(self) -> bool:
        try:
            return loopback.session().get(f"{self.endpoint_url}/_ministack/health", timeout=2).ok
        except requests.RequestException:
            return False

    def _environment(self, scratch: Path) -> dict[str, str]:
        environment = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        environment |= {
            "GATEWAY_PORT": str(self._port),
            "AUTH": "true",  # the functions may do what their roles let them, here as on AWS
            "BIND_HOST": HOST,
            "MINISTACK_HOST": "localhost",
            "LAMBDA_EXECUTOR": "local",
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            **LOCAL_AWS,
            "PYTHONPATH": str(ROOT),  # of the emulator alone, which removes it
            "TMPDIR": str(scratch),
            "S3_DATA_DIR": str(self._state_dir / "s3"),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        if self._persist:
            environment |= {"PERSIST_STATE": "1", "STATE_DIR": str(self._kept), "S3_PERSIST": "1"}
        return environment


def _is_ministack(pid: int) -> bool:
    command = ["ps", "-p", str(pid), "-o", "command="]
    listed = subprocess.run(command, capture_output=True, text=True, check=False)
    return "ministack" in listed.stdout

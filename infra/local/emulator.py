"""The embedded AWS: MiniStack in a separate process, on loopback."""

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
from infra.local.processes import STOP_TIMEOUT_S, stop
from infra.project import IMPORTS

START_TIMEOUT_S = 120.0  # a start usually takes one second, and has taken fifty on a busy machine
_POLL_S = 0.05

# The functions inherit MiniStack's environment, so it contains only these variables and MiniStack's settings.
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")


class MiniStack:
    """MiniStack on ``port``. With ``persist``, it saves its state in ``state_dir`` and restores it."""

    # Functions run in this Python environment, which has the same versions of their dependencies. Unpacking
    # the dependencies for every process would add two seconds to each cold start.
    shares_dependencies = True
    this_machine = "localhost"

    def __init__(self, *, port: int, state_dir: Path, persist: bool) -> None:
        self.endpoint_url = f"http://{HOST}:{port}"
        self.log = state_dir / "aws.log"
        self._port = port
        self._state_dir = state_dir
        self._persist = persist
        self._snapshot_dir = state_dir / "aws"
        self._pid_file = state_dir / "aws.pid"
        self._lock = Lock(state_dir / "lock")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start MiniStack and wait until it responds."""
        self.prepare()
        scratch = self._state_dir / "tmp"  # unpacked functions; a killed run does not delete them
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        with self.log.open("w") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "infra.local.ministack"],
                env=self._environment(scratch),
                cwd=self._state_dir,
                stdin=subprocess.PIPE,  # closes when this process ends, which stops MiniStack
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # not stopped by Ctrl-C: this process stops it last
            )
        self._pid_file.write_text(str(self._process.pid))
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._is_responding():
            self.require_alive()
            if time.monotonic() > deadline:
                raise InfraError(
                    f"The embedded AWS did not respond within {START_TIMEOUT_S:g} s. See its log: {self.log}"
                )
            time.sleep(_POLL_S)

    def stop(self) -> None:
        """Terminate MiniStack, and kill it after STOP_TIMEOUT_S."""
        if self._process is not None:
            stop(self._process)
            self._stop_functions(self._process.pid)
            self._process = None
            self._pid_file.unlink(missing_ok=True)
            shutil.rmtree(self._state_dir / "tmp", ignore_errors=True)
        self._lock.release()

    def require_alive(self) -> None:
        """Raise InfraError if the process has exited."""
        if self._process is None or (status := self._process.poll()) is None:
            return
        raise InfraError(
            f"The embedded AWS exited unexpectedly (exit status {status}). See its log: {self.log}\n"
            "Start the gateway again. At most the last few seconds of data are lost."
        )

    def complete(self, package: Package, outputs: dict[str, str]) -> None:
        """Apply the properties of the template that MiniStack's CloudFormation ignores.

        Then start the readers of queues and streams. A deployment ends the processes of the functions, and a
        job that such a process had received would wait for its visibility timeout.
        """
        ministack_patches.apply(package, outputs, Aws(self.endpoint_url))
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.write(b"\n")
            self._process.stdin.flush()

    def prepare(self) -> None:
        """Prepare ``state_dir`` for a start, also after an earlier run was killed.

        Raises InfraError if another run uses it.
        """
        self._lock.acquire()
        self._stop_orphan()
        if self._persist:
            snapshots = Snapshots(self._snapshot_dir)
            if message := snapshots.recover():
                print(message, file=sys.stderr)
            snapshots.remove_unused_code()

    def _stop_functions(self, group: int) -> None:
        """Kill the processes of functions, which would end only some seconds after MiniStack has exited."""
        with suppress(ProcessLookupError, PermissionError):  # none is left; or only ended ones, on macOS
            os.killpg(group, signal.SIGKILL)

    def _stop_orphan(self) -> None:
        """Stop the process of an earlier run that was killed, if it is still running."""
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

    def _is_responding(self) -> bool:
        try:
            return loopback.session().get(f"{self.endpoint_url}/_ministack/health", timeout=2).ok
        except requests.RequestException:
            return False

    def _environment(self, scratch: Path) -> dict[str, str]:
        environment = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        environment |= {
            "GATEWAY_PORT": str(self._port),
            "AUTH": "true",  # enforce the functions' roles
            "BIND_HOST": HOST,
            "MINISTACK_HOST": "localhost",
            "LAMBDA_EXECUTOR": "local",
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            **LOCAL_AWS,
            "PYTHONPATH": str(IMPORTS),  # for the emulator only, which removes it
            "TMPDIR": str(scratch),
            "S3_DATA_DIR": str(self._state_dir / "s3"),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        if self._persist:
            environment |= {"PERSIST_STATE": "1", "STATE_DIR": str(self._snapshot_dir), "S3_PERSIST": "1"}
        return environment


def _is_ministack(pid: int) -> bool:
    command = ["ps", "-p", str(pid), "-o", "command="]
    listed = subprocess.run(command, capture_output=True, text=True, check=False)
    return "ministack" in listed.stdout

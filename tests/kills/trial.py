# ruff: noqa: T201 - a command-line program prints
"""One trial: a merchant sells while parts of the gateway are killed; then the results are checked."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

from chalicelib.acquirers.simulated.adapter import SimulatedAcquirer
from chalicelib.domain.clock import utc_now
from infra.aws import Aws
from infra.local.gateway import LocalGateway
from infra.local.ports import Ports
from infra.template.queues import JOB_QUEUES, queue_id
from tests.e2e.api import Api, Json
from tests.kills.checks import Evidence, figures, is_finished
from tests.kills.killer import Killer
from tests.kills.plan import ACQUIRER, ENVIRONMENT, STAGE, Plan, ports_out_of_reach
from tests.kills.receiver import Journal, KillableReceiver
from tests.kills.records import Records
from tests.kills.seller import Seller
from tests.stack import merchants_of

REQUEST_TIMEOUT_S = 10.0
POLL_S = 0.5


@dataclass(frozen=True)
class Trial:
    """A gateway, a merchant and its receiver, and a plan for them."""

    plan: Plan
    folder: Path
    ports: Ports = field(default_factory=ports_out_of_reach)

    def run(self) -> list[str]:
        """Run the trial and print its figures; returns the guarantees that do not hold."""
        gateway = LocalGateway(
            stage=STAGE,
            ports=self.ports,
            environment=ENVIRONMENT,
            state_dir=self.folder / "state",
            persist=True,
        )
        with gateway, ExitStack() as stack:
            aws = Aws(gateway.aws_endpoint_url)
            self._shorten_visibility(gateway, aws)
            merchant = replace(merchants_of(gateway)(), timeout_s=REQUEST_TIMEOUT_S)
            receiver = self._receiver(merchant)
            receiver.start()
            stack.callback(receiver.kill)
            killer = Killer(
                pid_file=self.folder / "state" / "aws.pid",
                victims=self.plan.victims,
                interval_s=self.plan.kill_every_s,
                kills=self.plan.kills,
                random=Random(self.plan.seed),
            )
            answered = self._sell(gateway, merchant, receiver, killer)
            records = self._wait_until_finished(gateway, aws)
            evidence = Evidence(
                answered, records, receiver.journal.read(), SimulatedAcquirer(ACQUIRER, utc_now)
            )
            for name, count in figures(evidence).items():
                print(f"  {name:<30}{count:>6,}")
            return [*evidence.broken(), *self._doctor_findings()]

    def _receiver(self, merchant: Api) -> KillableReceiver:
        receiver = KillableReceiver(
            port=self.ports.receiver,
            secret=merchant.get("/webhooks/config").json()["webhook_secret"],
            journal=Journal(self.folder / "journal"),
        )
        merchant.send_webhooks_to(receiver.url)
        return receiver

    def _sell(
        self, gateway: LocalGateway, merchant: Api, receiver: KillableReceiver, killer: Killer
    ) -> list[Json]:
        """Create the payments while functions and the receiver are killed, and the emulator is restarted."""
        with ThreadPoolExecutor(1) as background:
            selling = background.submit(Seller(merchant).sell, self.plan.payments)
            for _ in range(self.plan.restarts):
                with killer.running():
                    self._interrupt(receiver)
                gateway.stop()
                gateway.start()
            with killer.running():
                self._interrupt(receiver)
                answered = selling.result()
        killed = ", ".join(f"{function} {count}" for function, count in sorted(killer.killed.items()))
        print(f"  killed: {killed}, receiver {self.plan.restarts + 1}; restarts: {self.plan.restarts}")
        assert killer.killed, "no process was killed"
        return answered

    def _interrupt(self, receiver: KillableReceiver) -> None:
        """Let the receiver run for a while, kill it, and start it again later."""
        time.sleep(self.plan.receiver_down_s)
        receiver.kill()
        time.sleep(self.plan.receiver_down_s)
        receiver.start()

    def _shorten_visibility(self, gateway: LocalGateway, aws: Aws) -> None:
        sqs = aws.client("sqs")
        for name in JOB_QUEUES:
            attributes = {"VisibilityTimeout": str(self.plan.visibility_s)}
            sqs.set_queue_attributes(QueueUrl=gateway.stack_outputs[queue_id(name)], Attributes=attributes)

    def _wait_until_finished(self, gateway: LocalGateway, aws: Aws) -> Records:
        """The records when no work is pending, or after a time limit.

        After the limit, the checks find the pending work.
        """
        started = time.monotonic()
        while True:
            records = Records.read(gateway.stack_outputs, aws)
            waited_s = time.monotonic() - started
            if is_finished(records) or waited_s > self.plan.finish_within_s:
                print(f"  finished {waited_s:.0f} s after the last payment")
                return records
            time.sleep(POLL_S)

    def _doctor_findings(self) -> list[str]:
        time.sleep(self.plan.quiet_s)
        command = [sys.executable, "-m", "infra", "doctor", "--stage", STAGE, "--late-after", "1s"]
        environment = {**os.environ, "AWS_PORT": str(self.ports.aws)}
        environment.pop("AWS_ENDPOINT_URL", None)
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        return [] if done.returncode == 0 else [f"the doctor reports:\n{done.stdout}{done.stderr}"]

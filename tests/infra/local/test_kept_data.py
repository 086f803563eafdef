"""The data of a local gateway survives a kill of its emulator, a kill of the whole run, and an upgrade."""

import os
import re
import signal
import subprocess
import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from infra.errors import InfraError
from infra.local.emulator import MiniStack
from infra.local.gateway import LocalGateway
from infra.local.ministack.saver import INTERVAL_S
from infra.local.ministack.snapshot import Snapshots
from infra.local.ports import Ports
from infra.template.lambdas import LAMBDAS
from infra.template.queues import JOB_QUEUES, VISIBILITY_FACTOR
from tests.e2e.api import UNREACHABLE_URL, Api, Json, eventually
from tests.infra.local.program import TEST_MERCHANT, Program

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("kept data"), pytest.mark.timeout(600)]
DELAY_S = 6  # longer than a save and a kill
ENVIRONMENT = {
    "PROCESSING_DELAY_MIN": str(DELAY_S * 1000),
    "PROCESSING_DELAY_MAX": str(DELAY_S * 1000),
    "UPI_SUCCESS_RATE": "1",
    "CARD_SUCCESS_RATE": "1",
}
# The deployment at the start can kill a worker that has received a job, which SQS then delivers again.
PATIENCE_S = VISIBILITY_FACTOR * LAMBDAS[JOB_QUEUES["payments"]].timeout_s + 60

# `.local/` of the version before snapshots, as its `make run` left it: MiniStack's file of each service with
# data. It was stopped when one payment had succeeded and another was pending. The archives of the functions'
# code are omitted, because a start deploys the code.
PREVIOUS = Path(__file__).with_name("previous") / "local-data.tar.gz"
PREVIOUS_ORDER = "order_4vf1htSJGh7xipcJ"
PREVIOUS_PAYMENT = "pay_rrTxcwSLElrBt0NF"
PREVIOUS_PENDING_PAYMENT = "pay_hyPZYYGkdtbVUWkI"

# The snapshot of the version with one webhook endpoint for each merchant: one payment had succeeded, with a
# webhook that waited for its second attempt, and another payment was pending.
ONE_ENDPOINT = PREVIOUS.with_name("one-endpoint.tar.gz")
DEPLOYED_AFTER_S = 20
ONE_ENDPOINT_LOG = "e1198840-fdf9-549e-ac59-89bfb2db6293"
ONE_ENDPOINT_PENDING_PAYMENT = "pay_SzhRfkqAcufI2pRR"


def gateway_in(state_dir: Path) -> LocalGateway:
    return LocalGateway(
        stage="local", ports=Ports.free(), environment=ENVIRONMENT, state_dir=state_dir, persist=True
    )


def test_merchant(gateway: LocalGateway) -> Api:
    return Api(gateway.api_url, credentials=TEST_MERCHANT)


test_merchant.__test__ = False  # type: ignore[attr-defined]


def kill_emulator(state_dir: Path) -> None:
    os.kill(int((state_dir / "aws.pid").read_text()), signal.SIGKILL)


def events(merchant: Api, payment_id: str) -> set[str]:
    logs: list[Json] = merchant.get(f"/webhooks?payment_id={payment_id}").json()["data"]
    return {log["event"] for log in logs}


def test_a_change_is_saved_within_seconds():
    assert INTERVAL_S <= 3


def test_a_kill_of_the_emulator_loses_only_the_last_seconds(tmp_path: Path):
    with gateway_in(tmp_path) as gateway:
        merchant = test_merchant(gateway)
        merchant.send_webhooks_to(UNREACHABLE_URL)
        order = merchant.order()
        payment = merchant.payment(order_id=order["id"])
        snapshot = Snapshots(tmp_path / "aws").current
        eventually(lambda: snapshot.exists() and payment["id"] in snapshot.read_text(), within_s=PATIENCE_S)
        kill_emulator(tmp_path)
        eventually(lambda: is_dead(gateway), within_s=PATIENCE_S)
    with gateway_in(tmp_path) as gateway:
        merchant = test_merchant(gateway)
        assert merchant.get(f"/orders/{order['id']}").json()["created_at"] == order["created_at"]
        assert merchant.settled(payment["id"], within_s=PATIENCE_S)["status"] == "success"
        eventually(lambda: "payment.success" in events(merchant, payment["id"]), within_s=PATIENCE_S)


def is_dead(gateway: LocalGateway) -> bool:
    try:
        gateway.require_alive()
    except InfraError:
        return True
    return False


def test_the_data_of_the_previous_version_is_migrated(tmp_path: Path):
    with tarfile.open(PREVIOUS) as archive:
        archive.extractall(tmp_path, filter="data")
    with gateway_in(tmp_path) as gateway:
        merchant = test_merchant(gateway)
        assert merchant.get(f"/orders/{PREVIOUS_ORDER}").json()["receipt"] == "kept"
        assert merchant.get(f"/payments/{PREVIOUS_PAYMENT}").json()["status"] == "success"
        assert events(merchant, PREVIOUS_PAYMENT) == {"payment.created", "payment.pending", "payment.success"}
        assert merchant.settled(PREVIOUS_PENDING_PAYMENT, within_s=PATIENCE_S)["status"] == "success"
        eventually(
            lambda: "payment.success" in events(merchant, PREVIOUS_PENDING_PAYMENT), within_s=PATIENCE_S
        )


def test_the_data_of_the_version_with_one_webhook_endpoint_is_migrated(tmp_path: Path):
    with tarfile.open(ONE_ENDPOINT) as archive:
        archive.extractall(tmp_path, filter="data")
    make_jobs_due(tmp_path / "aws" / "snapshot.json", in_s=DEPLOYED_AFTER_S)
    with gateway_in(tmp_path) as gateway:
        merchant = test_merchant(gateway)
        (default,) = merchant.get("/webhooks/endpoints").json()["data"]
        assert (default["id"], default["url"], default["status"]) == ("default", UNREACHABLE_URL, "enabled")
        assert merchant.get("/webhooks/config").json()["webhook_secret"] == "whsec_test_abc123"
        waiting = merchant.get(f"/webhooks/{ONE_ENDPOINT_LOG}").json()
        assert (waiting["endpoint_id"], waiting["event"]) == ("default", "payment.success")
        assert waiting["attempts"] >= 1
        assert len(merchant.events(count=3)) >= 3
        merchant.webhook_endpoint(events=["payment.success"])
        assert merchant.settled(ONE_ENDPOINT_PENDING_PAYMENT, within_s=PATIENCE_S)["status"] == "success"
        eventually(lambda: success_logs(merchant, ONE_ENDPOINT_PENDING_PAYMENT), within_s=PATIENCE_S)
        payment = merchant.paid()
        eventually(lambda: len(success_logs(merchant, payment["id"])) == 2, within_s=PATIENCE_S)
        merchant.post(f"/webhooks/{ONE_ENDPOINT_LOG}/retry")
        eventually(lambda: merchant.get(f"/webhooks/{ONE_ENDPOINT_LOG}").json()["error"], within_s=PATIENCE_S)


def make_jobs_due(snapshot: Path, *, in_s: float) -> None:
    """Delay the waiting jobs: the emulator kills a function that it updates, and SQS then waits minutes."""
    due_at = time.time() + in_s
    snapshot.write_text(re.sub(r'(visible_at\\*": )[0-9.]+', rf"\g<1>{due_at}", snapshot.read_text()))


def success_logs(merchant: Api, payment_id: str) -> list[Json]:
    logs: list[Json] = merchant.get(f"/webhooks?payment_id={payment_id}&event=payment.success").json()["data"]
    return logs


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[], Program]]:
    started, ports = list[Program](), Ports.free()

    def start_run() -> Program:
        started.append(Program(tmp_path / "data", ports, ENVIRONMENT))
        started[-1].wait_until_ready()
        return started[-1]

    yield start_run
    for run in started:
        run.kill()
    eventually(lambda: processes_in(tmp_path) == [], within_s=PATIENCE_S)


def processes_in(folder: Path) -> list[str]:
    """The emulator and the functions that run there."""
    listed = subprocess.run(["ps", "-A", "-ww", "-o", "args="], capture_output=True, text=True, check=True)
    return [line for line in listed.stdout.splitlines() if f"{folder}/" in line]


def test_a_killed_run_leaves_no_process_and_restarts_with_its_data(start, tmp_path: Path):
    run = start()
    payment = run.merchant.payment()
    assert processes_in(tmp_path), "the functions are found by their folder"
    run.kill()
    merchant = start().merchant  # without a delay: the start waits until the previous emulator ends
    assert merchant.settled(payment["id"], within_s=PATIENCE_S)["status"] == "success"


def test_a_damaged_snapshot_is_replaced_by_its_predecessor(start, tmp_path: Path):
    run = start()
    order = run.merchant.order()
    snapshots = Snapshots(tmp_path / "data" / "aws")
    previous, current = snapshots.previous, snapshots.current
    eventually(lambda: current.exists() and order["id"] in current.read_text(), within_s=PATIENCE_S)
    run.merchant.order()
    eventually(lambda: previous.exists() and order["id"] in previous.read_text(), within_s=PATIENCE_S)
    run.kill()
    eventually(lambda: processes_in(tmp_path) == [], within_s=PATIENCE_S)
    current.write_bytes(current.read_bytes()[:1000])
    again = start()
    assert any("was damaged" in line for line in again.output)
    assert again.merchant.get(f"/orders/{order['id']}").status_code == 200


def test_after_a_restart_the_receiver_uses_the_regenerated_secret(start):
    run = start()
    run.merchant.send_webhooks_to(f"http://localhost:{run.ports.receiver}/webhook")
    secret = run.merchant.post("/webhooks/secret/regenerate").json()["webhook_secret"]
    run.stop()
    again = start()
    again.merchant.payment()
    eventually(lambda: "success" in {log["status"] for log in again.merchant.logs()})
    assert f"Webhook secret  {secret}" in again.stop()


def test_a_second_gateway_on_the_same_data_is_rejected_without_side_effects(tmp_path: Path):
    first = MiniStack(port=Ports.free().aws, state_dir=tmp_path, persist=True)
    first.start()
    try:
        with pytest.raises(InfraError, match="Another gateway uses"):
            MiniStack(port=Ports.free().aws, state_dir=tmp_path, persist=True).start()
        first.require_alive()
    finally:
        first.stop()
    assert not (tmp_path / "aws.pid").exists()

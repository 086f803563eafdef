"""The template of a production stage, with all options, on the embedded AWS: it deploys and serves payments.

The emulator ignores the encryption of tables and point-in-time recovery; test_tables.py and
test_encryption.py check them in the template.
"""

import io
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from chalicelib.bootstrap import build, production_externals
from chalicelib.store.merchants import MerchantRow, MerchantStore
from chalicelib.store.payments import PaymentRow
from infra.aws import Aws
from infra.deploy.packaging import Package, package
from infra.deploy.page_inventory import publish
from infra.deploy.stack import Stack
from infra.local.emulator import MiniStack
from infra.local.ports import Ports
from infra.operator.deployment import Deployment
from infra.operator.doctor.command import examine
from infra.operator.doctor.findings import Finding, Kind
from infra.operator.doctor.row_counter import RowCounter
from infra.sites import Addresses
from infra.stage import Stage
from infra.template import encryption
from infra.template.lambdas import API_STAGE
from tests.e2e.api import TIMEOUT_S, UPI, eventually
from tests.infra.page_server import page_server
from tests.stack import create_merchant

pytestmark = pytest.mark.e2e

OPTIONS = {
    "SITES": "cloudfront",
    "WAF": "on",
    "TRACING": "on",
    "ALARM_EMAIL": "ops@example.com",
    "KMS_KEY": "create",
    "BUDGET_USD": "100",
    "BUDGET_EMAIL": "ops@example.com",
    "DEPLOYMENT": "all-at-once",  # the emulator does not have AWS CodeDeploy
}
OUTCOME = {"PROCESSING_DELAY_MIN": "0", "PROCESSING_DELAY_MAX": "0", "UPI_SUCCESS_RATE": "1"}
CREDENTIALS = {"ACCESS_KEY_ID": "test", "SECRET_ACCESS_KEY": "test", "DEFAULT_REGION": "us-east-1"}
STAGE = Stage.of("prod", OPTIONS | OUTCOME)
WATCH = f"{STAGE.stack_name}-page-watch"

# The types of resources that the embedded AWS does not deploy, with the reasons. All others are deployed.
LEFT_OUT = {"AWS::Budgets::Budget": "MiniStack does not have AWS Budgets"}


@dataclass(frozen=True)
class Deployed:
    """A deployed production stage, with the credentials of a merchant."""

    aws: Aws
    outputs: dict[str, str]
    credentials: dict[str, str]

    def request(self, verb: str, path: str, **content: Any) -> Any:
        """The body of a successful response of the API."""
        api = f"{self.aws.endpoint_url}/_aws/execute-api/{self.outputs['RestAPIId']}/{API_STAGE}/api/v1"
        response = requests.request(
            verb, api + path, json=content or None, headers=self.credentials, timeout=TIMEOUT_S
        )
        assert response.ok, response.text
        return response.json()


@pytest.fixture(scope="module")
def original() -> Package:
    return package(STAGE, dependencies=False)


@pytest.fixture(scope="module")
def ministack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MiniStack]:
    ministack = MiniStack(port=Ports.free().aws, state_dir=tmp_path_factory.mktemp("aws"), persist=False)
    ministack.start()
    try:
        yield ministack
    finally:
        ministack.stop()


@pytest.fixture(scope="module")
def deployed(original: Package, ministack: MiniStack, tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    reduced = without_resources(original, tmp_path_factory.mktemp("package"))
    aws = Aws(ministack.endpoint_url)
    outputs = Stack(STAGE, aws).deploy(reduced)
    ministack.complete(reduced, outputs)
    merchants = MerchantStore(aws.database().bind(MerchantRow, outputs["MerchantsTable"]))
    merchant, secret = create_merchant(merchants)
    return Deployed(aws, outputs, {"X-Api-Key": merchant.api_key, "X-Api-Secret": secret})


def without_resources(original: Package, folder: Path) -> Package:
    """The package without the resources of LEFT_OUT, in ``folder``."""
    for archive in original.folder.glob("*.zip"):
        (folder / archive.name).symlink_to(archive)
    template = original.template()
    kept = {id_: each for id_, each in template["Resources"].items() if each["Type"] not in LEFT_OUT}
    (folder / "sam.json").write_text(json.dumps({**template, "Resources": kept}))
    return Package(folder)


def test_only_the_listed_types_are_left_out(original: Package, ministack: MiniStack):
    """The emulator rejects a template with other types before it creates a resource."""
    with pytest.raises(ClientError) as rejected:
        Stack(STAGE, Aws(ministack.endpoint_url)).deploy(original)
    assert f"Unrecognized resource types: [{', '.join(sorted(LEFT_OUT))}]" in str(rejected.value)


def test_a_payment_succeeds_under_the_roles_of_production(deployed: Deployed):
    order = deployed.request("POST", "/orders", amount=50_000)
    payment = deployed.request("POST", "/payments", order_id=order["id"], **UPI)
    path = f"/payments/{payment['id']}"
    eventually(lambda: deployed.request("GET", path)["status"] == "success")


def test_queues_and_logs_have_the_key_of_the_stage(deployed: Deployed):
    outputs, client = deployed.outputs, deployed.aws.client
    key = outputs[encryption.OUTPUT]
    queue = client("sqs").get_queue_attributes(QueueUrl=outputs["PaymentsQueue"], AttributeNames=["All"])
    assert queue["Attributes"]["KmsMasterKeyId"] == key
    assert {group["kmsKeyId"] for group in client("logs").describe_log_groups()["logGroups"]} == {key}


def test_the_tables_are_protected_from_deletion(deployed: Deployed):
    dynamodb = deployed.aws.client("dynamodb")
    names = dynamodb.list_tables()["TableNames"]
    assert len(names) == len([name for name in deployed.outputs if name.endswith("Table")])
    for name in names:
        assert dynamodb.describe_table(TableName=name)["Table"]["DeletionProtectionEnabled"]


def test_both_sites_have_a_distribution_and_its_address(deployed: Deployed):
    addresses = Addresses.on_aws(deployed.outputs, STAGE.name)
    names = ("checkout", "dashboard")
    domains = {name: deployed.outputs[f"{name.capitalize()}DistributionDomain"] for name in names}
    assert addresses.site_urls == {name: f"https://{domain}" for name, domain in domains.items()}
    assert len(set(domains.values())) == 2


def test_the_watching_function_runs_with_its_role(deployed: Deployed):
    lambda_ = deployed.aws.client("lambda")
    variables = lambda_.get_function_configuration(FunctionName=WATCH)["Environment"]["Variables"]
    assert variables["PAGE_URL"] == Addresses.on_aws(deployed.outputs, STAGE.name).checkout_url
    with page_server() as server:
        publish(server.inventory, STAGE, deployed.aws)
        changed = {"Variables": variables | {"PAGE_URL": server.url}}
        lambda_.update_function_configuration(FunctionName=WATCH, Environment=changed)
        response = lambda_.invoke(FunctionName=WATCH)
        assert response.get("FunctionError") is None, response["Payload"].read()
        assert len(server.requests) == len(server.inventory.scripts) + len(server.inventory.pages)


def test_a_restore_of_all_tables_passes_the_doctor(deployed: Deployed, monkeypatch: pytest.MonkeyPatch):
    """The rehearsal of docs/operations.md. The emulator restores present rows."""
    for name, value in {"ENDPOINT_URL": deployed.aws.endpoint_url, **CREDENTIALS}.items():
        monkeypatch.setenv(f"AWS_{name}", str(value))
    live = Deployment.load(STAGE.name)
    test_a_payment_succeeds_under_the_roles_of_production(deployed)
    eventually(lambda: problems(live) == [])
    dynamodb = deployed.aws.client("dynamodb")
    restored = {key: f"{name}-restored" for key, name in asdict(live.settings.tables).items()}
    for key, name in restored.items():
        dynamodb.restore_table_to_point_in_time(
            SourceTableName=getattr(live.settings.tables, key),
            TargetTableName=name,
            UseLatestRestorableTime=True,
        )
    settings = replace(live.settings, tables=replace(live.settings.tables, **restored))
    copy = replace(live, gateway=build(settings, production_externals(settings)))
    assert problems(copy) == []
    (row,) = copy.scan(MerchantRow)
    assert row in [*live.scan(MerchantRow)]
    payments = [*copy.scan(PaymentRow)]
    assert len(payments) == len([*live.scan(PaymentRow)]) > 0
    deleted, *_others = payments
    dynamodb.delete_item(TableName=restored["payments"], Key={"id": deleted["id"]})
    assert problems(copy)
    for name in restored.values():
        dynamodb.delete_table(TableName=name)


def problems(deployment: Deployment) -> list[Finding]:
    """The findings of the doctor, except that the acquirer is simulated."""
    found = examine(deployment, settle_s=0, counter=RowCounter(io.StringIO()), acquirer_checks=0)
    return [finding for finding in found if finding.kind is not Kind.SIMULATED]

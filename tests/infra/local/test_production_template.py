"""The template of a production stage, with all options, on the embedded AWS: it deploys and serves payments.

The emulator ignores the encryption of tables and point-in-time recovery; test_tables.py and
test_encryption.py check them in the template.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from chalicelib.store.merchants import MerchantRow, MerchantStore
from infra.aws import Aws
from infra.deploy.packaging import Package, package
from infra.deploy.stack import Stack
from infra.local.emulator import MiniStack
from infra.local.ports import Ports
from infra.stage import Stage
from infra.template import encryption
from infra.template.lambdas import API_STAGE
from tests.e2e.api import TIMEOUT_S, UPI, eventually
from tests.stack import create_merchant

pytestmark = pytest.mark.e2e

OPTIONS = {"KMS_KEY": "create", "BUDGET_USD": "100", "BUDGET_EMAIL": "ops@example.com"}
OUTCOME = {"PROCESSING_DELAY_MIN": "0", "PROCESSING_DELAY_MAX": "0", "UPI_SUCCESS_RATE": "1"}

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
def stage() -> Stage:
    return Stage.of("prod", OPTIONS | OUTCOME)


@pytest.fixture(scope="module")
def original(stage: Stage) -> Package:
    return package(stage, dependencies=False)


@pytest.fixture(scope="module")
def ministack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MiniStack]:
    ministack = MiniStack(port=Ports.free().aws, state_dir=tmp_path_factory.mktemp("aws"), persist=False)
    ministack.start()
    try:
        yield ministack
    finally:
        ministack.stop()


@pytest.fixture(scope="module")
def deployed(
    stage: Stage, original: Package, ministack: MiniStack, tmp_path_factory: pytest.TempPathFactory
) -> Deployed:
    reduced = without_resources(original, tmp_path_factory.mktemp("package"))
    aws = Aws(ministack.endpoint_url)
    outputs = Stack(stage, aws).deploy(reduced)
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


def test_only_the_listed_types_are_left_out(stage: Stage, original: Package, ministack: MiniStack):
    """The emulator rejects a template with other types before it creates a resource."""
    with pytest.raises(ClientError) as rejected:
        Stack(stage, Aws(ministack.endpoint_url)).deploy(original)
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

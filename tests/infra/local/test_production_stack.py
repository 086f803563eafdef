"""The template of a production stage, with CloudFront and its web ACL, deploys to the embedded AWS."""

from collections.abc import Iterator

import pytest

from infra.aws import Aws
from infra.deploy.packaging import package
from infra.deploy.page_inventory import publish
from infra.deploy.stack import Stack
from infra.local.emulator import MiniStack
from infra.local.ports import Ports
from infra.sites import Addresses
from infra.stage import Stage
from tests.infra.page_server import page_server

pytestmark = pytest.mark.e2e
# The embedded AWS has no CodeDeploy.
STAGE = Stage.of("prod", {"SITES": "cloudfront", "WAF": "on", "DEPLOYMENT": "all-at-once"})
WATCH = f"{STAGE.stack_name}-page-watch"


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    emulator = MiniStack(port=Ports.free().aws, state_dir=tmp_path_factory.mktemp("aws"), persist=False)
    emulator.start()
    yield Aws(emulator.endpoint_url)
    emulator.stop()


@pytest.fixture(scope="module")
def outputs(aws: Aws) -> dict[str, str]:
    return Stack(STAGE, aws).deploy(package(STAGE, dependencies=False))


def test_both_sites_have_a_distribution_and_its_address(outputs: dict[str, str]):
    addresses = Addresses.on_aws(outputs)
    domains = {name: outputs[f"{name.capitalize()}DistributionDomain"] for name in ("checkout", "dashboard")}
    assert addresses.site_urls == {name: f"https://{domain}" for name, domain in domains.items()}
    assert len(set(domains.values())) == 2


def test_the_watching_function_runs_with_its_role(aws: Aws, outputs: dict[str, str]):
    lambda_ = aws.client("lambda")
    variables = lambda_.get_function_configuration(FunctionName=WATCH)["Environment"]["Variables"]
    assert variables["PAGE_URL"] == Addresses.on_aws(outputs).checkout_url
    with page_server() as server:
        publish(server.inventory, STAGE, aws)
        changed = {"Variables": variables | {"PAGE_URL": server.url}}
        lambda_.update_function_configuration(FunctionName=WATCH, Environment=changed)
        response = lambda_.invoke(FunctionName=WATCH)
        assert response.get("FunctionError") is None, response["Payload"].read()
        assert len(server.requests) == len(server.inventory.scripts) + len(server.inventory.pages)

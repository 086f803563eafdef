"""The inventory of the payment page, and the function that checks the page in production."""

import json
from typing import Any

import pytest

from infra.deploy.page_inventory import _purpose, page_inventory
from infra.deploy.site_objects import site_objects
from infra.errors import InfraError
from infra.project import ROOT
from infra.sites import CHECKOUT, Addresses, integrity
from infra.stage import Stage
from infra.template import build_template, page_watch

ADDRESSES = Addresses(api_url="https://api.example", checkout_url="https://pay.example")


def watch_resources() -> dict[str, Any]:
    return page_watch.resources(Stage("prod"))


def test_every_script_at_the_address_of_the_page_has_an_entry_with_reasons():
    inventory = page_inventory(ADDRESSES, {})
    keys = {each.key for each in site_objects(CHECKOUT, ADDRESSES) if "javascript" in each.content_type}
    assert {script.path for script in inventory.scripts} == {f"/{key}" for key in keys}
    files = {source.file for script in inventory.scripts for source in script.sources}
    assert files >= {f"page/{path.name}" for path in (CHECKOUT.folder / "page").glob("*.js")}
    assert all(len(source.purpose) > 20 for script in inventory.scripts for source in script.sources)


def test_the_inventory_can_be_read_by_people_and_programs():
    inventory = page_inventory(ADDRESSES, {"X-Header": "value"})
    parsed, text = json.loads(inventory.as_json()), inventory.as_markdown()
    assert [each["path"] for each in parsed["scripts"]] == [each.path for each in inventory.scripts]
    sdk = integrity((CHECKOUT.folder / "checkout.js").read_bytes())
    assert {each["integrity"] for each in parsed["scripts"] if each["path"] == "/checkout.js"} == {sdk}
    for script in inventory.scripts:
        assert f"| `{script.path}` | `{script.integrity}` | `{script.sha256}` |" in text
    assert "- `X-Header: value`" in text


def test_a_script_without_a_justification_is_not_deployed():
    assert _purpose("page/x.js", "/**\n * Does one\n * thing.\n */\nlet x;") == "Does one thing."
    assert _purpose("page/x.js", "// Does one\n// thing.\nlet x;") == "Does one thing."
    with pytest.raises(InfraError, match=r"sdk/page/x\.js is a script of the payment page"):
        _purpose("page/x.js", "let x; // Does one thing.")


def test_the_page_is_checked_every_hour_in_production_only():
    resources = watch_resources()
    schedule = resources["PageWatchSchedule"]["Properties"]
    assert schedule["ScheduleExpression"] == "rate(1 hour)"
    assert schedule["Targets"] == [{"Id": "function", "Arn": {"Fn::GetAtt": ["PageWatch", "Arn"]}}]
    permission = resources["PageWatchPermission"]["Properties"]
    assert permission["SourceArn"] == {"Fn::GetAtt": ["PageWatchSchedule", "Arn"]}
    for stage in ("dev", "local"):
        assert not set(resources) & set(build_template(Stage(stage))["Resources"])


def test_an_error_or_a_missing_run_raises_an_alarm():
    resources = watch_resources()
    alarm = resources["PaymentPageAlarm"]["Properties"]
    assert alarm["Dimensions"] == [{"Name": "FunctionName", "Value": {"Ref": "PageWatch"}}]
    assert (alarm["MetricName"], alarm["Threshold"], alarm["TreatMissingData"]) == ("Errors", 0, "breaching")
    assert alarm["Period"] > 3600  # a run each hour: every period contains one
    assert resources["PageWatchRetries"]["Properties"]["MaximumRetryAttempts"] == 0


def test_the_function_can_read_its_inventory_and_nothing_else():
    (policy,) = watch_resources()["PageWatchRole"]["Properties"]["Policies"]
    statements = {
        each["Resource"]["Fn::Sub"].partition("${AWS::AccountId}:")[2]: each["Action"]
        for each in policy["PolicyDocument"]["Statement"]
    }
    assert statements == {
        "parameter/${AWS::StackName}/page-inventory": ["ssm:GetParameter"],
        "log-group:/aws/lambda/${AWS::StackName}-page-watch:*": ["logs:CreateLogStream", "logs:PutLogEvents"],
    }


def test_the_function_contains_the_file_that_the_command_uses_and_no_code_of_the_gateway():
    code = watch_resources()["PageWatch"]["Properties"]["Code"]["ZipFile"]
    assert code == (ROOT / "infra" / "page_check.py").read_text()
    assert "infra." not in code
    assert "chalicelib" not in code


@pytest.mark.parametrize(
    ("variables", "url"),
    [
        ({}, "https://${CheckoutDistribution.DomainName}"),
        ({"SITES": "bucket"}, "https://${CheckoutBucket.RegionalDomainName}"),
    ],
)
def test_the_function_checks_the_address_that_shops_use(variables: dict[str, str], url: str):
    resources = page_watch.resources(Stage.of("prod", variables))
    environment = resources["PageWatch"]["Properties"]["Environment"]["Variables"]
    assert environment["PAGE_URL"] == {"Fn::Sub": url}

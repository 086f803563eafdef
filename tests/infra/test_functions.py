"""The functions, their event sources and their environment."""

import json
import re
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from chalicelib.domain.webhook_log import WebhookLog, WebhookStatus
from chalicelib.settings import TableNames, load_settings
from chalicelib.store.lists import Lists
from chalicelib.store.webhook_logs import WebhookLogRow, WebhookLogStore
from chalicelib.streams.effects import RowChange, effects_of
from infra.template.functions import WEBHOOK_LOG_PATTERNS
from infra.template.lambdas import LAMBDAS
from tests.domain import examples
from tests.filters import matches


@pytest.fixture
def functions(of_type):
    return of_type("AWS::Serverless::Function")


@pytest.fixture
def sources(functions):
    return {name: source for each in functions.values() for name, source in each.get("Events", {}).items()}


def test_the_template_contains_all_functions(functions):
    assert set(functions) == set(LAMBDAS)


def test_every_queue_has_one_consumer_and_every_stream_is_read(functions, of_type):
    def read_by(name: str, kind: str) -> list[str]:
        sources = functions[name].get("Events", {}).values()
        return [
            source["Properties"][kind]["Fn::GetAtt"][0] for source in sources if kind in source["Properties"]
        ]

    assert {name: read_by(name, "Queue") for name in functions if read_by(name, "Queue")} == {
        "PaymentWorker": ["PaymentsQueue"],
        "RefundWorker": ["RefundsQueue"],
        "WebhookWorker": ["WebhooksQueue"],
        "SlowWebhookWorker": ["SlowWebhooksQueue"],
    }
    streams = {name: read_by(name, "Stream") for name in functions if read_by(name, "Stream")}
    assert streams == {"Relay": ["PaymentsTable", "WebhookLogsTable"], "Recorder": ["PaymentsTable"]}
    assert set(streams["Relay"]) == {
        id_ for id_, table in of_type("AWS::DynamoDB::Table").items() if "StreamSpecification" in table
    }


def test_every_source_reports_failures_per_record(sources):
    for source in sources.values():
        assert source["Properties"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_every_source_is_a_queue_or_stream_of_this_stack(sources, resources):
    for source in sources.values():
        where = source["Properties"].get("Queue") or source["Properties"]["Stream"]
        assert list(where) == ["Fn::GetAtt"]
        assert where["Fn::GetAtt"][0] in resources


@pytest.mark.parametrize("reader", ["Relay", "Recorder"])
def test_a_stream_is_read_again_until_its_records_expire(functions, reader: str):
    """Lambda then reports the loss to the dead-letter queue of the function, which has an alarm."""
    for source in functions[reader]["Events"].values():
        properties = source["Properties"]
        assert properties["BisectBatchOnFunctionError"] is True
        assert properties["MaximumRetryAttempts"] == -1
        assert properties["MaximumRecordAgeInSeconds"] == -1
        assert properties["StartingPosition"] == "TRIM_HORIZON"
        assert properties["DestinationConfig"]["OnFailure"]["Destination"] == {
            "Fn::GetAtt": [f"{reader}DeadLettersQueue", "Arn"]
        }


def test_the_relay_does_not_wait_for_batches_and_the_recorder_waits_a_few_seconds(functions):
    windows = {
        name: {
            source["Properties"]["MaximumBatchingWindowInSeconds"] for source in function["Events"].values()
        }
        for name, function in functions.items()
        if name in {"Relay", "Recorder"}
    }
    assert windows == {"Relay": {0}, "Recorder": {2}}


def test_the_readers_are_invoked_only_for_changes_with_effects(functions):
    """Rows are deleted by TTL only, which has no effects."""

    def patterns(source: dict[str, Any]) -> Any:
        return [json.loads(one["Pattern"]) for one in source["Properties"]["FilterCriteria"]["Filters"]]

    relay, recorder = (functions[reader]["Events"] for reader in ("Relay", "Recorder"))
    assert patterns(relay["RelayDynamodbEventSource"]) == [{"eventName": ["INSERT", "MODIFY"]}]
    assert patterns(relay["RelayWebhookLogsEventSource"]) == WEBHOOK_LOG_PATTERNS
    assert patterns(recorder["RecorderDynamodbEventSource"]) == [{"eventName": ["INSERT", "MODIFY"]}]
    assert len(WEBHOOK_LOG_PATTERNS) <= 5  # the limit of Lambda


def log_images() -> list[WebhookLog]:
    """A log in all states that decide whether it has a job."""
    log = examples.webhook_log()
    return [
        replace(log, status=status, attempts=attempts, round=round_, leased_until=leased_until)
        for status in WebhookStatus
        for attempts in range(3)
        for round_ in range(3)
        for leased_until in (None, log.created_at)
    ]


def test_lambda_passes_every_change_of_a_log_that_has_a_job_to_the_relay():
    tables = TableNames.with_prefix("")
    unused: Any = None
    store = WebhookLogStore(WebhookLogRow, unused, unused, Lists(1))
    images = [(log, store.creation(log).row.serialize()) for log in log_images()]
    passed = dropped = 0
    for (before, old), (after, new) in product([(None, None), *images], images):
        is_reset = before is not None and (after.attempts, after.round) == (0, 0) < (
            before.attempts,
            before.round,
        )
        if is_reset:  # attempts begin at 0 again only in a later round
            continue
        change = RowChange(id="1", table=tables.webhook_logs, before=old, after=new)
        record = {"eventName": "MODIFY" if old else "INSERT", "dynamodb": {"NewImage": new}}
        if effects_of(change, tables).webhook:
            assert matches(record, WEBHOOK_LOG_PATTERNS), (before, after)
            passed += 1
        else:
            dropped += not matches(record, WEBHOOK_LOG_PATTERNS)
    assert passed
    assert dropped


def test_the_api_times_out_before_api_gateway(functions):
    assert functions["APIHandler"]["Timeout"] < 29


def test_every_function_has_a_log_retention(functions, of_type):
    groups = of_type("AWS::Logs::LogGroup")
    for function in functions.values():
        group = groups[function["LoggingConfig"]["LogGroup"]["Ref"]]
        assert group["RetentionInDays"] == 30
        assert group["LogGroupName"]["Fn::Sub"] == "/aws/lambda/" + function["FunctionName"]["Fn::Sub"]


def test_every_function_gets_every_table_and_queue(functions, of_type):
    for function in functions.values():
        variables = function["Environment"]["Variables"]
        prefix = variables["TABLE_PREFIX"]["Fn::Sub"]
        tables = set(vars(TableNames.with_prefix(prefix)).values())
        assert {t["TableName"]["Fn::Sub"] for t in of_type("AWS::DynamoDB::Table").values()} == tables
        refs = {value.get("Ref") for value in variables.values() if isinstance(value, dict)}
        assert refs >= set(of_type("AWS::SQS::Queue"))


def test_every_function_has_all_settings(functions):
    for function in functions.values():
        variables = function["Environment"]["Variables"]
        assert load_settings({name: resolved(value) for name, value in variables.items()}).is_production


def resolved(value: Any) -> str:
    """The value of a variable with some text for each reference."""
    return re.sub(r"\$\{.+?\}", "x", value["Fn::Sub"]) if "Fn::Sub" in value else str(value)


def test_production_allows_no_private_addresses(functions):
    for function in functions.values():
        assert "WEBHOOK_ALLOW_PRIVATE_ADDRESSES" not in function["Environment"]["Variables"]


def test_no_queue_can_use_the_complete_concurrency_of_the_account(sources):
    for source in sources.values():
        limit = source["Properties"].get("ScalingConfig")
        assert limit == ({"MaximumConcurrency": 50} if source["Type"] == "SQS" else None)


def test_production_reserves_concurrency_for_the_api_and_the_relay(functions):
    """Not for the recorder: a lack of concurrency only delays events and statistics."""
    reserved = {name: function.get("ReservedConcurrentExecutions") for name, function in functions.items()}
    assert reserved == dict.fromkeys(functions) | {"Relay": 100, "APIHandler": 200}
    assert sum(filter(None, reserved.values())) + 3 * 50 <= 900, "the maximum that can be reserved, of 1,000"

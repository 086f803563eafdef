"""The tables: generated from the models, and protected from mistakes."""

from typing import Any

import pytest

from chalicelib.store.lists import BY_MERCHANT, NARROW_INDEXES
from chalicelib.store.tables import TABLES
from infra.stage import Stage
from infra.template import tables


@pytest.fixture
def made(of_type):
    return of_type("AWS::DynamoDB::Table")


def keys_of_indexes(table: dict[str, Any]) -> dict[str, list[str]]:
    return {
        index["IndexName"]: [key["AttributeName"] for key in index["KeySchema"]]
        for index in table.get("GlobalSecondaryIndexes", ())
    }


def test_every_table_is_on_demand_and_can_be_restored(made):
    assert set(made) == {tables.table_id(row.Meta.table_name) for row in TABLES}
    for table in made.values():
        assert table["BillingMode"] == "PAY_PER_REQUEST"
        assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
        assert table["SSESpecification"] == {"SSEEnabled": True}


def test_keys_and_their_types_match_the_models(made):
    logs = made["WebhookLogsTable"]
    assert logs["KeySchema"] == [{"AttributeName": "id", "KeyType": "HASH"}]
    assert keys_of_indexes(logs) == {
        "by_merchant": ["list_key", "sort_key"],
        "by_payment": ["payment_id", "sort_key"],
    }
    attributes = {each["AttributeName"] for each in logs["AttributeDefinitions"]}
    assert attributes == {"id", "list_key", "sort_key", "payment_id"}


def test_the_tables_that_the_relay_reads_have_streams_of_both_images(made):
    streams = {
        id_: table["StreamSpecification"] for id_, table in made.items() if "StreamSpecification" in table
    }
    both = {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert streams == dict.fromkeys(("PaymentsTable", "WebhookLogsTable"), both)


def test_expired_rows_are_deleted_by_dynamodb(made):
    expiring = {
        id_: table["TimeToLiveSpecification"]
        for id_, table in made.items()
        if "TimeToLiveSpecification" in table
    }
    on = {"AttributeName": "expires_at", "Enabled": True}
    assert expiring == dict.fromkeys(
        (
            "ApiRequestsTable",
            "EventsTable",
            "IdempotencyKeysTable",
            "SessionsTable",
            "SimulatedChargesTable",
            "StatsTable",
            "WebhookHealthTable",
            "WebhookAttemptsTable",
            "WebhookLogsTable",
        ),
        on,
    )


def test_every_list_is_an_index_of_a_merchants_rows_by_time(made):
    lists = {
        id_: indexes[BY_MERCHANT]
        for id_, table in made.items()
        if BY_MERCHANT in (indexes := keys_of_indexes(table))
    }
    assert lists.pop("EventsTable") == ["merchant_id", "feed_key"]
    assert set(lists) == {
        "ApiRequestsTable",
        "OrdersTable",
        "PaymentsTable",
        "RefundsTable",
        "WebhookLogsTable",
    }
    assert all(keys == ["list_key", "sort_key"] for keys in lists.values())


@pytest.mark.parametrize(("attribute", "index"), NARROW_INDEXES.items())
def test_a_filter_by_id_has_an_index_by_time(made, attribute: str, index: str):
    keys = [indexes[index] for table in made.values() if index in (indexes := keys_of_indexes(table))]
    assert keys
    assert all(each == [attribute, "sort_key"] for each in keys)


def test_no_index_contains_secrets_or_payment_tokens(made):
    for id_ in ("PaymentsTable", "WebhookLogsTable"):
        for index in made[id_]["GlobalSecondaryIndexes"]:
            assert index["Projection"]["ProjectionType"] == "INCLUDE"
            assert not {"token", "body", "history"} & set(index["Projection"]["NonKeyAttributes"])


def test_production_tables_survive_their_stack_but_not_a_failed_creation(resources):
    """Deletion protection is enabled after the first success, because it would prevent the rollback."""
    for resource in resources.values():
        if resource["Type"] == "AWS::DynamoDB::Table":
            assert resource["DeletionPolicy"] == "RetainExceptOnCreate"
            assert resource["UpdateReplacePolicy"] == "Retain"
            assert "DeletionProtectionEnabled" not in resource["Properties"]


def test_no_retained_resource_blocks_the_next_deployment(resources):
    kept = {id_ for id_, each in resources.items() if each.get("DeletionPolicy") == "Retain"}
    # The account's setting for access logs and its role have generated names.
    assert kept == {"ApiGatewayAccount", "ApiGatewayLogRole"}


def test_other_stages_can_be_deleted_completely():
    for table in tables.resources(Stage("dev")).values():
        assert table["DeletionPolicy"] == "Delete"
        assert table["UpdateReplacePolicy"] == "Delete"


def test_physical_names_match_the_template(made):
    names = [
        table["TableName"]["Fn::Sub"].replace("${AWS::StackName}", "payment-gateway-prod")
        for table in made.values()
    ]
    assert sorted(names) == sorted(tables.physical_names(Stage("prod")))

"""The tables: made from the models, and safe from mistakes."""

import pytest

from infra.stage import Stage
from infra.template import tables


@pytest.fixture
def made(of_type):
    return of_type("AWS::DynamoDB::Table")


def test_every_table_costs_nothing_idle_and_can_be_restored(made):
    assert len(made) == 5
    for table in made.values():
        assert table["BillingMode"] == "PAY_PER_REQUEST"
        assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
        assert table["SSESpecification"] == {"SSEEnabled": True}


def test_keys_and_their_types_are_the_models(made):
    logs = made["WebhookLogsTable"]
    assert logs["KeySchema"] == [{"AttributeName": "id", "KeyType": "HASH"}]
    (index,) = logs["GlobalSecondaryIndexes"]
    assert index["IndexName"] == "by_merchant"
    assert [key["AttributeName"] for key in index["KeySchema"]] == ["list_key", "sort_key"]
    assert {each["AttributeName"] for each in logs["AttributeDefinitions"]} == {"id", "list_key", "sort_key"}


def test_the_tables_that_the_relay_reads_have_streams_of_both_images(made):
    streams = {
        id_: table["StreamSpecification"] for id_, table in made.items() if "StreamSpecification" in table
    }
    both = {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert streams == {"PaymentsTable": both, "WebhookLogsTable": both}


def test_what_expires_is_deleted_by_dynamodb(made):
    expiring = {
        id_: table["TimeToLiveSpecification"]
        for id_, table in made.items()
        if "TimeToLiveSpecification" in table
    }
    on = {"AttributeName": "expires_at", "Enabled": True}
    assert expiring == {"IdempotencyKeysTable": on, "WebhookLogsTable": on}


def test_production_tables_survive_their_stack(resources):
    for resource in resources.values():
        if resource["Type"] == "AWS::DynamoDB::Table":
            assert resource["DeletionPolicy"] == "Retain"
            assert resource["Properties"]["DeletionProtectionEnabled"] is True


def test_other_stages_can_be_deleted_whole():
    for table in tables.resources(Stage("dev")).values():
        assert table["DeletionPolicy"] == "Delete"
        assert table["Properties"]["DeletionProtectionEnabled"] is False

"""The roles: each grants only the permissions that its function needs."""

import pytest

from infra.template.lambdas import LAMBDAS


@pytest.fixture
def statements(of_type):
    """Every statement with its role."""
    return [
        (id_, statement)
        for id_, role in of_type("AWS::IAM::Role").items()
        for policy in role.get("Policies", [])  # the role of API Gateway has a policy of AWS
        for statement in policy["PolicyDocument"]["Statement"]
    ]


def test_every_function_has_a_separate_role(of_type):
    roles = {id_: each["Role"] for id_, each in of_type("AWS::Serverless::Function").items()}
    assert roles == {id_: {"Fn::GetAtt": [f"{id_}Role", "Arn"]} for id_ in LAMBDAS}


def test_no_action_is_a_wildcard(statements):
    assert not [action for _, statement in statements for action in statement["Action"] if "*" in action]


def test_every_resource_belongs_to_the_stack(statements, resources):
    for _, statement in statements:
        where = statement["Resource"]
        if "Fn::GetAtt" in where:
            assert where["Fn::GetAtt"][0] in resources
        else:
            own = ("${AWS::StackName}", "Table.Arn}/index/", "${AuditLogGroup}")
            assert [part for part in own if part in where["Fn::Sub"]]


def test_only_the_api_deletes_and_only_sessions_and_endpoints(statements):
    deleting = [
        (id_, each["Resource"]) for id_, each in statements if "dynamodb:DeleteItem" in each["Action"]
    ]
    tables = ["MerchantsTable", "SessionsTable"]
    assert deleting == [("APIHandlerRole", {"Fn::GetAtt": [table, "Arn"]}) for table in tables]


def test_no_role_may_scan_or_change_the_deployment(statements):
    actions = {action for _, statement in statements for action in statement["Action"]}
    assert not {"dynamodb:Scan", "dynamodb:DeleteTable"} & actions
    assert not [action for action in actions if action.startswith(("iam:", "s3:", "lambda:"))]


def test_the_api_of_production_sends_only_checks_of_payments_and_refunds(statements):
    queues = [
        each["Resource"]["Fn::GetAtt"][0]
        for id_, each in statements
        if id_ == "APIHandlerRole" and "sqs:SendMessage" in each["Action"]
    ]
    assert queues == ["PaymentsQueue", "RefundsQueue"]


def test_production_permits_nothing_of_the_test_clock_and_the_simulated_bank(statements):
    permitted = {
        (id_, action, each["Resource"]["Fn::GetAtt"][0])
        for id_, each in statements
        for action in each["Action"]
        if "Fn::GetAtt" in each["Resource"]
    }
    assert not [each for each in permitted if each[2] == "SimulatedChargesTable"]
    assert ("PaymentWorkerRole", "dynamodb:GetItem", "MerchantsTable") not in permitted
    assert ("PaymentWorkerRole", "dynamodb:UpdateItem", "StatsTable") not in permitted


def test_only_functions_that_call_acquirers_read_their_credentials(statements):
    readers = {
        id_
        for id_, each in statements
        if "ssm:GetParameter" in each["Action"] and "/acquirers/" in each["Resource"]["Fn::Sub"]
    }
    assert readers == {"APIHandlerRole", "PaymentWorkerRole", "RefundWorkerRole"}
    for id_ in readers:
        own = [each for role, each in statements if role == id_]
        (parameters,) = [each["Resource"] for each in own if "ssm:GetParameter" in each["Action"]]
        assert parameters["Fn::Sub"].endswith(":parameter/${AWS::StackName}/acquirers/*")


def test_only_the_relay_and_the_recorder_read_streams(statements):
    readers = {id_ for id_, statement in statements if "dynamodb:GetRecords" in statement["Action"]}
    assert readers == {"RelayRole", "RecorderRole"}

"""The stack: a failure is reported in one sentence."""

from dataclasses import dataclass, field

import pytest
from botocore.exceptions import ClientError, WaiterError

from infra.aws import Aws
from infra.deploy.stack import Stack
from infra.errors import InfraError
from infra.stage import Stage

NAME = "payment-gateway-dev"


def event(resource: str, status: str, reason: str | None = None) -> dict[str, str]:
    made = {"LogicalResourceId": resource, "ResourceStatus": status}
    return made | ({"ResourceStatusReason": reason} if reason else {})


@dataclass
class CloudFormation:
    """Responds like CloudFormation, newest events first."""

    status: str | None = None
    events: tuple[dict[str, str], ...] = ()

    def describe_stacks(self, **_request):
        if self.status is None:
            error = {"Code": "ValidationError", "Message": f"Stack with id {NAME} does not exist"}
            raise ClientError({"Error": error}, "DescribeStacks")
        return {"Stacks": [{"StackStatus": self.status, "Outputs": []}]}

    def get_paginator(self, _name):
        return self

    def paginate(self, **_request):
        return [{"StackEvents": list(self.events)}]

    def get_waiter(self, _name):
        return self

    def wait(self, **_request):
        raise WaiterError("x", "failed", {})


@dataclass(frozen=True)
class FakeAws(Aws):
    cloudformation: CloudFormation = field(default_factory=CloudFormation)

    def client(self, service):
        return self.cloudformation


def test_the_first_failure_is_reported_without_its_consequences():
    cloudformation = CloudFormation(
        "ROLLBACK_COMPLETE",
        (
            event(NAME, "ROLLBACK_IN_PROGRESS"),
            event("Relay", "CREATE_FAILED", "Resource creation cancelled"),
            event("PaymentsTable", "CREATE_FAILED", "the name is taken"),
            event("PaymentsTable", "CREATE_IN_PROGRESS"),
            event(NAME, "CREATE_IN_PROGRESS"),
            event("OrdersTable", "CREATE_FAILED", "of an earlier deployment"),
        ),
    )
    message = f"^CloudFormation could not change the stack {NAME}: PaymentsTable: the name is taken$"
    with pytest.raises(InfraError, match=message):
        Stack(Stage("dev"), FakeAws(cloudformation=cloudformation))._wait("stack_create_complete")


def test_a_missing_stack_is_reported():
    with pytest.raises(InfraError, match="does not exist"):
        Stack(Stage("dev"), FakeAws()).outputs()


def test_deleting_a_missing_stack_is_a_no_op():
    Stack(Stage("dev"), FakeAws()).delete()

"""Compares the deployed resources with the template of their stack."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from infra.aws import Aws
from infra.deploy.protection import is_protected
from infra.deploy.stack import Stack
from infra.errors import InfraError
from infra.operator.doctor.findings import Finding, Kind, Report
from infra.stage import Stage
from infra.template import tables

TIMEOUT_S = 600.0  # AWS needs one to three minutes for a stack of this size
_INTERVAL_S = 2.0
_LOCAL_INTERVAL_S = 0.1
_DRIFTED = ["MODIFIED", "DELETED"]
_MAX_VALUE_CHARS = 200


@dataclass(frozen=True, kw_only=True)
class Drift:
    """The drift of a stage's stack. CloudFormation compares only the properties that the template sets."""

    stage: Stage
    aws: Aws
    report: Report

    def check(self) -> str:
        """Report every drifted resource, and return a summary as a sentence. Raises InfraError."""
        status = self._detect()
        number = 0
        for resource in self._drifted():
            number += 1
            for message in _messages(resource):
                self._report(resource["LogicalResourceId"], message)
        if self.stage.is_production:
            self._check_protection()
        if status["DetectionStatus"] == "DETECTION_FAILED":
            return f"Some resources could not be compared: {status.get('DetectionStatusReason')}"
        return f"Resources that differ from the template: {number}."

    def _detect(self) -> dict[str, Any]:
        """Let CloudFormation compare the resources, and wait for the result."""
        client = self.aws.client("cloudformation")
        id_ = client.detect_stack_drift(StackName=self.stage.stack_name)["StackDriftDetectionId"]
        deadline = time.monotonic() + TIMEOUT_S
        while True:
            status: dict[str, Any] = client.describe_stack_drift_detection_status(StackDriftDetectionId=id_)
            if status["DetectionStatus"] != "DETECTION_IN_PROGRESS":
                return status
            if time.monotonic() > deadline:
                raise InfraError("CloudFormation is still comparing the resources. Try again later.")
            time.sleep(_LOCAL_INTERVAL_S if self.aws.endpoint_url else _INTERVAL_S)

    def _drifted(self) -> Iterator[dict[str, Any]]:
        query: dict[str, Any] = {
            "StackName": self.stage.stack_name,
            "StackResourceDriftStatusFilters": _DRIFTED,
        }
        client = self.aws.client("cloudformation")
        while True:
            page = client.describe_stack_resource_drifts(**query)
            yield from page["StackResourceDrifts"]
            if "NextToken" not in page:
                return
            query["NextToken"] = page["NextToken"]

    def _check_protection(self) -> None:
        """Report what is not protected from deletion. The protection is not in the template."""
        stack = Stack(self.stage, self.aws)
        if not stack.is_protected():
            self._report(stack.name, "the stack is not protected from deletion; deploy the stage again")
        dynamodb, outputs = self.aws.client("dynamodb"), stack.outputs()
        for id_ in tables.outputs():
            if not is_protected(dynamodb, outputs[id_]):
                self._report(id_, "the table is not protected from deletion; deploy the stage again")

    def _report(self, subject: str, message: str) -> None:
        self.report(Finding(kind=Kind.DRIFT, subject=subject, message=message))


def _messages(resource: dict[str, Any]) -> Iterator[str]:
    if resource["StackResourceDriftStatus"] == "DELETED":
        yield f"{resource['ResourceType']} {resource['PhysicalResourceId']} was deleted"
    for difference in resource.get("PropertyDifferences", []):
        expected, actual = (_shortened(difference.get(side)) for side in ("ExpectedValue", "ActualValue"))
        yield f"{difference['PropertyPath']} is {actual}, expected {expected}"


def _shortened(value: str | None) -> str:
    if value is None:
        return "not set"
    return value if len(value) <= _MAX_VALUE_CHARS else f"{value[:_MAX_VALUE_CHARS]}…"

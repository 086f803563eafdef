"""The CloudFormation stack of a stage: deploy, read outputs, delete."""

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError, WaiterError

from infra.aws import Aws
from infra.deploy.artefacts import Artefacts
from infra.deploy.change_set import ChangeSet, Review, accept
from infra.deploy.packaging import Package
from infra.deploy.protection import protect
from infra.errors import InfraError
from infra.sites import SITES
from infra.stage import Stage
from infra.template import tables
from infra.template.sites import is_retained

# A stack whose creation failed has no data, and CloudFormation supports only its deletion.
_CREATION_FAILED = frozenset({"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "REVIEW_IN_PROGRESS"})
_CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
_TIMEOUT_S = 3_600  # canary deployments, one after the other, and a new index
_LOCAL_INTERVAL_S = 0.2
_REVIEW_INTERVAL_S = 2.0
_AWS_INTERVAL_S = 5.0


@dataclass(frozen=True)
class Stack:
    """The stack of ``stage``."""

    stage: Stage
    aws: Aws

    @property
    def name(self) -> str:
        """The stack's name."""
        return self.stage.stack_name

    def deploy(self, package: Package, review: Review = accept) -> dict[str, str]:
        """Create or update the stack and return its outputs. Raises InfraError with the first failure.

        ``review`` gets the changes before any of them is made. If it raises, nothing changes.
        After a successful deployment, a production stage is protected from deletion.
        """
        request = {
            "StackName": self.name,
            "TemplateURL": Artefacts.of(self.aws, self.stage.options).upload(package),
            "Capabilities": _CAPABILITIES,
            "Tags": [{"Key": "stage", "Value": self.stage.name}],
        }
        status = self._status()
        if status in _CREATION_FAILED:
            self.delete()
            status = None
        elif status and status.endswith("_IN_PROGRESS"):
            raise InfraError(
                f"The stack {self.name} is being changed ({status}). Try again when the change is complete."
            )
        self._change(request, "CREATE" if status is None else "UPDATE", review)
        outputs = self.outputs()
        if self.stage.is_production:
            protect(self.name, (outputs[id_] for id_ in tables.outputs()), self.aws)
        return outputs

    def needs_creation(self) -> bool:
        """Whether a deployment creates the stack: it does not exist, or its creation failed."""
        status = self._status()
        return status is None or status in _CREATION_FAILED

    def outputs(self) -> dict[str, str]:
        """The outputs by name. Raises InfraError if the stack does not exist."""
        description = self._describe()
        if description is None:
            raise InfraError(f"The stack {self.name} does not exist. Deploy the stage first.")
        return {each["OutputKey"]: each["OutputValue"] for each in description.get("Outputs", [])}

    def is_protected(self) -> bool:
        """Whether the stack is protected from deletion."""
        return bool((self._describe() or {}).get("EnableTerminationProtection"))

    def delete(self) -> None:
        """Remove the stack's protection and delete it. No-op if it does not exist. Retained tables stay."""
        description = self._describe()
        if description is None:
            return
        if description.get("EnableTerminationProtection"):
            self._cloudformation.update_termination_protection(
                StackName=self.name, EnableTerminationProtection=False
            )
        self._empty_sites()
        self._cloudformation.delete_stack(StackName=self.name)
        self._wait("stack_delete_complete")

    @property
    def _cloudformation(self) -> Any:
        return self.aws.client("cloudformation")

    def _change(self, request: dict[str, Any], kind: str, review: Review) -> None:
        """Create a change set and execute it, unless ``review`` raises or nothing would change."""
        change_set = ChangeSet.create(
            self._cloudformation, request, kind=kind, interval_s=self._interval_s(_REVIEW_INTERVAL_S)
        )
        if change_set is None:
            return
        try:
            review(change_set.changes())
        except BaseException:  # also an interrupt during the prompt
            change_set.delete()
            if kind == "CREATE":
                self.delete()  # the empty stack of the change set
            raise
        change_set.execute()
        self._wait(f"stack_{kind.lower()}_complete")

    def _interval_s(self, on_aws: float) -> float:
        return _LOCAL_INTERVAL_S if self.aws.endpoint_url else on_aws

    def _wait(self, state: str) -> None:
        interval_s = self._interval_s(_AWS_INTERVAL_S)
        schedule = {"Delay": interval_s, "MaxAttempts": round(_TIMEOUT_S / interval_s)}
        try:
            self._cloudformation.get_waiter(state).wait(StackName=self.name, WaiterConfig=schedule)
        except WaiterError as error:
            if (self._status() or "").endswith("_IN_PROGRESS"):
                raise InfraError(
                    f"CloudFormation is still changing the stack {self.name} after "
                    f"{_TIMEOUT_S // 60} minutes. Run the command again when the change is complete."
                ) from error
            raise InfraError(
                f"CloudFormation could not change the stack {self.name}: {self._first_failure()}"
            ) from error

    def _describe(self) -> dict[str, Any] | None:
        try:
            stacks = self._cloudformation.describe_stacks(StackName=self.name)["Stacks"]
        except ClientError as error:
            if "does not exist" not in str(error):
                raise
            return None
        description: dict[str, Any] = stacks[0]
        return None if description["StackStatus"] == "DELETE_COMPLETE" else description

    def _status(self) -> str | None:
        description = self._describe()
        return description["StackStatus"] if description else None

    def _first_failure(self) -> str:
        """The first failure of the last operation; later failures usually follow from it."""
        failure = "CloudFormation reports no reason."
        pages = self._cloudformation.get_paginator("describe_stack_events").paginate(StackName=self.name)
        for event in (event for page in pages for event in page["StackEvents"]):  # newest first
            status, resource = event["ResourceStatus"], event["LogicalResourceId"]
            if status.endswith("_FAILED"):
                failure = f"{resource}: {event.get('ResourceStatusReason', status)}"
            if resource == self.name and status in {"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS"}:
                break
        return failure

    def _empty_sites(self) -> None:
        """Empty the sites' buckets that are deleted: CloudFormation cannot delete a bucket with objects."""
        outputs = self.outputs()
        deleted = [site for site in SITES if not is_retained(site, self.stage)]
        buckets = [outputs[site.bucket] for site in deleted if site.bucket in outputs]
        if not buckets:
            return
        s3 = self.aws.s3()
        for bucket in buckets:
            for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
                keys = [{"Key": each["Key"]} for each in page.get("Contents", [])]
                if keys:
                    s3.delete_objects(Bucket=bucket, Delete={"Objects": keys})

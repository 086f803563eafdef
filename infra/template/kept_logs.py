"""The log groups that are kept: the audit log, and the access log of the API.

Their names are generated, so that a group that was kept when its stage was destroyed does not prevent the
next deployment of the stage.
"""

from typing import Any

from infra.stage import Stage
from infra.template.names import output, ref

AUDIT_GROUP, ACCESS_GROUP = "AuditLogGroup", "AccessLogGroup"
AUDITED_FUNCTION = "APIHandler"
API_STREAM, OPERATOR_STREAM = "api", "operator"  # one for each kind of writer

AUDIT_RETENTION_DAYS = 400  # more than a year, so that a yearly review sees all events
ACCESS_RETENTION_DAYS = 90  # many requests; three months to investigate an incident


def resources(stage: Stage) -> dict[str, Any]:
    """The log groups, and the streams of the audit log. Local stages write audit events to other logs."""
    if stage.is_local:
        return {}
    streams = {
        f"{AUDIT_GROUP}{name.capitalize()}Stream": _kept(
            stage, "AWS::Logs::LogStream", {"LogGroupName": ref(AUDIT_GROUP), "LogStreamName": name}
        )
        for name in (API_STREAM, OPERATOR_STREAM)
    }
    return {
        AUDIT_GROUP: _kept(stage, "AWS::Logs::LogGroup", {"RetentionInDays": AUDIT_RETENTION_DAYS}),
        ACCESS_GROUP: _kept(stage, "AWS::Logs::LogGroup", {"RetentionInDays": ACCESS_RETENTION_DAYS}),
        **streams,
    }


def environment(stage: Stage) -> dict[str, Any]:
    """The environment variable of the function that writes audit events."""
    return {} if stage.is_local else {"AUDIT_LOG_GROUP": ref(AUDIT_GROUP)}


def permissions(stage: Stage, function_id: str) -> list[dict[str, Any]]:
    """The statements of a function's role: it can append to its stream, and neither read nor delete."""
    if stage.is_local or function_id != AUDITED_FUNCTION:
        return []
    group = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:${" + AUDIT_GROUP + "}"
    return [
        {
            "Effect": "Allow",
            "Action": ["logs:PutLogEvents"],
            "Resource": {"Fn::Sub": f"{group}:log-stream:{API_STREAM}"},
        }
    ]


def outputs(stage: Stage) -> dict[str, Any]:
    """The names of the log groups."""
    if stage.is_local:
        return {}
    return {
        AUDIT_GROUP: output(ref(AUDIT_GROUP), "The log group of audit events"),
        ACCESS_GROUP: output(ref(ACCESS_GROUP), "The log group of the API's requests"),
    }


def _kept(stage: Stage, kind: str, properties: dict[str, Any]) -> dict[str, Any]:
    """A resource that production stages keep when they are destroyed."""
    return {
        "Type": kind,
        "DeletionPolicy": "RetainExceptOnCreate" if stage.is_production else "Delete",
        "UpdateReplacePolicy": "Retain" if stage.is_production else "Delete",
        "Properties": properties,
    }

"""Tracing with AWS X-Ray, for a stage with TRACING=on. An HTTP API does not support it; its function does."""

from typing import Any

from infra.stage import Stage


def rest_api_properties(stage: Stage) -> dict[str, Any]:
    """Properties of the REST API."""
    return {"TracingEnabled": True} if stage.is_traced else {}


def permissions(stage: Stage) -> list[dict[str, Any]]:
    """The statements of a function's role. X-Ray has no resources to which these actions could be limited."""
    if not stage.is_traced:
        return []
    actions = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
    return [{"Effect": "Allow", "Action": actions, "Resource": "*"}]

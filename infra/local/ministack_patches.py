"""Workarounds for differences between MiniStack and AWS.

MiniStack also lacks static website hosting, which the local server provides.
"""

import json
from typing import Any

from infra.aws import Aws
from infra.deploy.packaging import Package
from infra.stage import Api
from infra.template.api import API_IDS, GATEWAY_RESPONSES, GatewayResponse, response_headers

_PREFLIGHT_STATUS = "200"
_SEND = "sqs:SendMessage"


def apply(package: Package, outputs: dict[str, str], aws: Aws) -> None:
    """Apply the properties of ``package`` that MiniStack's CloudFormation ignores."""
    resources = package.template()["Resources"]
    _enable_expiry(resources, outputs, aws.client("dynamodb"))
    _allow_batch_sends(aws.client("iam"))
    _enable_workers(aws.client("lambda"))
    if rest_api := resources.get(API_IDS[Api.REST]):
        _complete_rest_api(rest_api["Properties"], aws.client("apigateway"), outputs["RestAPIId"])
    else:
        cors = resources[API_IDS[Api.HTTP]]["Properties"]["CorsConfiguration"]
        # MiniStack's CloudFormation stores it under names that its API does not read.
        aws.client("apigatewayv2").update_api(ApiId=outputs["HttpAPIId"], CorsConfiguration=cors)


def _complete_rest_api(api: dict[str, Any], gateway: Any, api_id: str) -> None:
    _restore_preflight_headers(api["DefinitionBody"]["paths"], gateway, api_id)
    _restore_gateway_responses(gateway, api_id)
    gateway.create_deployment(restApiId=api_id, stageName=api["StageName"])


def _enable_workers(functions: Any) -> None:
    """Enable the event source mappings of queues, which earlier versions disabled before a stop."""
    for mapping in functions.list_event_source_mappings()["EventSourceMappings"]:
        if mapping.get("State") != "Enabled":
            functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)


def _enable_expiry(resources: dict[str, Any], outputs: dict[str, str], dynamodb: Any) -> None:
    """Set the tables' time to live: MiniStack's CloudFormation ignores TimeToLiveSpecification."""
    for id_, resource in resources.items():
        expiry = resource.get("Properties", {}).get("TimeToLiveSpecification")
        if expiry is None:
            continue
        table = outputs[id_]
        description = dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
        if description["TimeToLiveStatus"] == "DISABLED":
            dynamodb.update_time_to_live(TableName=table, TimeToLiveSpecification=expiry)


def _restore_preflight_headers(paths: dict[str, Any], gateway: Any, api_id: str) -> None:
    """Set the headers of CORS preflight responses: MiniStack's API import drops mock responses."""
    for page in gateway.get_paginator("get_resources").paginate(restApiId=api_id):
        for resource in page["items"]:
            preflight = paths.get(resource["path"], {}).get("options")
            if preflight is None:
                continue
            response = preflight["x-amazon-apigateway-integration"]["responses"]["default"]
            gateway.put_integration_response(
                restApiId=api_id,
                resourceId=resource["id"],
                httpMethod="OPTIONS",
                statusCode=_PREFLIGHT_STATUS,
                responseParameters=response["responseParameters"],
            )


def _restore_gateway_responses(gateway: Any, api_id: str) -> None:
    """Set the gateway responses, which the API import also drops. The next deployment activates them."""
    for kind, response in GATEWAY_RESPONSES.items():
        gateway.put_gateway_response(
            restApiId=api_id,
            responseType=kind,
            statusCode=str(response.status),
            responseParameters=_header_parameters(response),
            responseTemplates={"application/json": response.body("$context.requestId")},
        )


def _header_parameters(response: GatewayResponse) -> dict[str, str]:
    return {
        f"gatewayresponse.header.{name}": f"'{value}'" for name, value in response_headers(response).items()
    }


def _allow_batch_sends(iam: Any) -> None:
    """Grant SendMessageBatch with SendMessage. On AWS, SendMessage grants both."""
    for role in (each["RoleName"] for each in iam.list_roles()["Roles"]):
        for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
            if senders := [each for each in document["Statement"] if _SEND in each["Action"]]:
                batches = [{**each, "Action": [f"{_SEND}Batch"]} for each in senders]
                iam.put_role_policy(
                    RoleName=role,
                    PolicyName=f"{policy}-batches",
                    PolicyDocument=json.dumps({**document, "Statement": batches}),
                )

"""Where the embedded AWS does not do as AWS does, put right in this one place.

It does not serve static websites either: the local server does.
"""

import json
from typing import Any

from infra.aws import Aws
from infra.deploy.packaging import Package
from infra.template.api import GATEWAY_RESPONSES, GatewayResponse, response_headers

_PREFLIGHT_STATUS = "200"
_SEND = "sqs:SendMessage"


def apply(package: Package, outputs: dict[str, str], aws: Aws) -> None:
    """Do what CloudFormation of the embedded AWS has left out of ``package``."""
    resources = package.template()["Resources"]
    _switch_expiry_on(resources, outputs, aws.client("dynamodb"))
    gateway, api_id = aws.client("apigateway"), outputs["RestAPIId"]
    api = resources["RestAPI"]["Properties"]
    _answer_preflights(api["DefinitionBody"]["paths"], gateway, api_id)
    _restate_errors(gateway, api_id)
    _let_senders_send_batches(aws.client("iam"))
    _enable_workers(aws.client("lambda"))
    gateway.create_deployment(restApiId=api_id, stageName=api["StageName"])


def _enable_workers(functions: Any) -> None:
    """Enable the mappings of queues, which earlier versions disabled before a stop."""
    for mapping in functions.list_event_source_mappings()["EventSourceMappings"]:
        if mapping.get("State") != "Enabled":
            functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)


def _switch_expiry_on(resources: dict[str, Any], outputs: dict[str, str], dynamodb: Any) -> None:
    """TimeToLiveSpecification is ignored, so nothing would ever expire."""
    for id_, resource in resources.items():
        expiry = resource.get("Properties", {}).get("TimeToLiveSpecification")
        if expiry is None:
            continue
        table = outputs[id_]
        description = dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
        if description["TimeToLiveStatus"] == "DISABLED":
            dynamodb.update_time_to_live(TableName=table, TimeToLiveSpecification=expiry)


def _answer_preflights(paths: dict[str, Any], gateway: Any, api_id: str) -> None:
    """The import of an API drops the answers of its mocks, so that a CORS preflight gets no headers."""
    for page in gateway.get_paginator("get_resources").paginate(restApiId=api_id):
        for resource in page["items"]:
            preflight = paths.get(resource["path"], {}).get("options")
            if preflight is None:
                continue
            answer = preflight["x-amazon-apigateway-integration"]["responses"]["default"]
            gateway.put_integration_response(
                restApiId=api_id,
                resourceId=resource["id"],
                httpMethod="OPTIONS",
                statusCode=_PREFLIGHT_STATUS,
                responseParameters=answer["responseParameters"],
            )


def _restate_errors(gateway: Any, api_id: str) -> None:
    """The import of an API drops its gateway responses too; they count from the next deployment on."""
    for kind, answer in GATEWAY_RESPONSES.items():
        gateway.put_gateway_response(
            restApiId=api_id,
            responseType=kind,
            statusCode=str(answer.status),
            responseParameters=_header_parameters(answer),
            responseTemplates={"application/json": answer.body("$context.requestId")},
        )


def _header_parameters(answer: GatewayResponse) -> dict[str, str]:
    return {
        f"gatewayresponse.header.{name}": f"'{value}'" for name, value in response_headers(answer).items()
    }


def _let_senders_send_batches(iam: Any) -> None:
    """AWS lets whoever may send a message send several at once; here that is an action of its own."""
    for role in (each["RoleName"] for each in iam.list_roles()["Roles"]):
        for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
            if sending := [each for each in document["Statement"] if _SEND in each["Action"]]:
                batches = [{**each, "Action": [f"{_SEND}Batch"]} for each in sending]
                iam.put_role_policy(
                    RoleName=role,
                    PolicyName=f"{policy}-batches",
                    PolicyDocument=json.dumps({**document, "Statement": batches}),
                )

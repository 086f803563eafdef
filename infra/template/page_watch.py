"""The function that compares the live payment page with its inventory once an hour, and its alarm.

Production stages only. Its code is one file, separate from the gateway's, and its role can only read the
inventory.
"""

from pathlib import Path
from typing import Any

from infra import page_check
from infra.sites import CHECKOUT
from infra.stage import Stage
from infra.template import sites
from infra.template.names import arn, physical_name, ref
from infra.template.notifications import actions

NAME = "page-watch"
INTERVAL = "rate(1 hour)"
_ID = "PageWatch"
_PARAMETER = "page-inventory"
_HOUR_S = 3600

# Two downloads of the page, with the time between them.
TIMEOUT_S = 300
_MEMORY_MB = 256
_LOG_RETENTION_DAYS = 400  # longer than a year, which an assessor examines


def parameter_name(stage: Stage) -> str:
    """The name of the SSM parameter with the inventory."""
    return f"/{stage.stack_name}/{_PARAMETER}"


def resources(stage: Stage) -> dict[str, Any]:
    """The function, its schedule, role, log group and alarm. None outside production."""
    if not stage.is_production:
        return {}
    return {
        _ID: _function(stage),
        f"{_ID}Role": _role(),
        f"{_ID}LogGroup": {
            "Type": "AWS::Logs::LogGroup",
            "Properties": {"LogGroupName": _log_group(), "RetentionInDays": _LOG_RETENTION_DAYS},
        },
        f"{_ID}Schedule": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "ScheduleExpression": INTERVAL,
                "Targets": [{"Id": "function", "Arn": arn(_ID)}],
            },
        },
        f"{_ID}Permission": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "Action": "lambda:InvokeFunction",
                "FunctionName": ref(_ID),
                "Principal": "events.amazonaws.com",
                "SourceArn": arn(f"{_ID}Schedule"),
            },
        },
        f"{_ID}Retries": {
            "Type": "AWS::Lambda::EventInvokeConfig",
            "Properties": {"FunctionName": ref(_ID), "Qualifier": "$LATEST", "MaximumRetryAttempts": 0},
        },
        "PaymentPageAlarm": _alarm(stage),
    }


def _function(stage: Stage) -> dict[str, Any]:
    return {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "FunctionName": physical_name(NAME),
            "Description": "Compares the live payment page with its inventory",
            "Runtime": "python3.13",
            "Architectures": ["arm64"],
            "Handler": "index.handler",
            "Code": {"ZipFile": Path(page_check.__file__).read_text()},
            "Role": arn(f"{_ID}Role"),
            "Timeout": TIMEOUT_S,
            "MemorySize": _MEMORY_MB,
            "LoggingConfig": {"LogGroup": ref(f"{_ID}LogGroup")},
            "Environment": {
                "Variables": {
                    "PAGE_URL": {"Fn::Sub": sites.address(CHECKOUT, stage)},
                    "INVENTORY_PARAMETER": {"Fn::Sub": f"/${{AWS::StackName}}/{_PARAMETER}"},
                }
            },
        },
    }


def _log_group() -> dict[str, str]:
    return {"Fn::Sub": "/aws/lambda/${AWS::StackName}-" + NAME}


def _role() -> dict[str, Any]:
    account = "${AWS::Region}:${AWS::AccountId}"
    parameter = f"arn:${{AWS::Partition}}:ssm:{account}:parameter/${{AWS::StackName}}/{_PARAMETER}"
    logs = f"arn:${{AWS::Partition}}:logs:{account}:log-group:/aws/lambda/${{AWS::StackName}}-{NAME}:*"
    statements = [
        {"Effect": "Allow", "Action": ["ssm:GetParameter"], "Resource": {"Fn::Sub": parameter}},
        {
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": {"Fn::Sub": logs},
        },
    ]
    trusted = {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    policy = {"Version": "2012-10-17", "Statement": statements}
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trusted]},
            "Policies": [{"PolicyName": NAME, "PolicyDocument": policy}],
        },
    }


def _alarm(stage: Stage) -> dict[str, Any]:
    """Also raised if the function did not run. Two hours always contain a run."""
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmName": physical_name("payment-page"),
            "AlarmDescription": "The live payment page differs from its inventory, or was not checked",
            "Namespace": "AWS/Lambda",
            "MetricName": "Errors",
            "Dimensions": [{"Name": "FunctionName", "Value": ref(_ID)}],
            "Statistic": "Sum",
            "Period": 2 * _HOUR_S,
            "EvaluationPeriods": 1,
            "Threshold": 0,
            "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "breaching",
            **actions(stage),
        },
    }

"""The SNS topic of all alarms, and the subscription of the operator's address.

The topic is not encrypted with a key of AWS: CloudWatch cannot use it. Messages contain names and numbers of
alarms only.
"""

from typing import Any

from infra.stage import Stage
from infra.template.names import output, physical_name, ref

TOPIC = "AlarmTopic"


def resources(stage: Stage) -> dict[str, Any]:
    """The topic, and a subscription if ALARM_EMAIL is set. AWS sends a link that confirms it."""
    if stage.is_local:
        return {}
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": physical_name("alarms")}}
    if not (email := stage.alarm_email):
        return {TOPIC: topic}
    subscription = {
        "Type": "AWS::SNS::Subscription",
        "Properties": {"TopicArn": ref(TOPIC), "Protocol": "email", "Endpoint": email},
    }
    return {TOPIC: topic, "AlarmEmail": subscription}


def actions(stage: Stage) -> dict[str, Any]:
    """Properties of an alarm: it notifies the topic when it is raised, and when it is over."""
    return {} if stage.is_local else {"AlarmActions": [ref(TOPIC)], "OKActions": [ref(TOPIC)]}


def outputs(stage: Stage) -> dict[str, Any]:
    """The ARN of the topic."""
    return {} if stage.is_local else {TOPIC: output(ref(TOPIC), "The topic that all alarms notify")}

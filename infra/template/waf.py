"""The web ACL of the distributions (WAF=on): AWS's common rules, and rates per address on public routes."""

from typing import Any

from infra.edge import Edge
from infra.template.names import attribute

_ID = "WebAcl"
_WINDOW_S = 300
# Requests of one address in five minutes. A shared address of a company or a mobile network has many buyers.
RATES = {"/api/v1/payments/public": 300, "/api/v1/sessions": 100}


def resources(edge: Edge) -> dict[str, Any]:
    """The web ACL. None unless the stack creates one."""
    if not edge.creates_web_acl:
        return {}
    rules = [_rate(path, limit, priority) for priority, (path, limit) in enumerate(RATES.items())]
    return {
        _ID: {
            "Type": "AWS::WAFv2::WebACL",
            "Properties": {
                "Name": {"Fn::Sub": "${AWS::StackName}"},
                "Scope": "CLOUDFRONT",
                "DefaultAction": {"Allow": {}},
                "Rules": [*rules, _common_rules(len(rules))],
                "VisibilityConfig": _metric("all"),
            },
        }
    }


def association(edge: Edge) -> dict[str, Any]:
    """The property of a distribution that refers to its web ACL, if it has one."""
    if edge.creates_web_acl:
        return {"WebACLId": attribute(_ID, "Arn")}
    return {"WebACLId": edge.web_acl} if edge.web_acl else {}


def _metric(name: str) -> dict[str, Any]:
    # No samples: a sampled request contains the headers of a merchant.
    return {"CloudWatchMetricsEnabled": True, "MetricName": name, "SampledRequestsEnabled": False}


def _rate(path: str, limit: int, priority: int) -> dict[str, Any]:
    name = "rate" + path.replace("/", "-")
    on_path = {
        "ByteMatchStatement": {
            "SearchString": path,
            "FieldToMatch": {"UriPath": {}},
            "PositionalConstraint": "STARTS_WITH",
            # The API resolves encoded paths, too.
            "TextTransformations": [
                {"Priority": 0, "Type": "URL_DECODE"},
                {"Priority": 1, "Type": "NORMALIZE_PATH"},
            ],
        }
    }
    return {
        "Name": name,
        "Priority": priority,
        "Statement": {
            "RateBasedStatement": {
                "AggregateKeyType": "IP",
                "Limit": limit,
                "EvaluationWindowSec": _WINDOW_S,
                "ScopeDownStatement": on_path,
            }
        },
        "Action": {"Block": {"CustomResponse": {"ResponseCode": 429}}},
        "VisibilityConfig": _metric(name),
    }


def _common_rules(priority: int) -> dict[str, Any]:
    """AWS's common rules, except the limit of 8 KB for a body: the API accepts 64 KB and checks it itself."""
    body_size = {"Name": "SizeRestrictions_BODY", "ActionToUse": {"Count": {}}}
    return {
        "Name": "common",
        "Priority": priority,
        "Statement": {
            "ManagedRuleGroupStatement": {
                "VendorName": "AWS",
                "Name": "AWSManagedRulesCommonRuleSet",
                "RuleActionOverrides": [body_size],
            }
        },
        "OverrideAction": {"None": {}},
        "VisibilityConfig": _metric("common"),
    }

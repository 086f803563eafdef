"""The budget of the account, if BUDGET_USD is set."""

from typing import Any

from infra.stage import Stage
from infra.template.names import physical_name

# Of the budget, in percent: what was spent, and what AWS expects at the end of the month.
SPENT_PERCENT = 80
EXPECTED_PERCENT = 100


def resources(stage: Stage) -> dict[str, Any]:
    """A monthly budget for all costs of the account, with two notifications by email."""
    budget = stage.safeguards.budget
    if budget is None:
        return {}
    return {
        "Budget": {
            "Type": "AWS::Budgets::Budget",
            "Properties": {
                "Budget": {
                    "BudgetName": physical_name("monthly"),
                    "BudgetType": "COST",
                    "TimeUnit": "MONTHLY",
                    "BudgetLimit": {"Amount": budget.usd, "Unit": "USD"},
                },
                "NotificationsWithSubscribers": [
                    _notification("ACTUAL", SPENT_PERCENT, budget.email),
                    _notification("FORECASTED", EXPECTED_PERCENT, budget.email),
                ],
            },
        }
    }


def _notification(kind: str, percent: int, email: str) -> dict[str, Any]:
    return {
        "Notification": {
            "NotificationType": kind,
            "ComparisonOperator": "GREATER_THAN",
            "Threshold": percent,
            "ThresholdType": "PERCENTAGE",
        },
        "Subscribers": [{"SubscriptionType": "EMAIL", "Address": email}],
    }

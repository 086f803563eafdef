"""The budget of the account."""

import pytest

from infra.deploy.preflight import validate_settings
from infra.errors import InfraError
from infra.stage import Stage
from infra.template import build_template

BUDGET = {"BUDGET_USD": "250", "BUDGET_EMAIL": "ops@example.com"}


def test_a_budget_notifies_before_it_is_spent_and_when_it_is_expected_to_be():
    made = build_template(Stage.of("prod", BUDGET))["Resources"]["Budget"]["Properties"]
    assert made["Budget"]["BudgetLimit"] == {"Amount": 250, "Unit": "USD"}
    assert (made["Budget"]["BudgetType"], made["Budget"]["TimeUnit"]) == ("COST", "MONTHLY")
    notified = {
        (each["Notification"]["NotificationType"], each["Notification"]["Threshold"])
        for each in made["NotificationsWithSubscribers"]
    }
    assert notified == {("ACTUAL", 80), ("FORECASTED", 100)}
    for each in made["NotificationsWithSubscribers"]:
        assert each["Subscribers"] == [{"SubscriptionType": "EMAIL", "Address": "ops@example.com"}]


@pytest.mark.parametrize("stage", [Stage("prod"), Stage.of("local", BUDGET)])
def test_there_is_no_budget_by_default_and_in_local_stages(stage: Stage):
    assert "Budget" not in build_template(stage)["Resources"]


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"BUDGET_USD": ""}, "BUDGET_USD"),
        ({"BUDGET_USD": "0"}, "BUDGET_USD"),
        ({"BUDGET_USD": "12.50"}, "BUDGET_USD"),
        ({"BUDGET_USD": "99999999"}, "BUDGET_USD"),
        ({"BUDGET_EMAIL": ""}, "BUDGET_EMAIL"),
        ({"BUDGET_EMAIL": "ops"}, "BUDGET_EMAIL"),
    ],
)
def test_an_incomplete_or_invalid_budget_is_rejected(changed: dict[str, str], named: str):
    with pytest.raises(InfraError, match=f"^{named} must be "):
        validate_settings(Stage.of("prod", BUDGET | changed))

"""The bill of a million payments."""

import sys

import pytest

from infra.template.lambdas import LAMBDAS
from tests.cost.__main__ import main
from tests.cost.bill import FUNCTIONS, PRICES, Usage, dollars, idle_month
from tests.cost.journey import STEPS
from tests.cost.processor import efforts

USAGE = Usage(
    write_units=40,
    read_units=8,
    invocations=10,
    gb_s=0.3,
    api_requests=3,
    sqs_requests=3,
    fair_requests=6,
    log_bytes=4_000,
    internet_bytes=10_000,
)


def test_a_million_payments_cost_their_quantities_multiplied_by_the_prices():
    lines = {line.service: line.dollars for line in USAGE.lines("rest")}
    assert lines == {
        "DynamoDB writes": 25,  # 40 million units
        "DynamoDB reads": 1,
        "Lambda duration": pytest.approx(4.00002),  # 300,000 GB-seconds
        "Lambda requests": 2,
        "SQS": pytest.approx(1.2),
        "SQS, fair queues": 3,
        "API Gateway, REST": 10.5,
        "CloudWatch Logs": 2,  # 4 GB
        "data transfer": pytest.approx(0.9),
    }
    assert dollars(USAGE.lines("rest")) - dollars(USAGE.lines("http")) == pytest.approx(7.5)


def test_an_idle_month_costs_the_polls_of_four_queues_and_the_alarms():
    polls, alarms = idle_month()
    assert (polls.quantity, round(polls.dollars, 2)) == (4 * 648_000, 1.04)
    assert (alarms.quantity, round(alarms.dollars, 2)) == (33, 3.3)


def test_each_step_is_the_work_of_a_function_and_uses_its_processor():
    measured = efforts(rounds=1)
    assert set(measured) == set(STEPS) == set(FUNCTIONS)
    assert set(FUNCTIONS.values()) < set(LAMBDAS)
    assert all(one.cpu_ms > 0 for one in measured.values())
    assert sum(one.invocations for one in measured.values()) == 12
    assert measured["create order"].log_bytes > 0


def test_the_command_prints_a_bill(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setattr(sys, "argv", ["cost", "--rounds", "1"])
    assert main() == 0
    printed = capsys.readouterr().out
    assert f"Prices of {PRICES['date']}, us-east-1" in printed
    for text in ("create payment", "DynamoDB writes", "55 units", "API Gateway, REST", "goal 40", "goal 32"):
        assert text in printed
    assert "{" not in printed, "the log of the gateway is part of the output"

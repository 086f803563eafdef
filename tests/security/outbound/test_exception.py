"""The setting that allows webhooks to private addresses, which production rejects."""

import pytest

from chalicelib.bootstrap import production_externals
from chalicelib.settings import Settings, SettingsError, load_settings
from chalicelib.webhooks.http import HttpSender
from infra.stage import Stage
from infra.template import functions

SETTING = "WEBHOOK_ALLOW_PRIVATE_ADDRESSES"
QUEUES = ("PAYMENTS", "REFUNDS", "WEBHOOKS", "SLOW_WEBHOOKS")
NEEDED = (
    "TABLE_PREFIX",
    *(f"{name}_QUEUE_URL" for name in QUEUES),
    *(f"{name}_DEAD_LETTERS_QUEUE_URL" for name in (*QUEUES, "RELAY", "RECORDER")),
)


def settings(stage: str, **environment: str) -> Settings:
    return load_settings(dict.fromkeys(NEEDED, "any") | {"STAGE": stage} | environment)


def sender(made: Settings) -> HttpSender:
    posts = production_externals(made).sender()
    assert isinstance(posts, HttpSender)
    return posts


@pytest.mark.parametrize("stage", ["prod", "production", "live", "prod-eu", "staging"])
@pytest.mark.parametrize("value", ["true", "TRUE", "1", "yes", "on"])
def test_production_does_not_start_with_the_exception(stage: str, value: str):
    with pytest.raises(SettingsError, match=f"{SETTING} is refused in production"):
        settings(stage, **{SETTING: value})


@pytest.mark.parametrize("stage", ["prod", "production", "dev", "local"])
def test_no_stage_has_the_exception_by_default(stage: str):
    assert not sender(settings(stage)).allow_private
    assert not sender(settings(stage, **{SETTING: "false"})).allow_private


def test_the_setting_is_passed_to_the_sender():
    assert sender(settings("local", **{SETTING: "true"})).allow_private


def test_only_local_stages_have_the_setting():
    asking = {name for name in ("local", "demo", "dev", "staging", "prod") if SETTING in variables(name)}
    assert asking == {"local", "demo"}


@pytest.mark.parametrize("operators", ["true", "false"])
def test_the_operators_environment_does_not_change_the_setting(operators: str):
    assert SETTING not in variables("dev", **{SETTING: operators})


def variables(name: str, **environment: str) -> dict[str, object]:
    template = functions.resources(Stage.of(name, environment))
    made: dict[str, object] = template["WebhookWorker"]["Properties"]["Environment"]["Variables"]
    return made

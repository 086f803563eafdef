"""The settings file of a stage: without secrets, and overridden by the environment."""

import re
from pathlib import Path

import pytest

from infra.errors import InfraError
from infra.stage import SETTINGS, Rollout, Stage
from infra.stage_settings import FOLDER, load_stage_settings


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "prod.toml"


def test_the_settings_of_the_file_are_those_of_the_stage(file: Path):
    file.write_text(
        'API = "http"\nDEPLOYMENT = "all-at-once"\nARTEFACT_BUCKET = "ours"\nLIST_SHARDS = 4\n'
        "WORKER_CONCURRENCY = 20\nUPI_SUCCESS_RATE = 0.5\nWEBHOOK_RETRY_INTERVALS_TEST = false\n"
    )
    expected = {
        "API": "http",
        "DEPLOYMENT": "all-at-once",
        "ARTEFACT_BUCKET": "ours",
        "LIST_SHARDS": "4",
        "WORKER_CONCURRENCY": "20",
        "UPI_SUCCESS_RATE": "0.5",
        "WEBHOOK_RETRY_INTERVALS_TEST": "false",
    }
    assert Stage.of("prod", {}, file.parent) == Stage.of("prod", expected)


def test_the_environment_overrides_the_file_unless_a_variable_is_empty(file: Path):
    file.write_text('LIST_SHARDS = 4\nLOG_LEVEL = "DEBUG"\n')
    stage = Stage.of("prod", {"LIST_SHARDS": "8", "LOG_LEVEL": ""}, file.parent)
    assert stage.variables == {"LIST_SHARDS": "8", "LOG_LEVEL": "DEBUG"}


def test_a_stage_without_a_file_has_the_defaults(tmp_path: Path):
    assert Stage.of("prod", {}, tmp_path) == Stage("prod")


def test_the_file_of_another_stage_does_not_apply(file: Path):
    file.write_text("LIST_SHARDS = 4\n")
    assert Stage.of("prod-eu", {}, file.parent) == Stage("prod-eu")


@pytest.mark.parametrize("name", ["STRIPE_SECRET", "dashboard_password", "API_KEY", "GITHUB_TOKEN"])
def test_a_name_that_looks_like_a_secret_is_rejected_without_its_value(file: Path, name: str):
    file.write_text(f'{name} = "value-4711"\n')
    with pytest.raises(InfraError, match=f"{name} looks like a secret") as raised:
        Stage.of("prod", {}, file.parent)
    assert "4711" not in str(raised.value)


def test_an_unknown_name_is_rejected_and_the_error_lists_the_known_ones(file: Path):
    file.write_text("LIST_SHARD = 4\n")
    with pytest.raises(InfraError, match=r"LIST_SHARD is not a setting. .*LIST_SHARDS"):
        Stage.of("prod", {}, file.parent)


@pytest.mark.parametrize("value", ["[1]", "{ a = 1 }", "2026-03-14"])
def test_a_value_that_cannot_be_a_variable_is_rejected(file: Path, value: str):
    file.write_text(f"LIST_SHARDS = {value}\n")
    with pytest.raises(InfraError, match="LIST_SHARDS must be text, a number or a boolean"):
        Stage.of("prod", {}, file.parent)


@pytest.mark.parametrize("content", [b"LIST_SHARDS", b"LIST_SHARDS = 1\nLIST_SHARDS = 2", b"\xff"])
def test_a_file_that_is_not_toml_is_rejected(file: Path, content: bytes):
    file.write_bytes(content)
    with pytest.raises(InfraError, match=r"prod\.toml is not valid TOML"):
        Stage.of("prod", {}, file.parent)


def test_a_stage_name_cannot_leave_the_folder(file: Path):
    file.write_text("LIST_SHARDS = 4\n")
    with pytest.raises(InfraError, match="is invalid"):
        Stage.of("../prod", {}, file.parent)


def test_every_setting_in_the_example_is_accepted(file: Path):
    example = (FOLDER / "example.toml").read_text()
    settings = re.sub(r"^# (?=[A-Z_]+ = )", "", example, flags=re.MULTILINE)
    assert settings != example
    file.write_text(settings)
    chosen = load_stage_settings("prod", SETTINGS, file.parent)
    assert set(chosen) >= {"API", "DEPLOYMENT", "LIST_SHARDS", "WORKER_CONCURRENCY"}
    assert Stage.of("prod", {}, file.parent).capacity == Stage("prod").capacity


def test_production_deploys_by_canary_and_other_stages_all_at_once():
    stages = ("prod", "staging", "dev", "local")
    assert [Stage(name).rollout for name in stages] == [Rollout.CANARY] * 2 + [Rollout.ALL_AT_ONCE] * 2
    assert [Stage(name).has_aliases for name in stages] == [True, True, False, False]


def test_the_operator_chooses_the_deployment_except_for_a_local_stage():
    canary, at_once = {"DEPLOYMENT": "canary"}, {"DEPLOYMENT": "all-at-once"}
    assert Stage.of("prod", at_once).rollout is Rollout.ALL_AT_ONCE
    assert Stage.of("prod", at_once).has_aliases
    assert Stage.of("dev", canary).rollout is Rollout.CANARY
    assert Stage.of("local", canary).rollout is Rollout.ALL_AT_ONCE
    with pytest.raises(InfraError, match="DEPLOYMENT must be canary or all-at-once, not 'slow'"):
        Stage.of("prod", {"DEPLOYMENT": "slow"})

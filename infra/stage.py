"""A stage: one deployment of the gateway. One account can contain several stages."""

import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from chalicelib.domain.stage import is_local_stage, is_production_stage
from infra.capacity import CONCURRENCY_VARIABLES, Capacity
from infra.edge import EDGE_VARIABLES, Edge
from infra.errors import InfraError
from infra.project import NAME
from infra.safeguards import SAFEGUARD_VARIABLES, Safeguards
from infra.stage_settings import FOLDER, load_stage_settings

Choice = TypeVar("Choice", bound=StrEnum)

MAX_NAME_LENGTH = 20  # a function's name starts with the stack's name and has at most 64 characters

# Environment variables that a deployment passes to the functions. If absent, the settings' defaults apply.
PASSED_VARIABLES = (
    "API_URL",
    "LOG_LEVEL",
    "TEST_MODE",
    "TEST_PROCESSING_DELAY",
    "TEST_PAYMENT_SUCCESS",
    "WEBHOOK_RETRY_INTERVALS_TEST",
    "UPI_SUCCESS_RATE",
    "CARD_SUCCESS_RATE",
    "CARD_CHALLENGE_RATE",
    "PROCESSING_DELAY_MIN",
    "PROCESSING_DELAY_MAX",
    "LIST_SHARDS",
    "REQUEST_LOG_DAYS",
    "RATE_LIMIT_PER_S",
)

# Environment variables of the deployment itself, which the functions do not get.
OPTION_VARIABLES = (
    "ALARM_EMAIL",
    "API",
    "ARCHITECTURE",
    "ARTEFACT_BUCKET",
    "DEPLOYMENT",
    "SNAPSTART",
    "TRACING",
    *EDGE_VARIABLES,
    *SAFEGUARD_VARIABLES,
)

SETTINGS = (*PASSED_VARIABLES, *CONCURRENCY_VARIABLES, *OPTION_VARIABLES)


class Api(StrEnum):
    """The kind of API that API Gateway serves."""

    REST = "rest"
    HTTP = "http"


class Architecture(StrEnum):
    """The processors of the functions."""

    ARM = "arm64"
    X86 = "x86_64"

    @classmethod
    def of_this_machine(cls) -> "Architecture":
        """That of the machine which runs this process. X86 if it is neither."""
        return cls.ARM if platform.machine() in {"arm64", "aarch64"} else cls.X86


class Rollout(StrEnum):
    """How new versions of the functions receive traffic: 10% of it for five minutes, or all of it."""

    CANARY = "canary"
    ALL_AT_ONCE = "all-at-once"


@dataclass(frozen=True)
class Stage:
    """A stage's name, with the operator's values of PASSED_, CONCURRENCY_ and OPTION_VARIABLES."""

    name: str
    variables: Mapping[str, str] = field(default_factory=dict)
    concurrency: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.name) > MAX_NAME_LENGTH or not re.fullmatch(r"[a-z][a-z0-9-]*", self.name):
            raise InfraError(
                f"The stage name {self.name!r} is invalid: use 1 to {MAX_NAME_LENGTH} characters of a-z, "
                "0-9 and '-', starting with a letter."
            )

    @classmethod
    def of(cls, name: str, environment: Mapping[str, str], folder: Path | None = None) -> "Stage":
        """The stage with the settings of its file in ``folder``, if given, and of ``environment``.

        A variable that is neither absent nor empty overrides the file. Raises InfraError for an invalid file,
        and if API, ARCHITECTURE or DEPLOYMENT has an unknown value.
        """
        _ = cls(name)  # raises InfraError if the name is invalid, before it is part of a path
        settings = load_stage_settings(name, SETTINGS, folder) if folder else {}
        settings |= {key: environment[key] for key in SETTINGS if environment.get(key)}

        def chosen(names: tuple[str, ...]) -> dict[str, str]:
            return {key: settings[key] for key in names if settings.get(key)}

        stage = cls(name, chosen(PASSED_VARIABLES), chosen(CONCURRENCY_VARIABLES), chosen(OPTION_VARIABLES))
        _ = stage.api, stage.architecture, stage.rollout  # raise InfraError
        return stage

    @classmethod
    def configured(cls, name: str, environment: Mapping[str, str]) -> "Stage":
        """The stage with the settings of `infra/stages/<name>.toml` and of ``environment``."""
        return cls.of(name, environment, FOLDER)

    @property
    def api(self) -> Api:
        """The kind of API, REST by default."""
        return _choice("API", Api, self.options.get("API") or Api.REST)

    @property
    def architecture(self) -> Architecture:
        """The processors of the functions: ARM by default, because Lambda charges 20% less for it.

        The functions of a local stage run on this machine.
        """
        default = Architecture.of_this_machine() if self.is_local else Architecture.ARM
        return _choice("ARCHITECTURE", Architecture, self.options.get("ARCHITECTURE") or default)

    @property
    def rollout(self) -> Rollout:
        """How an update reaches traffic: canary in production by default, and never in a local stage."""
        default = Rollout.CANARY if self.is_production else Rollout.ALL_AT_ONCE
        chosen = _choice("DEPLOYMENT", Rollout, self.options.get("DEPLOYMENT") or default)
        return Rollout.ALL_AT_ONCE if self.is_local else chosen

    @property
    def has_aliases(self) -> bool:
        """Whether the functions have versions and an alias: in production, with any value of DEPLOYMENT."""
        return self.is_production or self.rollout is Rollout.CANARY

    @property
    def is_local(self) -> bool:
        """Whether the stage is for one machine, where webhooks can go to private addresses."""
        return is_local_stage(self.name)

    @property
    def is_production(self) -> bool:
        """Whether data is protected and test settings are rejected. True for every unlisted name."""
        return is_production_stage(self.name)

    @property
    def capacity(self) -> Capacity:
        """The concurrency limits. Raises InfraError that names an invalid variable."""
        return Capacity.of(self.concurrency, is_production=self.is_production)

    @property
    def safeguards(self) -> Safeguards:
        """The customer-managed key and the budget. Raises InfraError that names an invalid variable."""
        return Safeguards.of(self.options, is_local=self.is_local)

    @property
    def alarm_email(self) -> str | None:
        """The address that receives the alarms, None for none. Raises InfraError if it is not an address."""
        address = self.options.get("ALARM_EMAIL")
        if address and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", address):
            raise InfraError(f"ALARM_EMAIL must be an email address, not {address[:40]!r}.")
        return address

    @property
    def is_traced(self) -> bool:
        """Whether AWS X-Ray traces requests and jobs. Raises InfraError if TRACING is not on or off."""
        return self._is_on("TRACING") and not self.is_local

    @property
    def has_snapshots(self) -> bool:
        """Whether functions start from a snapshot. Raises InfraError for SNAPSTART without versions."""
        if not self._is_on("SNAPSTART") or self.is_local:
            return False
        if not self.has_aliases:
            raise InfraError(f"SNAPSTART=on needs published versions, which the stage {self.name!r} lacks.")
        return True

    @property
    def edge(self) -> Edge:
        """How the sites are served. Raises InfraError that names an invalid variable."""
        return Edge.of(self.options, is_local=self.is_local, is_production=self.is_production)

    @property
    def stack_name(self) -> str:
        """The name of the CloudFormation stack, which is the prefix of every physical name."""
        return f"{NAME}-{self.name}"

    def _is_on(self, variable: str) -> bool:
        value = self.options.get(variable, "off")
        if value not in {"on", "off"}:
            raise InfraError(f"{variable} must be on or off, not {value[:40]!r}.")
        return value == "on"


def _choice(variable: str, kind: type[Choice], value: str) -> Choice:
    try:
        return kind(value)
    except ValueError as error:
        raise InfraError(f"{variable} must be {' or '.join(kind)}, not {value[:40]!r}.") from error

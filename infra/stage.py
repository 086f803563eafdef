"""A stage: one deployment of the gateway. One account can contain several stages."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from chalicelib.domain.stage import is_local_stage, is_production_stage
from infra.capacity import CONCURRENCY_VARIABLES, Capacity
from infra.errors import InfraError
from infra.project import NAME
from infra.safeguards import SAFEGUARD_VARIABLES, Safeguards

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
    "RATE_LIMIT_PER_S",
)

# Environment variables of the deployment itself, which the functions do not get.
OPTION_VARIABLES = SAFEGUARD_VARIABLES


class Api(StrEnum):
    """The kind of API that API Gateway serves."""

    REST = "rest"
    HTTP = "http"


@dataclass(frozen=True)
class Stage:
    """A stage's name, with the operator's values of API and PASSED_, CONCURRENCY_ and OPTION_VARIABLES."""

    name: str
    variables: Mapping[str, str] = field(default_factory=dict)
    concurrency: Mapping[str, str] = field(default_factory=dict)
    api: Api = Api.REST
    options: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.name) > MAX_NAME_LENGTH or not re.fullmatch(r"[a-z][a-z0-9-]*", self.name):
            raise InfraError(
                f"The stage name {self.name!r} is invalid: use 1 to {MAX_NAME_LENGTH} characters of a-z, "
                "0-9 and '-', starting with a letter."
            )

    @classmethod
    def of(cls, name: str, environment: Mapping[str, str]) -> "Stage":
        """The stage with the variables of ``environment``. Raises InfraError if API is not a kind of API."""
        return cls(
            name,
            variables={key: environment[key] for key in PASSED_VARIABLES if environment.get(key)},
            concurrency={key: environment[key] for key in CONCURRENCY_VARIABLES if environment.get(key)},
            api=_api(environment.get("API") or Api.REST),
            options={key: environment[key] for key in OPTION_VARIABLES if environment.get(key)},
        )

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
    def stack_name(self) -> str:
        """The name of the CloudFormation stack, which is the prefix of every physical name."""
        return f"{NAME}-{self.name}"


def _api(value: str) -> Api:
    try:
        return Api(value)
    except ValueError as error:
        raise InfraError(f"API must be {' or '.join(Api)}, not {value[:40]!r}.") from error

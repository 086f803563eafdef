"""Settings: the environment variables, validated. No other module reads the environment."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Self

from chalicelib.domain.backoff import PRODUCTION_DELAYS_S, TEST_DELAYS_S
from chalicelib.domain.processing import ProcessingDelay
from chalicelib.domain.stage import DEVELOPMENT_STAGES, is_local_stage, is_production_stage
from chalicelib.domain.token_bucket import Limit

MAX_RATE_LIMIT_PER_S = 10_000  # API Gateway's limit for an account
MAX_LIST_SHARDS = 16  # every page of a list reads each shard
MAX_DELAY_MS = 24 * 60 * 60 * 1000  # one day; a longer delay is a mistake in the unit
MAX_REQUEST_LOG_DAYS = 30  # longer histories of a payment are its events
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_MAX_SHOWN_CHARS = 40
_MAX_NUMBER_CHARS = 20  # longer than every valid number
_TRUE = frozenset({"true", "1", "yes", "on"})
_FALSE = frozenset({"false", "0", "no", "off"})


class SettingsError(Exception):
    """An environment variable is missing or invalid. The message names it."""


@dataclass(frozen=True, kw_only=True)
class TableNames:
    """The physical names of the DynamoDB tables: a prefix and the name of the record."""

    merchants: str
    orders: str
    payments: str
    refunds: str
    webhook_logs: str
    webhook_attempts: str
    webhook_health: str
    webhook_pace: str
    idempotency_keys: str
    sessions: str
    api_requests: str
    stats: str
    events: str
    simulated_charges: str

    @classmethod
    def with_prefix(cls, prefix: str) -> Self:
        """The tables of a deployment, such as ``payment-gateway-prod-webhook-logs``."""
        return cls(**{field.name: f"{prefix}{field.name.replace('_', '-')}" for field in fields(cls)})


@dataclass(frozen=True, kw_only=True)
class QueueUrl:
    """The URLs of an SQS queue and of its dead-letter queue."""

    jobs: str
    dead_letters: str


@dataclass(frozen=True, kw_only=True)
class QueueUrls:
    """The URLs of the SQS queues."""

    payments: QueueUrl
    refunds: QueueUrl
    webhooks: QueueUrl
    slow_webhooks: QueueUrl


@dataclass(frozen=True, kw_only=True)
class StreamDeadLetters:
    """The URLs of the dead-letter queues of the stream readers."""

    relay: str
    recorder: str


@dataclass(frozen=True, kw_only=True)
class AcquirerSettings:
    """The settings of the simulated acquirer. In ``test_mode`` outcomes are deterministic.

    ``card_challenge_rate`` is the share of cards that the issuer challenges outside test mode.
    """

    test_mode: bool
    test_payment_success: bool
    upi_success_rate: float
    card_success_rate: float
    card_challenge_rate: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of a deployment. ``api_url`` is the address of the API, without a path of a route.

    ``acquirer_credentials_path`` is the path of the parameters with credentials in SSM Parameter Store.
    ``audit_log_group`` is empty if there is no log group for audit events. ``metrics_namespace`` is that of
    the published metrics, which local stages do not publish. ``request_log_days``: 0 turns the log of API
    requests off.
    """

    stage: str
    api_url: str
    tables: TableNames
    acquirer_credentials_path: str
    queues: QueueUrls
    stream_dead_letters: StreamDeadLetters
    acquirer: AcquirerSettings
    payment_delay: ProcessingDelay
    refund_delay: ProcessingDelay
    webhook_delays_s: tuple[int, ...]
    allow_private_webhook_addresses: bool
    list_shards: int
    rate_limit: Limit
    request_log_days: int
    log_level: str
    audit_log_group: str
    metrics_namespace: str

    @property
    def is_production(self) -> bool:
        """Whether test routes and seeded credentials are disabled."""
        return is_production_stage(self.stage)


def load_settings(environment: Mapping[str, str]) -> Settings:
    """The settings in ``environment``. Raises SettingsError, which names the variable."""
    read = _Reader(environment)
    stage, table_prefix = read.text("STAGE"), read.text("TABLE_PREFIX")
    settings = Settings(
        stage=stage,
        api_url=read.url("API_URL"),
        tables=TableNames.with_prefix(table_prefix),
        acquirer_credentials_path=f"/{table_prefix.removesuffix('-')}/acquirers",
        queues=QueueUrls(
            payments=_queue_url(read, "PAYMENTS"),
            refunds=_queue_url(read, "REFUNDS"),
            webhooks=_queue_url(read, "WEBHOOKS"),
            slow_webhooks=_queue_url(read, "SLOW_WEBHOOKS"),
        ),
        stream_dead_letters=StreamDeadLetters(
            relay=_dead_letters_url(read, "RELAY"), recorder=_dead_letters_url(read, "RECORDER")
        ),
        acquirer=AcquirerSettings(
            test_mode=read.flag("TEST_MODE", default=False),
            test_payment_success=read.flag("TEST_PAYMENT_SUCCESS", default=True),
            upi_success_rate=read.rate("UPI_SUCCESS_RATE", default=0.90),
            card_success_rate=read.rate("CARD_SUCCESS_RATE", default=0.95),
            card_challenge_rate=read.rate("CARD_CHALLENGE_RATE", default=0.0),
        ),
        payment_delay=_payment_delay(read),
        refund_delay=_test_delay(read) or ProcessingDelay(min_ms=3_000, max_ms=5_000),
        webhook_delays_s=(
            TEST_DELAYS_S if read.flag("WEBHOOK_RETRY_INTERVALS_TEST", default=False) else PRODUCTION_DELAYS_S
        ),
        allow_private_webhook_addresses=read.flag("WEBHOOK_ALLOW_PRIVATE_ADDRESSES", default=False),
        list_shards=read.integer("LIST_SHARDS", default=1, minimum=1, maximum=MAX_LIST_SHARDS),
        rate_limit=_rate_limit(read),
        request_log_days=read.integer("REQUEST_LOG_DAYS", default=7, minimum=0, maximum=MAX_REQUEST_LOG_DAYS),
        log_level=read.choice("LOG_LEVEL", LOG_LEVELS, default="INFO"),
        audit_log_group=environment.get("AUDIT_LOG_GROUP", ""),
        metrics_namespace="" if is_local_stage(stage) else table_prefix.removesuffix("-"),
    )
    _refuse_test_settings_in_production(settings)
    return settings


def _queue_url(read: "_Reader", name: str) -> QueueUrl:
    return QueueUrl(jobs=read.text(f"{name}_QUEUE_URL"), dead_letters=_dead_letters_url(read, name))


def _dead_letters_url(read: "_Reader", name: str) -> str:
    return read.text(f"{name}_DEAD_LETTERS_QUEUE_URL")


def _rate_limit(read: "_Reader") -> Limit:
    """The burst is twice the rate, because one page of the dashboard makes several concurrent requests."""
    per_s = read.integer("RATE_LIMIT_PER_S", default=100, minimum=1, maximum=MAX_RATE_LIMIT_PER_S)
    return Limit(per_s=per_s, burst=2 * per_s)


def _test_delay(read: "_Reader") -> ProcessingDelay | None:
    """The fixed delay of test mode, None outside it. The variable is validated in both cases."""
    delay_ms = read.milliseconds("TEST_PROCESSING_DELAY", default=1_000)
    if not read.flag("TEST_MODE", default=False):
        return None
    return ProcessingDelay(min_ms=delay_ms, max_ms=delay_ms)


def _payment_delay(read: "_Reader") -> ProcessingDelay:
    """The delay of payments. All variables are validated, even those that test mode ignores."""
    delay = ProcessingDelay(
        min_ms=read.milliseconds("PROCESSING_DELAY_MIN", default=5_000),
        max_ms=read.milliseconds("PROCESSING_DELAY_MAX", default=10_000),
    )
    if delay.min_ms > delay.max_ms:
        raise SettingsError(
            f"PROCESSING_DELAY_MIN must not be greater than PROCESSING_DELAY_MAX ({delay.max_ms}), "
            f"but is {delay.min_ms}"
        )
    return _test_delay(read) or delay


def _refuse_test_settings_in_production(settings: Settings) -> None:
    if not settings.is_production:
        return
    if settings.allow_private_webhook_addresses:
        raise SettingsError(
            f"WEBHOOK_ALLOW_PRIVATE_ADDRESSES is refused in production: {_why_production(settings)}"
        )
    if settings.acquirer.test_mode:
        raise SettingsError(f"TEST_MODE is refused in production: {_why_production(settings)}")
    if settings.acquirer.card_challenge_rate:
        raise SettingsError(f"CARD_CHALLENGE_RATE is refused in production: {_why_production(settings)}")


def _why_production(settings: Settings) -> str:
    names = ", ".join(sorted(DEVELOPMENT_STAGES))
    return f"the stage {settings.stage} is none of the development stages ({names})"


@dataclass(frozen=True)
class _Reader:
    """Reads typed values from the environment."""

    environment: Mapping[str, str]

    def text(self, name: str, *, default: str | None = None) -> str:
        value = self.environment.get(name) or default
        if value is None:
            raise SettingsError(f"{name} is not set")
        return value

    def url(self, name: str) -> str:
        """The URL without a slash at its end; empty if the variable is not set."""
        value = self.environment.get(name, "")
        if value and not re.fullmatch(r"https?://[\w.:\[\]-]+(/[\w./-]*)?", value, re.ASCII):
            raise SettingsError(f"{name} must be a URL such as https://api.example, not {_shown(value)}")
        return value.rstrip("/")

    def flag(self, name: str, *, default: bool) -> bool:
        value = self.text(name, default=str(default)).lower()
        if value not in _TRUE | _FALSE:
            raise SettingsError(f"{name} must be true or false, not {_shown(value)}")
        return value in _TRUE

    def choice(self, name: str, allowed: tuple[str, ...], *, default: str) -> str:
        value = self.text(name, default=default)
        if value.upper() not in allowed:
            raise SettingsError(f"{name} must be one of {', '.join(allowed)}, not {_shown(value)}")
        return value.upper()

    def milliseconds(self, name: str, *, default: int) -> int:
        return self.integer(name, default=default, minimum=0, maximum=MAX_DELAY_MS, unit=" of milliseconds")

    def integer(self, name: str, *, default: int, minimum: int, maximum: int, unit: str = "") -> int:
        value = self.text(name, default=str(default))
        is_number = value.isascii() and value.isdecimal() and len(value) <= _MAX_NUMBER_CHARS
        if not (is_number and minimum <= int(value) <= maximum):
            raise SettingsError(
                f"{name} must be an integer{unit} from {minimum} to {maximum}, not {_shown(value)}"
            )
        return int(value)

    def rate(self, name: str, *, default: float) -> float:
        value = self.text(name, default=str(default))
        try:
            rate = float(value) if len(value) <= _MAX_NUMBER_CHARS else -1.0
        except ValueError:
            rate = -1.0
        if not 0 <= rate <= 1:
            raise SettingsError(f"{name} must be a number from 0 to 1, not {_shown(value)}")
        return rate


def _shown(value: str) -> str:
    """The value as errors quote it; long values are cut."""
    return repr(value if len(value) <= _MAX_SHOWN_CHARS else f"{value[:_MAX_SHOWN_CHARS]}…")

"""The gateway on moto with a controlled clock, for the tests of services and workers.

Rows, streams and queues with delays are moto's. This module replaces the Lambda service: it passes stream
records and messages to the handlers.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from random import Random
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import boto3
import time_machine
from botocore.client import BaseClient
from botocore.config import Config
from botocore.session import Session, get_session
from chalice.local import LambdaEventConverter
from moto import mock_aws
from moto.backends import get_backend

from chalicelib.acquirers.base import (
    AccountError,
    Approved,
    AuthorizeRequest,
    Capabilities,
    CardNumbersRefusedError,
    Charge,
    Declined,
    InvalidNotificationError,
    Notification,
    RefundRequest,
    Result,
)
from chalicelib.acquirers.credentials import Credentials, CredentialStore, MerchantCredentials
from chalicelib.acquirers.registry import Acquirers, Registration
from chalicelib.bootstrap import Externals, Gateway, build
from chalicelib.domain.clock import utc_now
from chalicelib.domain.decline import DeclineCode
from chalicelib.domain.instrument import PaymentMethod, UpiFlow
from chalicelib.domain.merchant_clock import MerchantClock
from chalicelib.domain.methods.card import Card, CardEntry
from chalicelib.domain.payment import CAPTURE_PERIOD, DEFAULT_ACQUIRER
from chalicelib.jobs.messages import ProcessPayment
from chalicelib.settings import TableNames, load_settings
from chalicelib.store.database import Database
from chalicelib.store.merchant_clocks import MerchantClockStore
from chalicelib.store.tables import TABLES
from chalicelib.streams.effects import RowChange, effects_of
from chalicelib.webhooks.http import DeliveryError, HttpResponse, RequestBody
from chalicelib.workers.acquirer_jobs import process_payments, process_refunds
from chalicelib.workers.streams import record_events, relay_changes
from chalicelib.workers.webhook_jobs import deliver_slow_webhooks, deliver_webhooks
from infra.template.functions import WEBHOOK_LOG_PATTERNS
from tests.filters import matches
from tests.rounds import rounds

START = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)
# The clock is frozen between moves, so a lower rate limit would never refill.
# The log of API requests would add a request to AWS to most of those that the tests count.
ENVIRONMENT = {"STAGE": "test", "RATE_LIMIT_PER_S": "10000", "REQUEST_LOG_DAYS": "0"}
VISIBILITY_TIMEOUT_S = 60
MAX_RECEIVES = 5
MAX_ROUNDS = 1_000  # of one `Cloud.run`; no test needs a tenth of them
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
}

QUEUES_URL = "https://sqs.us-east-1.amazonaws.com"

NOTIFICATION_SECRET = "the secret of the recording acquirer"

_SENDING = "before-parameter-build.sqs.SendMessageBatch"


def without_test_clocks() -> Any:
    """A context without test clocks, as in production: elsewhere, each request reads a merchant's clock."""
    return patch.object(MerchantClockStore, "get", lambda _store, _merchant_id: MerchantClock())


@contextmanager
def with_request_ids() -> Iterator[None]:
    """Chalice's test client gives each request an id, as API Gateway does."""
    numbers, convert = count(1), LambdaEventConverter.create_lambda_event

    def with_id(*arguments: Any, **named: Any) -> Any:
        event: Any = convert(*arguments, **named)
        event["requestContext"]["requestId"] = f"0c1f6a0a-1b2c-4c59-9f0f-{next(numbers):012d}"
        return event

    with patch.object(LambdaEventConverter, "create_lambda_event", with_id):
        yield


Handler = Callable[[Gateway, list[dict[str, Any]]], Mapping[str, Any]]


@dataclass
class RecordingAcquirer:
    """Returns the results in ``script``, then approves or declines as configured. Records its requests."""

    approves: bool = True
    refunds_succeed: bool = True
    script: list[Result | None] = field(default_factory=list)
    charges: list[AuthorizeRequest] = field(default_factory=list)
    refunds: list[RefundRequest] = field(default_factory=list)
    checks: list[str | None] = field(default_factory=list)  # the reference in each request for a status
    captures: list[str] = field(default_factory=list)
    voids: list[str] = field(default_factory=list)
    methods: frozenset[PaymentMethod] = frozenset(PaymentMethod)
    card_entries: frozenset[CardEntry] = frozenset({CardEntry.NUMBER})
    refuses_card_numbers: bool = False  # although it accepts those of other accounts
    tokenized: int = 0
    is_idempotent: bool = True
    capture_period: timedelta = CAPTURE_PERIOD
    listed: list[Charge] | None = None  # None: it does not list charges
    account_problem: str | None = None
    name: str = "recording"

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            methods=self.methods,
            flows=frozenset(UpiFlow),
            manual_capture=True,
            idempotent_authorize=self.is_idempotent,
            capture_period=self.capture_period,
            lists_charges=self.listed is not None,
            card_entries=self.card_entries,
        )

    def tokenize(self, card: Card) -> str:
        self.tokenized += 1
        if self.refuses_card_numbers:
            raise CardNumbersRefusedError
        return "tok_test"

    def authorize(self, request: AuthorizeRequest) -> Result:
        self.charges.append(request)
        return self._scripted() or _result(request.idempotency_key, approves=self.approves)

    def status(self, request: AuthorizeRequest, reference: str | None) -> Result | None:
        self.checks.append(reference)
        return self._scripted() if self.script else _result(request.idempotency_key, approves=self.approves)

    def capture(self, request: AuthorizeRequest, reference: str) -> Result:
        self.captures.append(reference)
        return self._scripted() or Approved(reference=reference)

    def void(self, request: AuthorizeRequest, reference: str) -> Result:
        self.voids.append(reference)
        return self._scripted() or _result(request.idempotency_key, approves=False)

    def refund(self, request: RefundRequest) -> Result:
        self.refunds.append(request)
        return self._scripted() or _result(request.idempotency_key, approves=self.refunds_succeed)

    def refund_status(self, request: RefundRequest, reference: str | None) -> Result | None:
        self.checks.append(reference)
        if self.script:
            return self._scripted()
        return _result(request.idempotency_key, approves=self.refunds_succeed)

    def parse_notification(self, headers: Mapping[str, str], body: bytes) -> Notification:
        """Valid if the body contains the secret."""
        try:
            parsed = json.loads(body)
        except ValueError:
            raise InvalidNotificationError from None
        if not isinstance(parsed, dict) or parsed.get("secret") != NOTIFICATION_SECRET:
            raise InvalidNotificationError
        return Notification(
            payment_ids=tuple(parsed.get("payment_ids", ())), refund_ids=tuple(parsed.get("refund_ids", ()))
        )

    def check_account(self) -> str:
        self._require_account()
        return "The account is ready."

    def list_charges(self, since: datetime, until: datetime) -> Iterator[Charge]:
        self._require_account()
        return (charge for charge in self.listed or () if since <= charge.created_at < until)

    def _require_account(self) -> None:
        if self.account_problem:
            raise AccountError(self.account_problem)

    def _scripted(self) -> Result | None:
        return self.script.pop(0) if self.script else None


@dataclass
class SecondAcquirer(RecordingAcquirer):
    """Another acquirer, which needs credentials for each request. ``used`` are those of each request."""

    credentials: MerchantCredentials | None = None
    used: list[Credentials] = field(default_factory=list)
    methods: frozenset[PaymentMethod] = frozenset({PaymentMethod.UPI})
    name: str = "second"

    def built_for(self, credentials: MerchantCredentials) -> "SecondAcquirer":
        return replace(self, credentials=credentials)

    def authorize(self, request: AuthorizeRequest) -> Result:
        self._authenticate()
        return super().authorize(request)

    def status(self, request: AuthorizeRequest, reference: str | None) -> Result | None:
        self._authenticate()
        return super().status(request, reference)

    def refund(self, request: RefundRequest) -> Result:
        self._authenticate()
        return super().refund(request)

    def refund_status(self, request: RefundRequest, reference: str | None) -> Result | None:
        self._authenticate()
        return super().refund_status(request, reference)

    def parse_notification(self, headers: Mapping[str, str], body: bytes) -> Notification:
        self._authenticate()
        return super().parse_notification(headers, body)

    def check_account(self) -> str:
        self._authenticate()
        return super().check_account()

    def list_charges(self, since: datetime, until: datetime) -> Iterator[Charge]:
        self._authenticate()
        return super().list_charges(since, until)

    def _authenticate(self) -> None:
        assert self.credentials
        self.used.append(self.credentials.get())


def _result(key: str, *, approves: bool) -> Result:
    """The reference is derived from the key."""
    if approves:
        return Approved(reference=f"ref_{key}")
    return Declined(code=DeclineCode.CARD_DECLINED, description="Declined", reference=f"ref_{key}")


@dataclass(frozen=True)
class Delivered:
    """A request received by a merchant's server."""

    at: datetime
    url: str
    body: bytes
    headers: Mapping[str, str]


Scripted = int | HttpResponse | DeliveryError


@dataclass
class RecordingSender:
    """The merchants' servers: return the responses in ``script`` or of the URL's script, then ``responds``.

    Each request takes ``takes_s``.
    """

    script: list[Scripted] = field(default_factory=list)
    script_of: dict[str, list[Scripted]] = field(default_factory=dict)
    responds: HttpResponse | int = 200
    takes_s: float = 0
    time: time_machine.Traveller | None = None
    delivered: list[Delivered] = field(default_factory=list)

    def post(self, url: str, body: RequestBody, headers: Mapping[str, str]) -> HttpResponse:
        self.delivered.append(Delivered(utc_now(), url, bytes(body), headers))
        script = self.script_of.get(url) or self.script
        answer = script.pop(0) if script else self.responds
        if self.time and self.takes_s:
            self.time.shift(self.takes_s)
        if isinstance(answer, DeliveryError):
            raise answer
        if isinstance(answer, HttpResponse):
            return answer
        return HttpResponse(
            code=answer, headers={"Content-Type": "text/plain"}, body=b"thanks", truncated=False
        )


@dataclass
class Stream:
    """A table's stream and the sequence number of the last record read."""

    arn: str
    shard_id: str
    read_to: str | None = None

    def advance(self, sequence_number: str) -> None:
        """Store the number of the record read. AssertionError if it is not greater than the last one.

        A reader that continues after a number shared by two records would read the second one endlessly.
        """
        assert self.read_to is None or int(sequence_number) > int(self.read_to), (
            f"{self.arn}: a record has the sequence number {sequence_number} after {self.read_to}"
        )
        self.read_to = sequence_number


@dataclass
class Cloud:
    """The gateway with the AWS services it uses."""

    gateway: Gateway
    acquirer: RecordingAcquirer
    second: SecondAcquirer
    sender: RecordingSender
    time: time_machine.Traveller
    cleanup: ExitStack
    _streams: dict[str, Stream] = field(default_factory=dict)
    _sent_delays_s: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        events = self.gateway.queues.payments.client.meta.events  # one client for all queues and tests
        events.register(_SENDING, self._record_delays)
        self.cleanup.callback(events.unregister, _SENDING, self._record_delays)

    def _record_delays(self, params: dict[str, Any], **_: Any) -> None:
        self._sent_delays_s.extend(entry["DelaySeconds"] for entry in params["Entries"])

    @property
    def sqs(self) -> Any:
        return _client("sqs")

    def run(self, *, for_s: float = 0) -> None:
        """Run everything that is due within the next ``for_s`` seconds, at its due time."""
        end = utc_now() + timedelta(seconds=for_s)
        for _ in rounds(f"nothing more is due within {for_s:g} s", at_most=MAX_ROUNDS):
            if self.relay() or self.work():
                continue
            due = self._next_message_at()
            if due is None or due > end:
                break
            self.time.move_to(due)
        self.time.move_to(end)

    def relay_all(self) -> None:
        """Run the relay until it has read every change."""
        for _ in rounds("the streams become empty", at_most=MAX_ROUNDS):
            if not self.relay():
                break

    def relay(self) -> bool:
        """Pass the stream records to the relay and the recorder; returns whether there were any."""
        records = [*self.payment_changes(), *self.log_changes()]
        for arn in {record["eventSourceARN"] for record in records}:
            batch = [record for record in records if record["eventSourceARN"] == arn]
            assert relay_changes(self.gateway, batch) == {"batchItemFailures": []}
            if f"table/{self.gateway.settings.tables.payments}/" in arn:
                assert record_events(self.gateway, batch) == {"batchItemFailures": []}
        return bool(records)

    def payment_changes(self) -> list[dict[str, Any]]:
        """The unread changes of payments."""
        return self.stream_records(self.gateway.settings.tables.payments)

    def log_changes(self) -> list[dict[str, Any]]:
        """The unread changes of webhook logs that Lambda passes to the relay."""
        records = self.stream_records(self.gateway.settings.tables.webhook_logs)
        return [record for record in records if matches(record, WEBHOOK_LOG_PATTERNS)]

    def stream_records(self, *tables: str) -> list[dict[str, Any]]:
        """The unread changes of ``tables`` or of all, in order, in the format of Lambda events."""
        names = self.gateway.settings.tables
        streamed = (names.payments, names.webhook_logs)
        return [record for name in tables or streamed for record in self._read_stream(name)]

    def work(self) -> bool:
        """Pass the visible messages to the workers; returns whether there were any."""
        queues = self.gateway.settings.queues
        payments = self.work_on(queues.payments.jobs, process_payments)
        refunds = self.work_on(queues.refunds.jobs, process_refunds)
        webhooks = self.work_on(queues.webhooks.jobs, deliver_webhooks)
        return (
            self.work_on(queues.slow_webhooks.jobs, deliver_slow_webhooks) or payments or refunds or webhooks
        )

    def messages(self, queue_url: str) -> list[str]:
        """The bodies of all messages of a queue, including delayed ones, without receiving them."""
        return [message.body for message in _moto_queue(queue_url)._messages]

    def sent_delays_s(self) -> list[int]:
        """The delays of all jobs sent so far, in order."""
        return list(self._sent_delays_s)

    def parameter(self, name: str) -> dict[str, Any]:
        """A parameter of SSM Parameter Store, as it is stored."""
        parameter: dict[str, Any] = _client("ssm").get_parameter(Name=name)["Parameter"]
        return parameter

    def put_parameter(self, name: str, value: str) -> None:
        """Write an encrypted parameter."""
        _client("ssm").put_parameter(Name=name, Value=value, Type="SecureString", Overwrite=True)

    def count_requests(self, requests: list[str]) -> None:
        """Append all following AWS requests to ``requests``, as ``dynamodb.GetItem``."""
        call = BaseClient._make_api_call

        def record(client: BaseClient, operation: str, arguments: dict[str, Any]) -> Any:
            requests.append(f"{client.meta.service_model.service_name}.{operation}")
            return call(client, operation, arguments)

        self.cleanup.enter_context(patch.object(BaseClient, "_make_api_call", record))

    def payment_job(self, records: list[dict[str, Any]]) -> ProcessPayment:
        """The job of the only new payment in ``records``."""
        effects = [effects_of(RowChange.of(record), self.gateway.settings.tables) for record in records]
        (job,) = [one.payment for one in effects if isinstance(one.payment, ProcessPayment)]
        return job

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Every item of a table."""
        items: list[dict[str, Any]] = _client("dynamodb").scan(TableName=table)["Items"]
        return items

    def work_on(self, queue_url: str, handler: Handler) -> bool:
        """Pass up to ten visible messages of a queue to ``handler``; returns whether there were any."""
        received = self.sqs.receive_message(
            QueueUrl=queue_url, MaxNumberOfMessages=10, AttributeNames=["All"]
        ).get("Messages", [])
        if not received:
            return False
        records = [
            {"messageId": one["MessageId"], "body": one["Body"], "attributes": one["Attributes"]}
            for one in received
        ]
        failed = {one["itemIdentifier"] for one in handler(self.gateway, records)["batchItemFailures"]}
        for one in received:
            if one["MessageId"] not in failed:
                self.sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=one["ReceiptHandle"])
        return True

    def _read_stream(self, table: str) -> Iterator[dict[str, Any]]:
        """Uses a new iterator each time, because moto's keep the shard of a cancelled transaction."""
        stream, streams = self._stream(table), _client("dynamodbstreams")
        start = (
            {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": stream.read_to}
            if stream.read_to
            else {"ShardIteratorType": "TRIM_HORIZON"}
        )
        opened = streams.get_shard_iterator(StreamArn=stream.arn, ShardId=stream.shard_id, **start)
        for record in streams.get_records(ShardIterator=opened["ShardIterator"])["Records"]:
            change = record["dynamodb"]
            stream.advance(change["SequenceNumber"])
            written_at = change["ApproximateCreationDateTime"].timestamp()
            changed = {**change, "ApproximateCreationDateTime": written_at}
            yield {**record, "dynamodb": changed, "eventSourceARN": stream.arn}

    def _stream(self, table: str) -> Stream:
        if table not in self._streams:
            arn = _client("dynamodb").describe_table(TableName=table)["Table"]["LatestStreamArn"]
            described = _client("dynamodbstreams").describe_stream(StreamArn=arn)
            shard_id = described["StreamDescription"]["Shards"][0]["ShardId"]
            self._streams[table] = Stream(arn=arn, shard_id=shard_id)
        return self._streams[table]

    def wait_for_a_job(self) -> bool:
        """Advance the clock until the next job is visible. Returns False if the queues are empty."""
        due = self._next_message_at()
        if due is not None:
            self.time.move_to(due)
        return due is not None

    def _next_message_at(self) -> datetime | None:
        queues = self.gateway.settings.queues
        times = [
            max(message.visible_at, message.delayed_until) / 1000
            for queue in vars(queues).values()
            for message in _moto_queue(queue.jobs)._messages
        ]
        now = utc_now()
        return (
            max(datetime.fromtimestamp(min(times), UTC), now + timedelta(milliseconds=1)) if times else None
        )


@cache
def _session() -> Session:
    """The session of pynamodb's clients for all gateways. A test may change the environment that it reads.

    Gateways with the same settings share a client, because creating one takes longer than most requests.
    """
    session = get_session()
    session.set_config_variable("region", CREDENTIALS["AWS_DEFAULT_REGION"])
    session.set_credentials(CREDENTIALS["AWS_ACCESS_KEY_ID"], CREDENTIALS["AWS_SECRET_ACCESS_KEY"])
    create_client, clients = session.create_client, dict[str, Any]()

    def once(service: str, region: str, *, config: Config, **options: Any) -> Any:
        key = f"{service} {region} {config._user_provided_options} {options}"
        if key not in clients:
            clients[key] = create_client(service, region, config=config, **options)
            # Each gateway would add a handler that adds no headers.
            clients[key].meta.events.register_first = lambda *_: None
        return clients[key]

    session.create_client = once
    return session


@cache
def _client(service: str) -> Any:
    """A client for all gateways, because creating one takes longer than most requests."""
    return boto3.client(service, region_name=CREDENTIALS["AWS_DEFAULT_REGION"])


def _moto_queue(url: str) -> Any:
    return moto_backend("sqs").queues[url.rsplit("/", 1)[1]]


def moto_backend(service: str) -> Any:
    """The objects of moto that hold a service's tables or queues."""
    backends: Any = get_backend(service)  # type: ignore[call-overload]
    return backends["123456789012"]["us-east-1"]


@contextmanager
def cloud(**environment: str) -> Iterator[Cloud]:
    """A gateway with new tables and queues at START, with ``environment`` in addition to ENVIRONMENT."""
    with (
        ExitStack() as cleanup,
        mock_aws(),
        patch("pynamodb.connection.base.get_session", _session),
        time_machine.travel(START, tick=False) as time,
    ):
        settings = load_settings(CREDENTIALS | resources() | ENVIRONMENT | environment)
        acquirer, second, sender = RecordingAcquirer(), SecondAcquirer(), RecordingSender(time=time)
        credentials = CredentialStore(path=settings.acquirer_credentials_path, client=_client, clock=utc_now)
        registered = {second.name: Registration(build=second.built_for, required=frozenset({"key"}))}
        acquirers = replace(only(acquirer, acquirer.name), credentials=credentials)
        acquirers = replace(acquirers, registered={**acquirers.registered, **registered})
        externals = Externals(clock=utc_now, random=Random(7), acquirers=acquirers, sender=lambda: sender)
        yield Cloud(build(settings, externals), acquirer, second, sender, time, cleanup)


def only(acquirer: Any, name: str) -> Acquirers:
    """``acquirer``, which needs no credentials, with its name and as the default acquirer."""
    no_credentials: Any = None
    registration = Registration(build=lambda _credentials: acquirer)
    return Acquirers(
        registered={DEFAULT_ACQUIRER: registration, name: registration}, credentials=no_credentials
    )


def resources() -> dict[str, str]:
    """Create the tables and queues and return the environment that names them."""
    environment = {"TABLE_PREFIX": "test-"}
    if not moto_backend("dynamodb").tables:  # a gateway inside another one uses its tables
        moto_backend("dynamodb").tables = deepcopy(_empty_tables())
    for name in ("payments", "refunds", "webhooks", "slow_webhooks"):
        environment |= _make_queue(name)
    for name in ("relay", "recorder"):
        url, _ = _create_queue(f"{name}-dead-letters")
        environment[f"{name.upper()}_DEAD_LETTERS_QUEUE_URL"] = url
    return environment


@cache
def _empty_tables() -> Any:
    """moto's new tables. They are copied for each gateway, because creating them takes 100 ms."""
    database, names = Database(), vars(TableNames.with_prefix("test-"))
    for row in TABLES:
        table = database.bind(row, names[row.Meta.table_name])
        table.create_table(wait=False, billing_mode="PAY_PER_REQUEST")
    return deepcopy(moto_backend("dynamodb").tables)


def _make_queue(name: str) -> dict[str, str]:
    dead, arn = _create_queue(f"{name}-dead-letters")
    redrive = f'{{"deadLetterTargetArn":"{arn}","maxReceiveCount":{MAX_RECEIVES}}}'
    url, _ = _create_queue(name, VisibilityTimeout=str(VISIBILITY_TIMEOUT_S), RedrivePolicy=redrive)
    return {f"{name.upper()}_QUEUE_URL": url, f"{name.upper()}_DEAD_LETTERS_QUEUE_URL": dead}


def _create_queue(name: str, **attributes: str) -> tuple[str, str]:
    """Create a queue without a request, because ten requests take 15 ms; returns its URL and ARN."""
    queue = moto_backend("sqs").create_queue(name, **attributes)
    return queue.url(urlsplit(QUEUES_URL)), queue.queue_arn

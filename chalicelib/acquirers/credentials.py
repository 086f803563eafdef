"""The credentials of merchants at their acquirers, in SSM Parameter Store.

A SecureString ``/<stack>/acquirers/<merchant>/<acquirer>`` contains one JSON object of strings.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from chalicelib.domain.clock import Clock
from chalicelib.domain.times import iso

CACHE_LIFE = timedelta(minutes=5)  # a replaced credential is used within this time
MAX_CACHED = 1_000  # at most 4 KB each
MAX_BYTES = 4_096  # of a standard parameter
PREVIOUS = "previous_{}"
PREVIOUS_UNTIL = "previous_{}_until"
"""The names under which a replaced secret and the end of its validity are stored."""
OVERLAP = timedelta(hours=24)  # longer than acquirers sign with a replaced secret, or repeat a notification
_PAGE_SIZE = 50  # the maximum of SSM

Credentials = Mapping[str, str]


class CredentialsError(Exception):
    """The merchant has no valid credentials at the acquirer. The error contains no values."""


@dataclass(frozen=True)
class _Cached:
    credentials: Credentials | None
    read_at: datetime


@dataclass(frozen=True, kw_only=True)
class CredentialStore:
    """The credentials below ``path``, cached in memory for at most CACHE_LIFE.

    ``client`` returns the boto3 client of a service.
    """

    path: str
    client: Callable[[str], Any]
    clock: Clock
    _cache: dict[str, _Cached] = field(default_factory=dict, repr=False)
    _creation: Lock = field(default_factory=Lock, repr=False)  # clients cannot be created concurrently

    def get(self, merchant_id: str, acquirer: str) -> Credentials:
        """The credentials. No request if cached, also if there are none. Raises CredentialsError."""
        name = self._name(merchant_id, acquirer)
        cached = self._cache.get(name)
        if cached is None or self.clock() - cached.read_at > CACHE_LIFE:
            cached = _Cached(self._read(name), self.clock())
            if len(self._cache) >= MAX_CACHED:
                self._cache.clear()
            self._cache[name] = cached
        if cached.credentials is None:
            raise CredentialsError(f"merchant {merchant_id} has no valid credentials at acquirer {acquirer}")
        return cached.credentials

    def put(
        self, merchant_id: str, acquirer: str, credentials: Credentials, *, key: str | None = None
    ) -> None:
        """Replace the credentials. 1 request. Raises CredentialsError if they are larger than MAX_BYTES.

        ``key`` is the ARN of the KMS key that encrypts them. By default, it is the key of AWS, ``aws/ssm``.
        """
        name, value = self._name(merchant_id, acquirer), json.dumps(dict(credentials))
        if len(value.encode()) > MAX_BYTES:
            raise CredentialsError(f"the credentials are larger than {MAX_BYTES} bytes")
        with_key = {"KeyId": key} if key else {}
        self._ssm().put_parameter(Name=name, Value=value, Type="SecureString", Overwrite=True, **with_key)
        self._cache.pop(name, None)

    def merchant_ids(self, acquirer: str) -> set[str]:
        """The merchants with credentials at the acquirer. 1 request for 50 parameters.

        Functions do not have the permission for it, ``ssm:DescribeParameters``.
        """
        below = {"Key": "Path", "Option": "Recursive", "Values": [self.path]}
        pages = (
            self._ssm()
            .get_paginator("describe_parameters")
            .paginate(ParameterFilters=[below], PaginationConfig={"PageSize": _PAGE_SIZE})
        )
        names = (parameter["Name"].split("/") for page in pages for parameter in page["Parameters"])
        return {merchant_id for *_, merchant_id, name in names if name == acquirer}

    def _name(self, merchant_id: str, acquirer: str) -> str:
        return f"{self.path}/{merchant_id}/{acquirer}"

    def _ssm(self) -> Any:
        with self._creation:
            return self.client("ssm")

    def _read(self, name: str) -> Credentials | None:
        """The value of the parameter; None if it does not exist or is not a JSON object of strings."""
        ssm = self._ssm()
        try:
            value: str = ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
        except ssm.exceptions.ParameterNotFound:
            return None
        return parse_credentials(value)


@dataclass(frozen=True, kw_only=True)
class MerchantCredentials:
    """The credentials of one merchant at one acquirer. ``get`` reads them when a request needs them."""

    store: CredentialStore
    merchant_id: str
    acquirer: str

    def get(self) -> Credentials:
        """The credentials. Raises CredentialsError."""
        return self.store.get(self.merchant_id, self.acquirer)

    def secrets(self, name: str) -> tuple[str, ...]:
        """The secrets that are valid now: that of ``name``, and the one that it replaced until its end.

        Raises CredentialsError.
        """
        known = self.get()
        secrets = [known[name]] if name in known else []
        if overlap_end(known, name, self.store.clock()):
            secrets.append(known[PREVIOUS.format(name)])
        return tuple(secrets)


def overlap_end(credentials: Credentials, name: str, now: datetime) -> datetime | None:
    """Until when the secret that ``name`` replaced is valid. None if it is not."""
    until = credentials.get(PREVIOUS_UNTIL.format(name))
    if until is None or PREVIOUS.format(name) not in credentials:
        return None
    end = datetime.fromisoformat(until)
    return end if now < end else None


def with_overlaps(
    new: Credentials, stored: Credentials, overlapping: Iterable[str], now: datetime
) -> Credentials:
    """The credentials to store instead of ``stored``. Replaced secrets of ``overlapping`` are kept.

    They are valid for OVERLAP. A secret that is not replaced keeps its overlap. Only the last replaced value
    of a secret is kept.
    """
    return {**new, **dict(item for name in overlapping for item in _overlap(name, new, stored, now))}


def _overlap(name: str, new: Credentials, stored: Credentials, now: datetime) -> Iterator[tuple[str, str]]:
    """The previous value of a secret and its end, if there is one."""
    previous, until = PREVIOUS.format(name), PREVIOUS_UNTIL.format(name)
    if name not in new or name not in stored:
        return
    if new[name] != stored[name]:
        yield previous, stored[name]
        yield until, iso(now + OVERLAP)
    elif overlap_end(stored, name, now):
        yield previous, stored[previous]
        yield until, stored[until]


def parse_credentials(text: str) -> Credentials | None:
    """The JSON object of strings that are not empty; None if ``text`` is something else."""
    try:
        parsed = json.loads(text)
    except ValueError:
        return None
    is_valid = isinstance(parsed, dict) and all(isinstance(one, str) and one for one in parsed.values())
    return parsed if is_valid else None

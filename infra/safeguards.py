"""The optional safeguards of a stage on AWS: a customer-managed key, and a budget."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from infra.errors import InfraError

SAFEGUARD_VARIABLES = ("KMS_KEY", "BUDGET_USD", "BUDGET_EMAIL")

CREATE = "create"  # the value of KMS_KEY that adds a key to the stack
_MAX_BUDGET_USD = 10_000_000
_MAX_SHOWN_CHARS = 80
_KEY_ARN = re.compile(r"arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/[A-Za-z0-9-]+", re.ASCII)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True, kw_only=True)
class Budget:
    """The expected monthly costs of the account in USD, and the address that is notified."""

    usd: int
    email: str


@dataclass(frozen=True, kw_only=True)
class Safeguards:
    """``kms_key`` is CREATE, the ARN of an existing key, or None for the keys of AWS."""

    kms_key: str | None = None
    budget: Budget | None = None

    @classmethod
    def of(cls, chosen: Mapping[str, str], *, is_local: bool) -> Self:
        """The values in ``chosen``; none in a local stage. Raises InfraError with the invalid variable."""
        made = cls(kms_key=_key(chosen.get("KMS_KEY")), budget=_budget(chosen))
        return cls() if is_local else made


def _key(value: str | None) -> str | None:
    if value and value != CREATE and not _KEY_ARN.fullmatch(value):
        raise InfraError(
            f"KMS_KEY must be {CREATE} or the ARN of a key (arn:aws:kms:REGION:ACCOUNT:key/ID), "
            f"not {value[:_MAX_SHOWN_CHARS]!r}."
        )
    return value or None


def _budget(chosen: Mapping[str, str]) -> Budget | None:
    usd, email = chosen.get("BUDGET_USD"), chosen.get("BUDGET_EMAIL")
    if not usd and not email:
        return None
    is_amount = usd and re.fullmatch(r"[1-9][0-9]{0,7}", usd) and int(usd) <= _MAX_BUDGET_USD
    if not (usd and is_amount):
        raise InfraError(
            f"BUDGET_USD must be an integer from 1 to {_MAX_BUDGET_USD}, not {(usd or '')[:40]!r}."
        )
    if not (email and _EMAIL.fullmatch(email)):
        raise InfraError(f"BUDGET_EMAIL must be an email address, not {(email or '')[:40]!r}.")
    return Budget(usd=int(usd), email=email)

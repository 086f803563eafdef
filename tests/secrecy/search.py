"""The search for cards and secrets in a text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from chalicelib.domain.card_number import passes_luhn
from chalicelib.domain.methods.card import CardNetwork, network_of
from chalicelib.services.onboarding import TEST_API_SECRET, TEST_PASSWORD, TEST_SIGNING_SECRET
from tests.api.client import PASSWORD

MIN_SECRET_CHARS = 12  # a shorter text is not a generated secret, and may be a word
SHOWN_CHARS = 60  # around each match

# Alone or in groups; not within an identifier, a fraction or a longer number.
_DIGITS = re.compile(r"(?<![0-9A-Za-z_.#-])[0-9](?:[ -]?[0-9]){12,18}(?![0-9A-Za-z_-])")
_CVV = re.compile(
    r"(?:cvv|cvc|security.code)[^0-9A-Za-z]{1,12}(?:S[^0-9A-Za-z]{1,6})?[0-9]{3,4}(?![0-9])", re.IGNORECASE
)
_SIGNING_SECRET = re.compile(r"whsec_[A-Za-z0-9+/=_-]{8,}")
_BEARER = re.compile(r"bearer\s+[A-Za-z0-9_-]{20,}", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z0-9_-]+")
# Three or four digits can occur by chance in random or measured values: UUIDs, signatures, durations.
_BY_CHANCE = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|\bv1,[0-9A-Za-z+/]{43}="
    r"|_m?s\b[^0-9A-Za-z]{1,4}[0-9.]+"
    r"|\b[0-9.]+ ?m?s\b",
    re.IGNORECASE,
)


@dataclass
class Secrets:
    """The secrets that were sent to the product or returned by it."""

    words: set[str] = field(
        default_factory=lambda: {TEST_API_SECRET, TEST_PASSWORD, TEST_SIGNING_SECRET, PASSWORD}
    )
    numbers: set[str] = field(default_factory=set)

    def add(self, secret: object) -> None:
        """Add ``secret`` to the search, unless it can occur by chance."""
        if isinstance(secret, str) and len(secret) >= MIN_SECRET_CHARS:
            self.words.add(secret)

    def add_number(self, number: object) -> None:
        """Add a card's number to the search; no-op for another value."""
        digits = re.sub("[ -]", "", str(number))
        if is_card_number(digits):
            self.numbers.add(digits)


def is_card_number(digits: str) -> bool:
    """Whether the digits can be a card number of a known network. No current timestamp is one."""
    is_long_enough = re.fullmatch("[0-9]{13,19}", digits) is not None
    return is_long_enough and passes_luhn(digits) and network_of(digits) is not CardNetwork.UNKNOWN


def cards_in(text: str) -> Iterator[str]:
    """The places with a card number, or with a labelled CVV."""
    for found in _DIGITS.finditer(text):
        if is_card_number(re.sub("[ -]", "", found.group())):
            yield _around(text, found)
    for found in _CVV.finditer(text):
        yield _around(text, found)


def cvv_in(text: str, cvv: str) -> Iterator[str]:
    """The places with ``cvv`` as a word, not as digits of an id or a duration."""
    certain = _BY_CHANCE.sub("…", text)
    for found in re.finditer(rf"(?<![0-9A-Za-z]){cvv}(?![0-9A-Za-z])(?<![0-9]\.{cvv})", certain):
        yield _around(certain, found)


def secrets_in(text: str, secrets: Secrets) -> Iterator[str]:
    """The places with a secret: one of ``secrets``, or a text in the format of a secret."""
    for pattern in (_SIGNING_SECRET, _BEARER):
        for found in pattern.finditer(text):
            yield _around(text, found)
    plain = {word for word in secrets.words if _WORD.fullmatch(word)}
    for found in _WORD.finditer(text):
        if found.group() in plain:
            yield _around(text, found)
    yield from (f"…{word}…" for word in secrets.words - plain if word in text)


def numbers_in(text: str, secrets: Secrets) -> Iterator[str]:
    """The places with a used card number; an amount can equal another number."""
    for found in _DIGITS.finditer(text):
        if re.sub("[ -]", "", found.group()) in secrets.numbers:
            yield _around(text, found)


def _around(text: str, found: re.Match[str]) -> str:
    return "…" + text[max(0, found.start() - SHOWN_CHARS) : found.end() + SHOWN_CHARS] + "…"

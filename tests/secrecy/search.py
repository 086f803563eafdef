"""What must not be found, and how it is looked for."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from chalicelib.domain.card_number import passes_luhn
from chalicelib.domain.methods.card import CardNetwork, network_of
from chalicelib.services.onboarding import TEST_API_SECRET, TEST_PASSWORD, TEST_SIGNING_SECRET
from tests.api.client import PASSWORD

MIN_SECRET_CHARS = 12  # what is shorter is no secret of ours, and may be a word
SHOWN_CHARS = 60  # around what was found

# Alone, or in groups; not inside an identifier, a fraction or a longer number.
_DIGITS = re.compile(r"(?<![0-9A-Za-z_.#-])[0-9](?:[ -]?[0-9]){12,18}(?![0-9A-Za-z_-])")
_CVV = re.compile(
    r"(?:cvv|cvc|security.code)[^0-9A-Za-z]{1,12}(?:S[^0-9A-Za-z]{1,6})?[0-9]{3,4}(?![0-9])", re.IGNORECASE
)
_SIGNING_SECRET = re.compile(r"whsec_[A-Za-z0-9+/=_-]{8,}")
_BEARER = re.compile(r"bearer\s+[A-Za-z0-9_-]{20,}", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z0-9_-]+")
# Three or four digits may stand by chance in what is random or measured: UUIDs, signatures, durations.
_BY_CHANCE = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|\bv1,[0-9A-Za-z+/]{43}="
    r"|_m?s\b[^0-9A-Za-z]{1,4}[0-9.]+"
    r"|\b[0-9.]+ ?m?s\b",
    re.IGNORECASE,
)


@dataclass
class Secrets:
    """What was sent to the product, or told by it, and is to be told nobody else."""

    words: set[str] = field(
        default_factory=lambda: {TEST_API_SECRET, TEST_PASSWORD, TEST_SIGNING_SECRET, PASSWORD}
    )
    numbers: set[str] = field(default_factory=set)

    def add(self, secret: object) -> None:
        """Look for ``secret`` from now on, unless it could stand somewhere by chance."""
        if isinstance(secret, str) and len(secret) >= MIN_SECRET_CHARS:
            self.words.add(secret)

    def add_number(self, number: object) -> None:
        """Look for this card's number from now on, if it is one."""
        digits = re.sub("[ -]", "", str(number))
        if is_card_number(digits):
            self.numbers.add(digits)


def is_card_number(digits: str) -> bool:
    """Whether these may be the digits of a card: of a known network, as no timestamp of these years is."""
    is_long_enough = re.fullmatch("[0-9]{13,19}", digits) is not None
    return is_long_enough and passes_luhn(digits) and network_of(digits) is not CardNetwork.UNKNOWN


def cards_in(text: str) -> Iterator[str]:
    """Where ``text`` shows a card's number, or a CVV that is called so."""
    for found in _DIGITS.finditer(text):
        if is_card_number(re.sub("[ -]", "", found.group())):
            yield _around(text, found)
    for found in _CVV.finditer(text):
        yield _around(text, found)


def cvv_in(text: str, cvv: str) -> Iterator[str]:
    """Where ``text`` shows ``cvv`` as a word; not as digits that an id or a duration has by chance."""
    certain = _BY_CHANCE.sub("…", text)
    for found in re.finditer(rf"(?<![0-9A-Za-z]){cvv}(?![0-9A-Za-z])(?<![0-9]\.{cvv})", certain):
        yield _around(certain, found)


def secrets_in(text: str, secrets: Secrets) -> Iterator[str]:
    """Where ``text`` shows a secret: one of ``secrets``, or what looks like one."""
    for pattern in (_SIGNING_SECRET, _BEARER):
        for found in pattern.finditer(text):
            yield _around(text, found)
    plain = {word for word in secrets.words if _WORD.fullmatch(word)}
    for found in _WORD.finditer(text):
        if found.group() in plain:
            yield _around(text, found)
    yield from (f"…{word}…" for word in secrets.words - plain if word in text)


def numbers_in(text: str, secrets: Secrets) -> Iterator[str]:
    """Where ``text`` shows one of the cards that were paid with; amounts may look like others."""
    for found in _DIGITS.finditer(text):
        if re.sub("[ -]", "", found.group()) in secrets.numbers:
            yield _around(text, found)


def _around(text: str, found: re.Match[str]) -> str:
    return "…" + text[max(0, found.start() - SHOWN_CHARS) : found.end() + SHOWN_CHARS] + "…"

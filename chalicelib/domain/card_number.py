"""Card numbers in texts that are stored, such as a name: they are found, so that they can be refused."""

import re
from collections.abc import Iterator

MIN_DIGITS, MAX_DIGITS = 13, 19

_SEPARATOR = r"[\s._\u2010-\u2015\u2212-]{0,3}"  # as between the groups of "4111 - 1111 - 1111 - 1111"
_RUN = re.compile(rf"[0-9](?:{_SEPARATOR}[0-9])*")
_GROUP = re.compile("[0-9]+")

# What begins as the numbers of a card network do, at the lengths that it issues.
_ISSUED = re.compile(
    "4(?:[0-9]{12}|[0-9]{15}|[0-9]{18})"  # Visa
    "|5[0-9]{15,18}|2[2-7][0-9]{14}"  # Mastercard, Maestro
    "|3[47][0-9]{13}|3[0689][0-9]{12,17}|35[0-9]{14,17}"  # American Express, Diners Club, JCB
    "|6[0-9]{15,18}|8[1-9][0-9]{14}"  # RuPay, Discover, UnionPay, Maestro
)

# Random identifiers. Their digits pass the Luhn check by chance.
_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_HEX = "(?=[0-9]*[a-f])[0-9a-f]{16,}"
_RANDOM = re.compile(rf"(?<![0-9a-z])(?:{_UUID}|{_HEX})(?![0-9a-z])", re.IGNORECASE)


def holds_luhn_number(text: str) -> bool:
    """Whether a text that buyers type holds 13 to 19 digits that pass the Luhn check."""
    return any(passes_luhn(digits) for digits in _candidates(text))


def holds_issued_number(text: str) -> bool:
    """Whether a text that programs make, such as a key or a receipt, holds the number of a card network.

    One of ten order numbers passes the Luhn check. So this asks for a network's prefix and length as well,
    and skips UUIDs and hexadecimal identifiers.
    """
    return any(
        _ISSUED.fullmatch(digits) and passes_luhn(digits) for digits in _candidates(_RANDOM.sub("x", text))
    )


def passes_luhn(digits: str) -> bool:
    """Whether the check digit is right (ISO/IEC 7812-1, annex B)."""
    doubled = "0246813579"
    total = sum(int(d) for d in digits[-1::-2]) + sum(int(doubled[int(d)]) for d in digits[-2::-2])
    return total % 10 == 0


def _candidates(text: str) -> Iterator[str]:
    """Every 13 to 19 digits of ``text`` that are whole groups, without what separates the groups."""
    for run in _RUN.findall(_with_ascii_digits(text)):
        groups = _GROUP.findall(run)
        for start in range(len(groups)):
            digits = ""
            for group in groups[start:]:
                digits += group
                if len(digits) > MAX_DIGITS:
                    break
                if len(digits) >= MIN_DIGITS:
                    yield digits


def _with_ascii_digits(text: str) -> str:
    """``text`` with the decimal digits of every script as ASCII."""
    return text if text.isascii() else re.sub(r"\d", lambda digit: str(int(digit[0])), text)

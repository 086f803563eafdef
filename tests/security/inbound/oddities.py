# ruff: noqa: RUF001 - the cases contain lookalike letters
"""Invalid bodies, and unusual ones that are valid. The values are raw bytes."""

import json
from typing import Any

NUMBER = "4111111111111111"
CARD = {
    "number": NUMBER,
    "expiry_month": "12",
    "expiry_year": "2030",
    "cvv": "737",
    "holder_name": "Asha Rao",
}


def _amount(number: object) -> bytes:
    return f'{{"amount": {number}}}'.encode()


def _beside(rest: str) -> bytes:
    """A valid order with ``rest`` after its amount."""
    return f'{{"amount": 500, {rest}}}'.encode()


def _with_notes(json_text: str) -> bytes:
    return _beside(f'"notes": {json_text}')


def _nested(depth: int, opening: str = "[", closing: str = "]", core: str = "") -> str:
    return opening * depth + core + closing * depth


NO_JSON: dict[str, bytes] = {
    "only spaces": b" \r\n\t",
    "a byte order mark": b'\xef\xbb\xbf{"amount": 500}',
    "UTF-16 with a byte order mark": '{"amount": 500}'.encode("utf-16"),
    "UTF-16, big-endian": '{"amount": 500}'.encode("utf-16-be"),
    "UTF-32": '{"amount": 500}'.encode("utf-32"),
    "Latin-1": '{"amount": 500, "receipt": "café"}'.encode("latin-1"),
    "an overlong slash": b'{"amount": 500, "receipt": "\xc0\xaf"}',
    "an overlong NUL": b'{"amount": 500, "receipt": "\xc0\x80"}',
    "an incomplete character": b'{"amount": 500, "receipt": "\xe2\x82"}',
    "a surrogate as bytes": b'{"amount": 500, "receipt": "\xed\xa0\x80"}',
    "a code point beyond Unicode": b'{"amount": 500, "receipt": "\xf4\x90\x80\x80"}',
    "a high surrogate alone": _beside(r'"receipt": "\ud800"'),
    "a low surrogate alone": _beside(r'"receipt": "\udc00"'),
    "surrogates the wrong way round": _beside(r'"receipt": "\udc00\ud800"'),
    "a surrogate in a key": _with_notes(r'{"\ud800": 1}'),
    "a NUL that is not escaped": _beside('"receipt": "\x00"'),
    "a line break that is not escaped": _beside('"receipt": "a\nb"'),
    "an invalid escape": _beside(r'"receipt": "\x41"'),
    "an incomplete escape": _beside(r'"receipt": "\u00"'),
    "a line comment": b'{"amount": 500 // five\n}',
    "a block comment": b'{"amount": /* five */ 500}',
    "a comma after the last field": b'{"amount": 500,}',
    "a comma after the last item": _with_notes('{"a": [1,]}'),
    "two commas": b'{"amount": 500,, "currency": "INR"}',
    "no colon": b'{"amount" 500}',
    "single quotes": b"{'amount': 500}",
    "a key without quotes": b"{amount: 500}",
    "a number as a key": _with_notes("{1: 2}"),
    "True as Python writes it": _with_notes('{"a": True}'),
    "undefined": _amount("undefined"),
    "a hexadecimal number": _amount("0x1F4"),
    "a leading zero": _amount("0500"),
    "a plus sign": _amount("+500"),
    "no digit before the point": _amount(".5"),
    "no digit after the point": _amount("500."),
    "digits of another script": _amount("५००"),
    "an underscore in a number": _amount("5_00"),
    "more digits than Python accepts": _amount("9" * 10_000),
    "more digits than Python accepts, in notes": _with_notes(f'{{"a": {"9" * 10_000}}}'),
    "two documents": b'{"amount": 500}{"amount": 500}',
    "JSON lines": b'{"amount": 500}\n{"amount": 500}',
    "text after the end": b'{"amount": 500};',
    "an array 10,000 deep": _with_notes(f'{{"a": {_nested(10_000)}}}'),
    "objects 10,000 deep": _with_notes(_nested(10_000, '{"a":', "}", "1")),
    "unclosed arrays": b"[" * 60_000,
    "an unclosed string": b'{"amount": 500, "receipt": "' + b"x" * 60_000,
    "a form": b"amount=500&currency=INR",
    "XML with an entity": b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    "gzip": b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xabVJ\xcc\xcd/\xcd+Q\xb225\xa8\x05\x00",
}

TOO_LARGE: dict[str, bytes] = {
    "5 MB": b'{"amount": 500, "receipt": "' + b"x" * 5_000_000 + b'"}',
    "a key of 100 KB": _with_notes(json.dumps({"k" * 100_000: 1})),
    "100,000 keys": _with_notes(json.dumps(dict.fromkeys(map(str, range(100_000)), 1))),
    "a MB of spaces": b" " * 1_000_000 + b'{"amount": 500}',
    "a million brackets": b"[" * 1_000_000,
}

NO_ORDERS: dict[str, bytes] = {
    "an array": b'[{"amount": 500}]',
    "a text": b'"amount"',
    "a number": b"500",
    "null": b"null",
    "NaN": b"NaN",
    "an empty object": b"{}",
    "a capitalised amount only": b'{"Amount": 500}',
    "an amount with a Cyrillic a only": '{"аmount": 500}'.encode(),
    "an amount with a NUL only": rb'{"amount\u0000": 500}',
    "an amount with a point": _amount("500.0"),
    "an amount with an exponent": _amount("5e2"),
    "an amount larger than every float": _amount("1e400"),
    "an amount smaller than every float": _amount("1e-400"),
    "an amount that is NaN": _amount("NaN"),
    "an amount that is infinite": _amount("-Infinity"),
    "negative zero": _amount("-0"),
    "a negative amount": _amount("-500"),
    "an amount in quotes": _amount('"500"'),
    "an amount that is true": _amount("true"),
    "an amount that is null": _amount("null"),
    "an amount in an array": _amount("[500]"),
    "an amount in an object": _amount('{"$numberLong": "500"}'),
    "an amount beyond 2^53": _amount(2**53),
    "an amount beyond 2^63": _amount(2**63),
    "an amount beyond 2^64, that wraps to 500": _amount(2**64 + 500),
    "an amount of 4,000 digits": _amount("5" * 4_000),
    "the second of two amounts is bad": b'{"amount": 500, "amount": -1}',
    "a currency in small letters": _beside('"currency": "inr"'),
    "a currency with a dotted I": _beside('"currency": "İNR"'),
    "a currency in full-width letters": _beside('"currency": "ＩＮＲ"'),
    "a currency and a line break": _beside(r'"currency": "INR\n"'),
    "a currency that is empty": _beside('"currency": ""'),
    "a receipt that is a number": _beside('"receipt": 5'),
    "a receipt of 256 emoji": _beside(f'"receipt": "{"🧾" * 256}"'),
    "notes that are an array": _with_notes("[]"),
    "notes that are a string": _with_notes('"{}"'),
    "notes of 16,000 characters": _with_notes(json.dumps({"a": "x" * 16_000})),
    "NaN in notes": _with_notes('{"a": NaN}'),
    "a note larger than every float": _with_notes('{"a": {"b": [1e400]}}'),
}

ORDERS: dict[str, bytes] = {
    "two amounts, the last of which is used": b'{"amount": -1, "amount": 500}',
    "an escaped key": rb'{"\u0061mount": 500}',
    "whitespace in all permitted places": b'\r\n\t { "amount" : 500 } \n',
    "unknown fields": _beside('"__class__": {"a": 1}, "merchant_id": "x", "status": "paid", "id": "y"'),
    "a NUL in a text": _beside(r'"receipt": "\u0000"'),
    "right-to-left text": _beside('"receipt": "\u202e00,001"'),
    "zero-width text": _beside('"receipt": "\u200b\u200d\ufeff"'),
    "an emoji as two surrogates": _beside(r'"receipt": "\ud83e\uddfe"'),
    "255 emoji": _beside(f'"receipt": "{"🧾" * 255}"'),
    "a key that is a prototype": _with_notes(
        '{"__proto__": {"admin": true}, "constructor": {"prototype": 1}}'
    ),
    "a key that is empty": _with_notes('{"": {"": ""}}'),
    "integer keys": _with_notes('{"1": 1, "0": 0}'),
    "operator keys": _with_notes('{"$ne": null, "#a": ":b", "$ref": "#/", "a.b[0]": 1}'),
    "keys that differ by composition": _with_notes('{"\u00e9": 1, "e\u0301": 2}'),
    "arrays 100 deep": _with_notes(f'{{"a": {_nested(100)}}}'),
    "1,500 keys": _with_notes(json.dumps(dict.fromkeys(map(str, range(1_500)), 1))),
    "a note of 4,300 digits": _with_notes(f'{{"a": {"9" * 4_300}}}'),
    "the smallest and the largest float": _with_notes(
        '{"a": [5e-324, 1.7976931348623157e308, -0.0, 1e-400]}'
    ),
    "null in all nullable fields": _beside('"currency": null, "receipt": null, "notes": null'),
}

BAD_CARDS: dict[str, dict[str, Any]] = {
    "Arabic digits": {"number": "٤١١١١١١١١١١١١١١١"},
    "full-width digits": {"number": "４１１１１１１１１１１１１１１１"},
    "one full-width digit": {"number": NUMBER[:-1] + "１"},
    "superscript digits": {"number": NUMBER[:-1] + "¹"},
    "a zero-width space": {"number": NUMBER[:4] + "\u200b" + NUMBER[4:]},
    "a non-breaking space": {"number": NUMBER[:4] + "\u00a0" + NUMBER[4:]},
    "a dash that is not ASCII": {"number": NUMBER[:4] + "\u2013" + NUMBER[4:]},
    "a line break": {"number": NUMBER + "\n"},
    "a NUL": {"number": NUMBER + "\0"},
    "a sign": {"number": "+" + NUMBER},
    "only separators": {"number": "- - -"},
    "20 digits": {"number": "41111111111111111110"},
    "60,000 digits": {"number": "4" * 60_000},
    "an integer": {"number": int(NUMBER)},
    "a float": {"number": 4.111111111111111e15},
    "a list of digits": {"number": list(NUMBER)},
    "an object": {"number": {"$gt": ""}},
    "a CVV of full-width digits": {"cvv": "７３７"},
    "a CVV that is an integer": {"cvv": 737},
    "a CVV and a line break": {"cvv": "737\n"},
    "a month of full-width digits": {"expiry_month": "１２"},
    "a month with a sign": {"expiry_month": "+1"},
    "a month with a point": {"expiry_month": 12.0},
    "a month that is true": {"expiry_month": True},
    "a month of 4,000 digits": {"expiry_month": 10**3_999},
    "a month of zero": {"expiry_month": 0},
    "a year with a sign": {"expiry_year": -2030},
    "a year with an exponent": {"expiry_year": "2e3"},
    "a year of 8 digits": {"expiry_year": 20_300_101},
    "a name that is empty": {"holder_name": ""},
    "a name of 256 characters": {"holder_name": "n" * 256},
    "a name that is a list": {"holder_name": ["Asha"]},
}

BAD_VPAS: dict[str, object] = {
    "a line break": "buyer@bank\n",
    "a NUL": "buyer\0@bank",
    "a full-width letter": "ｂuyer@bank",
    "a Cyrillic letter": "buуer@bank",
    "a right-to-left mark": "buyer\u202e@bank",
    "a zero-width space": "buyer@bank\u200b",
    "two signs": "buyer@bank@bank",
    "a dot after the sign": "buyer@bank.example",
    "a path": "../buyer@bank",
    "256 characters": "b" * 251 + "@bank",
    "60,000 characters": "b" * 60_000 + "@bank",
    "an object": {"$ne": None},
    "a list": ["buyer@bank"],
    "nothing": "",
}

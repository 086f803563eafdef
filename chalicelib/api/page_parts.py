"""The common parts of the HTML pages of the API: the document, a result, and an amount."""

from typing import Literal

from chalicelib.api.responses.page import Markup, fill
from chalicelib.domain.money import Money

Tone = Literal["good", "bad", "late"]

_RUPEES = "INR"
_DOCUMENT = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
$refresh<link rel="icon" href="data:,">
<title>$title</title>
<style>$style</style>
<body class="$kind">
<main>
$content
</main>
$script"""
_REFRESH = """<meta http-equiv="refresh" content="$after_s; url=$url">
"""
_RESULT = """<div class="result $tone" data-test-id="$test_id">
<svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="9"/><path d="$sign"/></svg>
<h1>$title</h1>
<p>$text</p>
$link</div>"""
_SIGNS: dict[Tone, str] = {
    "good": "m7.5 12.5 3 3 6-6.5",
    "bad": "m8.5 8.5 7 7m0-7-7 7",
    "late": "M12 7v5.5l3.5 2",
}


def document(
    title: str, content: Markup, *, style: str, kind: str, refresh: Markup | None = None, script: str = ""
) -> Markup:
    """The whole page. ``kind`` is the class of its body. ``refresh`` is from ``refresh_to``."""
    return fill(
        _DOCUMENT,
        title=title,
        content=content,
        style=Markup(style),
        kind=kind,
        refresh=refresh or "",
        script=Markup(f"<script>{script}</script>\n") if script else "",
    )


def refresh_to(url: str, *, after_s: int) -> Markup:
    """The element that opens ``url`` after some seconds."""
    return fill(_REFRESH, url=url, after_s=after_s)


def result(tone: Tone, title: str, text: str, *, test_id: str, link: Markup | None = None) -> Markup:
    """A sign, a heading, one text, and perhaps a link."""
    return fill(
        _RESULT, tone=tone, sign=_SIGNS[tone], title=title, text=text, test_id=test_id, link=link or ""
    )


def amount_text(money: Money) -> str:
    """The amount in major units, such as ``₹499.00`` or ``5.00 USD``."""
    major, currency = str(money).split()
    return f"₹{major}" if currency == _RUPEES else str(money)

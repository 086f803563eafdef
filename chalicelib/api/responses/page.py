"""HTML pages: their headers, and a template that escapes every value."""

import hashlib
from base64 import b64encode
from collections.abc import Mapping
from html import escape
from string import Template
from typing import Any, ClassVar

from chalicelib.api.responses.view import View


class PageView(View):
    """An HTML page. It loads nothing: the style and the script are in the page, and allowed by their hash.

    ``frames``: which pages may show it in a frame, in the form of the policy's directive. ``location``: the
    address to which a submitted form redirects. The OpenAPI document does not contain pages.
    """

    CONTENT_TYPE: ClassVar[str] = "text/html; charset=utf-8"

    html: str = ""
    style: str = ""
    script: str = ""
    frames: str = "'none'"
    code: int = 200
    location: str | None = None

    @property
    def http_status(self) -> int:
        """The HTTP status."""
        return self.code

    @property
    def http_headers(self) -> Mapping[str, str]:
        """The headers of the page, in addition to those of every response."""
        policy = [
            "default-src 'none'",
            "img-src data:",  # an empty icon, so that browsers do not request one
            f"style-src {_source(self.style)}",
            f"script-src {_source(self.script)}",
            "base-uri 'none'",
            "form-action 'self'",
            f"frame-ancestors {self.frames}",
        ]
        return {
            "Content-Security-Policy": "; ".join(policy),
            "Referrer-Policy": "no-referrer",
            "X-Robots-Tag": "noindex, nofollow",
            **({"Location": self.location} if self.location else {}),
        }

    def render(self) -> str:
        """The page as HTML text."""
        return self.html


class Markup(str):
    """HTML text that ``fill`` inserts without escaping it."""

    __slots__ = ()


def fill(template: str, **values: Any) -> Markup:
    """``template`` with each ``$name`` replaced by the escaped value, or by the Markup itself."""
    texts = {
        name: value if isinstance(value, Markup) else escape(str(value)) for name, value in values.items()
    }
    return Markup(Template(template).substitute(texts))


def _source(text: str) -> str:
    """The source expression that allows exactly the inline ``text``."""
    if not text:
        return "'none'"
    return f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

"""Record every request, console message, error and policy violation of a browser context."""

import json
import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Frame, Request, WebError

from tests.browser.buyer import CVV, NUMBERS
from tests.secrecy.search import cvv_in

_NUMBERS = re.compile("|".join(r"[ -]?".join(number) for number in NUMBERS))
_REPORT_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) => {
  console.error(`policy broken: ${event.violatedDirective} by ${event.blockedURI}`);
});
"""
_STORED = """() => {
  try {
    return JSON.stringify([{ ...localStorage }, { ...sessionStorage }, history.state, document.cookie]);
  } catch { // the browser denies storage to a frame of another site
    return "";
  }
}"""


@dataclass
class Watch:
    """Records requests and console messages; `forgive` takes a pattern of errors that a test provokes."""

    hosts: frozenset[str]
    requests: list[Request] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    forgiven: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        """Start recording a context."""
        context.add_init_script(_REPORT_VIOLATIONS)
        context.on("request", lambda request: self.requests.append(request))  # noqa: PLW0108 - Playwright marks it
        context.on("console", self._console)
        context.on("weberror", self._weberror)

    def forgive(self, pattern: str) -> None:
        """Ignore errors that match `pattern`."""
        self.forgiven.append(pattern)

    def require_clean(self, context: BrowserContext) -> None:
        """AssertionError on requests to other hosts, leaked card data or errors."""
        self._require_own_hosts()
        urls = [request.url for request in self.requests]
        stored = [_stored(frame) for page in context.pages for frame in page.frames]
        leaks = [text for text in [*urls, *self.messages, *stored] if _shows_card(text)]
        assert not leaks, f"card data leaked: {leaks}"
        unforgiven = [
            error for error in self.errors if not any(re.search(pattern, error) for pattern in self.forgiven)
        ]
        assert not unforgiven, unforgiven

    def bodies_posted_to(self, path: str) -> list[dict[str, object]]:
        """The bodies posted to URLs that end with `path`, in order."""
        return [
            json.loads(request.post_data or "null")
            for request in self.requests
            if request.method == "POST" and urlsplit(request.url).path.endswith(path)
        ]

    def _require_own_hosts(self) -> None:
        strangers = {
            url.netloc
            for url in (urlsplit(request.url) for request in self.requests)
            if url.scheme not in {"data", "about", "blob"} and url.netloc not in self.hosts
        }
        assert not strangers, f"requests to other hosts: {strangers}"

    def _console(self, message: ConsoleMessage) -> None:
        self.messages.append(message.text)
        if message.type in {"error", "warning"}:
            self.errors.append(f"{message.text} ({message.location.get('url')})")

    def _weberror(self, error: WebError) -> None:
        self.messages.append(str(error.error))
        self.errors.append(str(error.error))


def _shows_card(text: str) -> bool:
    return bool(_NUMBERS.search(text) or list(cvv_in(text, CVV)))


def _stored(frame: Frame) -> str:
    """The data that outlives a frame's page, or an empty text if there is no page.

    A page may remove a frame at any time, such as that of the bank after the outcome.
    """
    if not frame.url.startswith("http"):
        return ""
    try:
        stored: str = frame.evaluate(_STORED)
    except Error:
        if frame.is_detached():
            return ""
        raise
    return stored

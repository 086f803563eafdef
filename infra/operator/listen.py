"""The command `listen`: show a merchant's webhooks live."""

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from chalicelib.bootstrap import Gateway
from chalicelib.domain.webhook_log import WebhookLog
from chalicelib.store.lists import ListQuery
from infra.arguments import Commands, add_command, add_stage
from infra.operator.deployment import DEFAULT_STAGE, Deployment

POLL_S = 1.0
PAGE = 100
MAX_PAGES = 10  # read in one poll
MAX_REMEMBERED = 10_000

State = tuple[str, int, object]


def add_commands(commands: Commands) -> None:
    """Add the command."""
    parser = add_stage(
        add_command(commands, "listen", listen, "show a merchant's webhooks live, until Ctrl-C"),
        default=DEFAULT_STAGE,
    )
    parser.add_argument("--merchant", metavar="ID", help="the merchant's id (default: the test merchant)")


def listen(arguments: argparse.Namespace) -> int:
    """Print changes of webhook logs. Never returns."""
    deployment = Deployment.load(arguments.stage)
    merchant = deployment.merchant(arguments.merchant)
    url = merchant.webhook.url or "(no URL)"
    print(f"Webhooks of {merchant.name} to {url}. Press Ctrl-C to stop.", flush=True)
    if merchant.webhook.url is None:
        print("No webhook URL is set. The gateway sends no webhooks until you set one.", flush=True)
    watch = Watch(deployment.gateway, merchant.id)
    watch.skip()
    while True:
        time.sleep(POLL_S)
        for log in watch.changes():
            print(line(log), flush=True)


@dataclass(frozen=True)
class Watch:
    """Detects changes of a merchant's newest webhook logs between polls."""

    gateway: Gateway
    merchant_id: str
    _states: dict[str, State] = field(default_factory=dict)

    def skip(self) -> None:
        """Skip the changes up to now."""
        self._changed()

    def changes(self) -> list[WebhookLog]:
        """The new and changed logs since the last poll, with their attempts, oldest first."""
        return [self.gateway.webhooks.get(self.merchant_id, log_id) for log_id in reversed(self._changed())]

    def _changed(self) -> list[str]:
        known = dict(self._states)
        changed = []
        for log in self._newest(known):
            state = (log.status, log.attempts, log.last_attempt_at)
            if known.get(log.id) != state:
                self._states[log.id] = state
                changed.append(log.id)
        while len(self._states) > MAX_REMEMBERED:
            del self._states[next(iter(self._states))]
        return changed

    def _newest(self, known: dict[str, State]) -> Iterator[WebhookLog]:
        after = None
        for _ in range(MAX_PAGES):
            page = self.gateway.stores.webhook_logs.page(
                ListQuery(merchant_id=self.merchant_id, limit=PAGE, after=after)
            )
            yield from page.items
            after = page.next_key
            if after is None or any(log.id in known for log in page.items):
                return


def line(log: WebhookLog) -> str:
    """Format a webhook and its latest attempt as one line."""
    at = (log.last_attempt_at or log.created_at).astimezone()
    words = [f"{at:%H:%M:%S}  {log.event:<18}{log.status:<9}"]
    if log.attempts:
        attempt = log.history[-1]
        result = attempt.response_code or attempt.error
        words.append(f"attempt {log.attempts}  {result}  {attempt.latency_ms} ms")
    else:
        words.append("no attempt yet")
    if log.payment_id:
        words.append(log.payment_id)
    if log.next_retry_at and log.attempts:
        words.append(f"next attempt {log.next_retry_at.astimezone():%H:%M:%S}")
    return "  ".join(words)

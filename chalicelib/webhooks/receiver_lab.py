"""The runner of the receiver lab: sends the requests of a check and evaluates the responses."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from random import Random

from chalicelib.domain.clock import Clock
from chalicelib.domain.lab.check import (
    Check,
    CheckResult,
    LabRequest,
    Response,
    Scheme,
    Status,
    problem_of,
    summary_of,
)
from chalicelib.domain.lab.samples import Samples
from chalicelib.domain.webhook_endpoint import WebhookEndpoint
from chalicelib.jobs.concurrent import run_concurrently
from chalicelib.webhooks.attempts import HEADERS
from chalicelib.webhooks.http import DeliveryError, Sender
from chalicelib.webhooks.paced_body import PacedBody

CHECK_BUDGET_S = 18.0
"""No request of a check starts after this time. With the deadline of a request, a check takes at most 23 s,
less than the 29 s of an API request."""

SLOW_MS = 1_000  # webhooks of an endpoint that takes longer use a separate queue
_MILLISECOND = timedelta(milliseconds=1)
_HEX_ONLY = "needs webhook-signature: X-Webhook-Signature contains neither the id nor the time"


@dataclass(frozen=True, kw_only=True)
class ReceiverLab:
    """Runs checks. ``elapsed_s`` is a monotonic clock. Nothing is stored."""

    sender: Sender
    clock: Clock
    random: Random
    elapsed_s: Callable[[], float] = time.monotonic

    def run(
        self, check: Check, endpoint: WebhookEndpoint, *, merchant_id: str, scheme: Scheme
    ) -> CheckResult:
        """Run ``check`` against the URL of ``endpoint``, up to the first response that fails it."""
        assert endpoint.url is not None, "the caller requires a URL"  # noqa: S101 - a bug in the code
        if scheme not in check.schemes:
            return CheckResult(check=check, status=Status.SKIP, reason=_HEX_ONLY)
        samples = Samples(merchant_id=merchant_id, endpoint=endpoint, now=self.clock(), random=self.random)
        return self._result(check, endpoint.url, check.rounds(samples))

    def _result(self, check: Check, url: str, rounds: Sequence[Sequence[LabRequest]]) -> CheckResult:
        last_start_s = self.elapsed_s() + CHECK_BUDGET_S
        requests, responses = list[LabRequest](), list[Response]()
        problem = None
        for one_round in rounds:
            if self.elapsed_s() > last_start_s:
                total = sum(len(each) for each in rounds)
                problem = f"answered only {len(requests)} of {total} webhooks in {CHECK_BUDGET_S:g} s"
                break
            answers = self._sent(url, one_round)
            requests += one_round
            responses += answers
            problem = next(filter(None, map(problem_of, one_round, answers)), None)
            if problem:
                break
        latencies = [response.latency_ms for response in responses if response.code]
        slowest_ms = max(latencies, default=None)
        return CheckResult(
            check=check,
            status=Status.FAIL if problem else Status.PASS,
            reason=problem or _passed(requests, responses),
            latency_ms=slowest_ms,
        )

    def _sent(self, url: str, requests: Sequence[LabRequest]) -> list[Response]:
        """The responses to ``requests``, which are sent at the same time."""
        if len(requests) == 1:
            return [self._send(url, requests[0])]
        responses = run_concurrently(
            partial(self._send, url), requests, max_workers=len(requests), timeout_s=None
        )
        return [response for response in responses if response is not None]

    def _send(self, url: str, request: LabRequest) -> Response:
        body = PacedBody(request.body) if request.in_pieces else request.body
        started_s = self.elapsed_s()
        try:
            response = self.sender.post(url, body, HEADERS | dict(request.headers))
        except DeliveryError as error:
            is_timeout = isinstance(error.__cause__, TimeoutError)
            return Response(
                code=None, latency_ms=self._since(started_s), error=str(error), is_closed=not is_timeout
            )
        return Response(code=response.code, latency_ms=self._since(started_s))

    def _since(self, started_s: float) -> int:
        return timedelta(seconds=self.elapsed_s() - started_s) // _MILLISECOND


def _passed(requests: Sequence[LabRequest], responses: Sequence[Response]) -> str:
    """The reason of a passed check, with a hint if the receiver is slow."""
    summary = summary_of(requests, responses)
    paced_ms = [
        each.latency_ms for each, request in zip(responses, requests, strict=True) if not request.in_pieces
    ]
    if max(paced_ms, default=0) < SLOW_MS:
        return summary
    return f"{summary}, but took {max(paced_ms) / SLOW_MS:.1f} s: respond before you process the webhook"

"""The command `lab`: send valid and forged webhooks to a receiver, and report its responses."""

import argparse
import os
import socket
from collections.abc import Sequence
from random import SystemRandom
from urllib.parse import urlsplit

from chalicelib.domain.clock import utc_now
from chalicelib.domain.errors import BadRequestError
from chalicelib.domain.event import PayloadFormat
from chalicelib.domain.lab.check import Check, CheckName, Scheme, Status
from chalicelib.domain.lab.checks import CHECKS, check_named
from chalicelib.domain.webhook_endpoint import WebhookEndpoint
from chalicelib.domain.webhook_url import check_webhook_url
from chalicelib.services.onboarding import TEST_MERCHANT_ID
from chalicelib.webhooks.http import DEADLINE_S, HttpSender
from chalicelib.webhooks.receiver_lab import ReceiverLab
from infra.arguments import Commands, add_command
from infra.errors import InfraError
from infra.operator.lab.report import JsonReport, Report, TextReport

SECRET_VARIABLE = "WEBHOOK_SECRET"  # noqa: S105 - a name, not a secret
_CHECK_FAILED, _NOT_CHECKED = 1, 2
_NAME_WIDTH = max(map(len, CheckName)) + 2


def add_commands(commands: Commands) -> None:
    """Add the command."""
    parser = add_command(commands, "lab", lab, "check a server that receives webhooks")
    parser.set_defaults(error_status=_NOT_CHECKED)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _epilog()
    parser.add_argument("url", help="the URL of the receiver, such as http://localhost:5000/webhook")
    parser.add_argument(
        "--secret",
        metavar="WHSEC",
        help=f"the signing secret (default: the environment variable {SECRET_VARIABLE})",
    )
    parser.add_argument(
        "--only",
        metavar="NAME",
        action="append",
        type=_check,
        help="run only this check; can be repeated",
    )
    parser.add_argument(
        "--signature",
        choices=[*map(str, Scheme)],
        default=Scheme.STANDARD.value,
        help="the signature that the receiver verifies: webhook-signature (standard) or only "
        "X-Webhook-Signature (hex), which skips what that cannot protect (default: standard)",
    )
    parser.add_argument(
        "--payload",
        choices=[*map(str, PayloadFormat)],
        default=PayloadFormat.FULL.value,
        help="the payload format of the endpoint (default: full)",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def lab(arguments: argparse.Namespace) -> int:
    """Run the checks. Returns 0 if none failed, 1 if one failed. InfraError if none could be run."""
    endpoint = WebhookEndpoint(
        url=arguments.url, secret=_secret(arguments), payload=PayloadFormat(arguments.payload)
    )
    _require_reachable(arguments.url)
    report = JsonReport(arguments.url) if arguments.json else TextReport(arguments.url)
    return _run(_chosen(arguments.only), endpoint, Scheme(arguments.signature), report)


def _run(checks: Sequence[Check], endpoint: WebhookEndpoint, scheme: Scheme, report: Report) -> int:
    sender = HttpSender(allow_private=True)
    runner = ReceiverLab(sender=sender, clock=utc_now, random=SystemRandom())
    report.start(len(checks))
    results = []
    for check in checks:
        report.running(check)
        result = runner.run(check, endpoint, merchant_id=TEST_MERCHANT_ID, scheme=scheme)
        report.add(result)
        results.append(result)
    report.finish(results)
    return _CHECK_FAILED if any(each.status is Status.FAIL for each in results) else 0


def _check(name: str) -> CheckName:
    try:
        return CheckName(name)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{name!r} is not a check. The checks are: {', '.join(CheckName)}"
        ) from None


def _chosen(only: Sequence[CheckName] | None) -> list[Check]:
    """The checks with the names of ``only``, each once and in their order; all without names."""
    return [check_named(name) for name in CheckName if not only or name in only]


def _secret(arguments: argparse.Namespace) -> str:
    secret: str | None = arguments.secret or os.environ.get(SECRET_VARIABLE)
    if not secret:
        raise InfraError(
            f"Pass the signing secret of the receiver with --secret, or set {SECRET_VARIABLE}. "
            "GET /api/v1/webhooks/config returns it."
        )
    return secret


def _require_reachable(url: str) -> None:
    """Raise InfraError if the URL is invalid, or if its server accepts no connection."""
    try:
        check_webhook_url(url, allow_private=True, field="The URL")
    except BadRequestError as error:
        raise InfraError(f"{error.description}.") from error
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((parts.hostname, port), timeout=DEADLINE_S).close()
    except OSError as error:
        reason = error.strerror or str(error)
        raise InfraError(
            f"Could not connect to {parts.hostname} on port {port} ({reason}). Start the receiver, "
            "or correct the URL."
        ) from error


def _epilog() -> str:
    lines = [f"  {check.name:<{_NAME_WIDTH}}{check.purpose}" for check in CHECKS]
    return "\n".join(
        [
            "checks:",
            *lines,
            "",
            "exit status: 0 no check failed, 1 a check failed, 2 no check was run",
        ]
    )

"""The command `endpoint`: list and manage the webhook endpoints of a merchant."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from chalicelib.domain.audit import AuditAction
from chalicelib.domain.event import EventName, PayloadFormat
from chalicelib.domain.idempotency import Idempotency, StoredResponse
from chalicelib.domain.webhook_endpoint import ALL_EVENTS, EndpointKey, EndpointStatus, WebhookEndpoint
from chalicelib.domain.webhook_log import WebhookStatus
from chalicelib.domain.webhook_url import check_new_webhook_url
from chalicelib.services.webhook_endpoints import NewEndpoint
from chalicelib.services.webhooks import ReplayRequest
from infra.arguments import Commands, add_command, add_merchant, add_stage, duration
from infra.operator.deployment import DEFAULT_STAGE, Deployment, operator_errors

_SINCE = "24h"


def add_commands(commands: Commands) -> None:
    """Add the commands."""
    endpoint = commands.add_parser(
        "endpoint",
        help="manage the webhook endpoints of a merchant",
        description="Manage the webhook endpoints of a merchant.",
    )
    actions = endpoint.add_subparsers(required=True, metavar="action")
    _add(actions, "list", list_endpoints, "list the webhook endpoints of a merchant, with their health")
    create = _add(actions, "create", create_endpoint, "create a webhook endpoint and print its secret once")
    create.add_argument("url", help="the https:// URL that receives the webhooks")
    create.add_argument(
        "--event",
        action="append",
        choices=[*EventName],
        help="an event that it receives; repeatable (default: all events)",
    )
    create.add_argument("--payload", choices=[*PayloadFormat], default=PayloadFormat.FULL)
    create.add_argument("--description", help="a note for the merchant")
    for name, command, help_ in (
        ("enable", enable_endpoint, "send webhooks to an endpoint again"),
        ("disable", disable_endpoint, "send no webhooks to an endpoint"),
        ("delete", delete_endpoint, "delete an endpoint; deliveries that wait end as failed"),
    ):
        _add_endpoint(_add(actions, name, command, help_))
    replay = _add(actions, "replay", replay_webhooks, "send the failed webhooks of an endpoint again")
    _add_endpoint(replay)
    replay.add_argument(
        "--since",
        type=duration,
        default=duration(_SINCE),
        help=f"the age of the oldest webhook to replay, such as 30m or 2d (default: {_SINCE})",
    )


def _add(actions: Commands, name: str, command: Any, help_: str) -> argparse.ArgumentParser:
    return add_merchant(add_stage(add_command(actions, name, command, help_), default=DEFAULT_STAGE))


def _add_endpoint(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("endpoint", metavar="endpoint-id", help='"default" or the id of another endpoint')


def list_endpoints(arguments: argparse.Namespace) -> int:
    """List the endpoints of a merchant, the default one first."""
    with _deployment(arguments) as (deployment, merchant_id):
        service = deployment.gateway.webhook_endpoints
        for endpoint in service.all(merchant_id):
            health = service.health_of(EndpointKey(merchant_id, endpoint.id))
            rate = health.success_rate_24h
            shown = "no attempts in 24 h" if rate is None else f"{rate:.0%} accepted in 24 h"
            print(f"{_line(endpoint)}  {shown}")
    return 0


def create_endpoint(arguments: argparse.Namespace) -> int:
    """Create an endpoint."""
    with _deployment(arguments) as (deployment, merchant_id):
        allow_private = deployment.settings.allow_private_webhook_addresses
        check_new_webhook_url(arguments.url, allow_private=allow_private)
        new = NewEndpoint(
            url=arguments.url,
            events=frozenset(arguments.event or [ALL_EVENTS]),
            payload=PayloadFormat(arguments.payload),
            description=arguments.description,
            status=EndpointStatus.ENABLED,
        )
        without_key: Idempotency[WebhookEndpoint] = Idempotency(
            key=None, respond=lambda _created: StoredResponse(status=201, body="")
        )
        endpoint = deployment.gateway.webhook_endpoints.create(merchant_id, new, without_key)
        deployment.audit(AuditAction.CREATE_ENDPOINT, merchant_id, endpoint_id=endpoint.id)
    print(_line(endpoint))
    print(f"Signing secret  {endpoint.secret}")
    return 0


def enable_endpoint(arguments: argparse.Namespace) -> int:
    """Enable an endpoint."""
    return _set_status(arguments, EndpointStatus.ENABLED)


def disable_endpoint(arguments: argparse.Namespace) -> int:
    """Disable an endpoint."""
    return _set_status(arguments, EndpointStatus.DISABLED)


def delete_endpoint(arguments: argparse.Namespace) -> int:
    """Delete an endpoint."""
    with _deployment(arguments) as (deployment, merchant_id):
        deployment.gateway.webhook_endpoints.delete(EndpointKey(merchant_id, arguments.endpoint))
        deployment.audit(AuditAction.DELETE_ENDPOINT, merchant_id, endpoint_id=arguments.endpoint)
    print(f"{arguments.endpoint} is deleted. Its deliveries that wait for an attempt end as failed.")
    return 0


def replay_webhooks(arguments: argparse.Namespace) -> int:
    """Replay the failed webhooks of an endpoint, and print the progress."""
    with _deployment(arguments) as (deployment, merchant_id):
        key, gateway = EndpointKey(merchant_id, arguments.endpoint), deployment.gateway
        gateway.webhook_endpoints.get(key)
        count, after = 0, None
        since = gateway.clock() - arguments.since
        while True:
            request = ReplayRequest(since=since, until=None, status=WebhookStatus.FAILED, after=after)
            replayed = gateway.webhooks.replay(key, request)
            deployment.audit(
                AuditAction.REPLAY_WEBHOOKS, merchant_id, endpoint_id=key.endpoint_id, count=replayed.count
            )
            count, after = count + replayed.count, replayed.next_key
            if after is None:
                break
            print(f"{count} webhooks replayed …", flush=True)
    print(f"{count} webhooks replayed.")
    return 0


def _set_status(arguments: argparse.Namespace, status: EndpointStatus) -> int:
    with _deployment(arguments) as (deployment, merchant_id):
        key = EndpointKey(merchant_id, arguments.endpoint)
        changed = deployment.gateway.webhook_endpoints.change(key, {"status": status})
        deployment.audit(AuditAction.CHANGE_ENDPOINT, merchant_id, endpoint_id=changed.id, status=status)
    print(_line(changed))
    return 0


@contextmanager
def _deployment(arguments: argparse.Namespace) -> Iterator[tuple[Deployment, str]]:
    """The deployment and the id of the merchant. Converts errors of the services to InfraError."""
    deployment = Deployment.load(arguments.stage)
    with operator_errors():
        merchant_id = deployment.gateway.onboarding.id_of(arguments.merchant)
        yield deployment, deployment.merchant(merchant_id).id


def _line(endpoint: WebhookEndpoint) -> str:
    events = ", ".join(sorted(endpoint.events)) if ALL_EVENTS not in endpoint.events else "all events"
    url = endpoint.url or "no URL"
    return f"{endpoint.id:<20}{endpoint.status:<9}{endpoint.payload:<5} {url}  {events}"

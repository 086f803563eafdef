"""Models that are bound to tables share one client."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.session import Session
from pynamodb.models import Model

from chalicelib.bootstrap import clients
from chalicelib.store.database import Database
from chalicelib.store.sessions import SessionRow
from chalicelib.store.tables import TABLES


def test_threads_that_bind_models_at_the_same_time_create_one_client(monkeypatch: pytest.MonkeyPatch) -> None:
    database, start = Database(region="us-east-1"), Barrier(len(TABLES))
    create, created = Session.create_client, list[str]()

    def slow(session: Session, service: str, *arguments: Any, **options: Any) -> Any:
        created.append(service)
        time.sleep(0.05)  # long enough for all threads to need the client
        return create(session, service, *arguments, **options)

    def bind(row: type[Model]) -> Any:
        start.wait()
        return database.bind(row, f"test-{row.Meta.table_name}")._get_connection().connection.client

    monkeypatch.setattr(Session, "create_client", slow)
    with ThreadPoolExecutor(len(TABLES)) as threads:
        clients = list(threads.map(bind, TABLES))
    assert created == ["dynamodb"]
    assert len({id(client) for client in clients}) == 1


class SentError(Exception):
    """Ends a request before it is sent."""


def test_all_clients_have_the_constant_user_agent() -> None:
    agents: list[bytes] = []

    def stop(request: AWSPreparedRequest, **_: object) -> None:
        agents.append(request.headers["User-Agent"])
        raise SentError

    def send(client: Any, operation: str) -> None:
        client.meta.events.register_first("before-send", stop)
        try:
            with pytest.raises(SentError):
                getattr(client, operation)()
        finally:
            client.meta.events.unregister("before-send", stop)

    for database in (made := Database(region="us-east-1"), made.quick()):
        row: Any = database.bind(SessionRow, "test-sessions")
        send(row._get_connection().connection.client, "list_tables")
    send(clients.client("sqs"), "list_queues")
    assert [agent.startswith(b"payment-gateway Botocore/") for agent in agents] == [True] * 3, agents

"""Models that are bound to tables share one client."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from botocore.session import Session
from pynamodb.models import Model

from chalicelib.store.database import Database
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

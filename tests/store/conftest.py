"""The stores on each of three engines. Engines that are processes are started once for all of these tests."""

from collections.abc import Iterator

import pytest

from tests.store import engines
from tests.store.stores import Stores


@pytest.fixture(scope="session")
def on_ministack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    with engines.ministack(tmp_path_factory.mktemp("ministack")) as aws:
        stores = Stores.on("ministack", aws)
        stores.make_tables()
        yield stores


@pytest.fixture(scope="session")
def on_dynamodb_local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    try:
        with engines.dynamodb_local(tmp_path_factory.mktemp("dynamodb_local")) as aws:
            stores = Stores.on("dynamodb_local", aws)
            stores.make_tables()
            yield stores
    except engines.NoJavaError:
        pytest.skip("NOT TESTED on Amazon's own engine: there is no Java (17 or newer); see `make engines`")


@pytest.fixture(
    scope="module"
)  # moto copies all its rows for each transaction, so the tests must not accumulate many
def on_moto() -> Iterator[Stores]:
    with engines.moto() as aws:
        stores = Stores.on("moto", aws)
        stores.make_tables()
        yield stores


@pytest.fixture(params=["moto", "ministack", "dynamodb_local"])
def stores(request: pytest.FixtureRequest) -> Stores:
    made: Stores = request.getfixturevalue(f"on_{request.param}")
    return made

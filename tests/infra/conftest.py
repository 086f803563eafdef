"""The deployed template, and its resources by type."""

from collections.abc import Callable
from typing import Any

import pytest

from infra.deploy.packaging import Package, package
from infra.stage import Stage

Resources = dict[str, Any]


@pytest.fixture(scope="session")
def production_package() -> Package:
    return package(Stage("prod"))


@pytest.fixture(scope="session")
def resources(production_package: Package) -> Resources:
    made: Resources = production_package.template()["Resources"]
    return made


@pytest.fixture(scope="session")
def of_type(resources: Resources) -> Callable[[str], Resources]:
    """The properties of every resource of a type, by logical id."""

    def select(kind: str) -> Resources:
        return {id_: each["Properties"] for id_, each in resources.items() if each["Type"] == kind}

    return select

"""The number of requests of a page does not depend on the number of payments."""

from datetime import UTC, datetime

import pytest

from chalicelib.store import totals
from tests.bench.growth import PAGES, counted, examine, page_of
from tests.bench.population import OF_LARGE_MERCHANT, Population, populate
from tests.cloud import without_test_clocks
from tests.store import engines

SMALL, LARGE = 50, 200
ROWS_PER_REQUEST = 25


def requests_of(population: Population) -> dict[str, list[str]]:
    """The operations of each page, when it is read again."""
    pages = {name: page_of(population, path) for name, path in PAGES.items()}
    for page in pages.values():
        page()
    return {name: counted(page).operations for name, page in pages.items()}


def test_a_page_needs_as_many_requests_with_four_times_the_payments(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(totals, "ROWS_PER_REQUEST", ROWS_PER_REQUEST)
    with engines.moto() as aws, without_test_clocks():
        small, large = (populate(aws, size, now=datetime.now(UTC)) for size in (SMALL, LARGE))
        requests = requests_of(large)
        assert requests == requests_of(small)
        assert requests["payments"] == ["Query", "Query"]
        assert requests["statistics"] == ["Query"]
        with large.api() as api:
            assert api.get("/payments").json_body["total"] == LARGE * OF_LARGE_MERCHANT
        examine(large)

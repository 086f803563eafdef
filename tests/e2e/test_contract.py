"""The tests cover the contract, and every test declares what it asserts."""

import pytest

from chalicelib.domain import errors
from chalicelib.domain.event import EventName
from tests.e2e.contract import ERRORS, ROUTES, SECTIONS, SUBJECTS, asserting_functions, claims

pytestmark = pytest.mark.contract("5")


@pytest.fixture(scope="module")
def claimed() -> set[tuple[str, str | None]]:
    """All pairs of a section and a subject that a test declares."""
    return {(claim.section, claim.subject) for claim in claims()}


@pytest.fixture(scope="module")
def subjects(claimed) -> set[str | None]:
    return {subject for _, subject in claimed}


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_is_asserted(claimed, section):
    assert section in {asserted for asserted, _ in claimed}


@pytest.mark.parametrize("route", ROUTES)
def test_every_route_is_asserted(subjects, route):
    assert route in subjects


@pytest.mark.parametrize("code", ERRORS)
def test_every_error_is_asserted(claimed, code):
    assert ("3", code) in claimed


@pytest.mark.parametrize("event", EventName)
def test_every_event_is_asserted(claimed, event):
    assert ("8", event) in claimed


def test_every_claim_is_part_of_the_contract(claimed, subjects):
    assert {section for section, _ in claimed} <= SECTIONS.keys()
    assert subjects <= SUBJECTS | {None}


def test_every_test_has_a_claim():
    assert {name for name, _ in asserting_functions()} == {claim.test for claim in claims()}


def test_every_domain_error_except_method_not_allowed_is_in_the_contract():
    codes = {
        kind.code
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.GatewayError) and hasattr(kind, "code")
    }
    assert codes - {errors.MethodNotAllowedError.code} == ERRORS.keys() - {"INTERNAL_SERVER_ERROR"}

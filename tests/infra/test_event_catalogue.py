"""The dashboard's event catalogue is complete and up to date."""

import json

import pytest

from chalicelib.domain.event import EventName
from infra.event_catalogue import MODULE, catalogue, module


def test_the_file_is_up_to_date():
    assert MODULE.read_text(encoding="utf-8") == module(), "run `make openapi` to update it"


def test_every_event_type_is_listed_once_and_in_order():
    assert [entry["name"] for entry in catalogue()] == list(EventName)


@pytest.mark.parametrize("entry", catalogue(), ids=lambda entry: entry["name"])
def test_an_event_has_sentences_and_both_sample_bodies(entry):
    for text in (entry["summary"], entry["occurs"]):
        assert text[0].isupper()
        assert text.endswith(".")
    full, thin = entry["full"], entry["thin"]
    assert full["event"] == thin["event"] == entry["name"]
    assert full["data"].keys() == thin["data"].keys()
    assert all(fields == {"id": full["data"][kind]["id"]} for kind, fields in thin["data"].items())


def test_the_file_contains_no_secret():
    assert "secret" not in json.dumps(catalogue())

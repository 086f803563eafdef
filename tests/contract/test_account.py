"""Replacing the API secret."""

from dataclasses import replace

import pytest
import requests

from tests.e2e.api import Api, assert_error
from tests.stack import PASSWORD

PATH = "/merchants/me/api-secret"


def session_of(merchant: Api) -> Api:
    answer = merchant.anonymous.post("/sessions", {"email": merchant.email, "password": PASSWORD})
    return merchant.bearing(str(answer.json()["token"]))


def works(merchant: Api, secret: str) -> bool:
    credentials = {**merchant.credentials, "X-Api-Secret": secret}
    answer: requests.Response = replace(merchant, credentials=credentials).get("/orders")
    return answer.status_code == 200


@pytest.mark.contract("2", f"POST {PATH}")
@pytest.mark.contract("2", f"DELETE {PATH}/previous")
@pytest.mark.contract("3", "API_SECRET_CONFLICT")
def test_a_secret_is_replaced_with_an_overlap_and_a_repeat_changes_nothing(new_merchant):
    merchant = new_merchant()
    session = session_of(merchant)
    response = session.post(PATH, {"overlap_hours": 1})
    assert response.status_code == 201, response.text
    rotated = response.json()
    assert set(rotated) == {"api_secret", "fingerprint", "previous_fingerprint", "previous_valid_until"}
    assert works(merchant, rotated["api_secret"])
    assert works(merchant, merchant.credentials["X-Api-Secret"])
    account = session.get("/merchants/me").json()
    assert account["previous_api_secret_valid_until"] == rotated["previous_valid_until"]
    assert_error(session.post(PATH, {"overlap_hours": 1}), 409, "API_SECRET_CONFLICT")
    assert session.get("/merchants/me").json() == account
    ended = session.delete(f"{PATH}/previous?fingerprint={rotated['previous_fingerprint']}")
    assert (ended.status_code, ended.json()) == (200, {"status": "previous_api_secret_ended"})
    assert session.get("/merchants/me").json()["previous_api_secret_valid_until"] is None


@pytest.mark.contract("3", "AUTHENTICATION_ERROR")
def test_a_key_pair_cannot_replace_its_secret(merchant):
    assert_error(merchant.post(PATH, {}), 401, "AUTHENTICATION_ERROR", "Invalid API credentials")

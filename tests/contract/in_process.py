"""The client of `tests.e2e.api` on Chalice's test client, in process."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import requests
from chalice.test import TestHTTPClient
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from tests.e2e.api import MAX_WAIT_S, Api, Json

URL = "http://gateway.in.process"


class InProcess(BaseAdapter):
    """The transport of a `requests` session that calls ``http``."""

    def __init__(self, http: TestHTTPClient) -> None:
        super().__init__()
        self._http = http

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """Send the request to the test client, with headers as text, as API Gateway does."""
        body = request.body or b""
        answer = self._http.request(
            request.method or "",
            request.path_url,
            headers=_texts(request.headers),
            body=body.encode() if isinstance(body, str) else bytes(body),
        )
        response = requests.Response()
        response.status_code, response.headers = answer.status_code, CaseInsensitiveDict(answer.headers)
        response._content, response.encoding = answer.body, "utf-8"
        response.url, response.request = request.url or "", request
        return response

    def close(self) -> None:
        """No-op."""


def _texts(headers: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: value.decode("latin-1") if isinstance(value, bytes) else value
        for name, value in headers.items()
    }


@dataclass(frozen=True)
class InProcessApi(Api):
    """A client with one merchant's credentials. ``run`` runs what is due within one minute."""

    session: requests.Session = field(default_factory=requests.Session)
    run: Callable[[], None] = lambda: None

    def request(self, method: str, path: str, **options: Any) -> requests.Response:
        headers = {**self.credentials, **options.pop("headers", {})}
        return self.session.request(
            method, self.url + path, headers=headers, allow_redirects=False, **options
        )

    @property
    def anonymous(self) -> "InProcessApi":
        """A client without credentials."""
        return replace(self, merchant_id="", credentials={}, email="")

    def settled(self, payment_id: str, *, within_s: float = MAX_WAIT_S) -> Json:
        """Run due work and return the settled payment."""
        self.run()
        payment: Json = self.get(f"/payments/{payment_id}").json()
        assert payment["status"] != "pending"
        return payment

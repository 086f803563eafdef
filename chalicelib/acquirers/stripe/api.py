"""The requests of Stripe's API: form-encoded, with the merchant's key and a fixed version of the API."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import quote, urlencode, urlsplit

from pydantic import BaseModel

from chalicelib.acquirers.base import AccountError
from chalicelib.acquirers.credentials import CredentialsError, MerchantCredentials
from chalicelib.acquirers.exchange import Exchange, UnusableResponseError
from chalicelib.acquirers.stripe import API_URL_NAME, SECRET_KEY
from chalicelib.acquirers.stripe.objects import Failure, Page, Problem, StripeObject
from chalicelib.acquirers.transport import NoResponseError, Request, Response, Transport

API_VERSION = "2026-10-28.endive"  # of the official Python client 16.1.0
API_URL = "https://api.stripe.com"
OK = 200
MAX_PAGES = 1_000  # of PAGE_SIZE objects
PAGE_SIZE = 100  # the maximum of Stripe
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_ACCOUNT_ERRORS = {
    401: "Stripe does not accept the secret key.",
    403: "Stripe does not permit this key to read the balance; check the key and the account.",
}

ModelT = TypeVar("ModelT", bound=BaseModel)
ItemT = TypeVar("ItemT", bound=StripeObject)


@dataclass(frozen=True, kw_only=True)
class StripeApi:
    """Sends requests with the credentials of one merchant."""

    transport: Transport
    credentials: MerchantCredentials

    @property
    def _exchange(self) -> Exchange:
        return Exchange(acquirer="stripe", transport=self.transport, id_header="request-id")

    def read(self, response: Response, model: type[ModelT]) -> ModelT:
        """The object in a response. Raises UnusableResponseError."""
        return self._exchange.read(response, model)

    def report(self, response: Response, problem: str, *codes: str | None) -> None:
        """Log a problem that the operator has to solve."""
        self._exchange.report(response, problem, *codes)

    def post(self, path: str, fields: Mapping[str, str] | None = None, *, key: str | None = None) -> Response:
        """The response with a result, of any status. ``key`` makes Stripe do it once.

        Raises NoResultError and CredentialsError.
        """
        return self._exchange.send(self._request("POST", path, fields or {}, key))

    def find(self, path: str, fields: Mapping[str, str] | None = None) -> Response:
        """As ``post``, for a GET request."""
        return self._exchange.send(self._request("GET", path, fields or {}))

    def get(self, path: str, model: type[ModelT], fields: Mapping[str, str] | None = None) -> ModelT:
        """The object, which must exist. Raises NoResultError and CredentialsError."""
        response = self.find(path, fields)
        if response.status != OK:
            self.report(response, "an object is missing", self.problem(response).code)
            raise UnusableResponseError
        return self.read(response, model)

    def list(self, path: str, model: type[Page[ItemT]], fields: Mapping[str, str]) -> Iterator[ItemT]:
        """All objects of a list. 1 request per page. Raises NoResultError and CredentialsError."""
        query = {**fields, "limit": str(PAGE_SIZE)}
        for _ in range(MAX_PAGES):
            page = self.get(path, model, query)
            yield from page.data
            if not page.has_more or not page.data:
                return
            query["starting_after"] = page.data[-1].id
        raise UnusableResponseError

    def confirmed(self, path: str, model: type[ModelT]) -> ModelT:
        """The object of an account that Stripe serves. Raises AccountError and CredentialsError."""
        try:
            response = self.transport.send(self._request("GET", path, {}))
            if response.status != OK:
                unexpected = f"Stripe responded with the status {response.status}; try again later."
                raise AccountError(_ACCOUNT_ERRORS.get(response.status, unexpected))
            return self.read(response, model)
        except NoResponseError:
            raise AccountError("Stripe did not respond; check the address and try again later.") from None
        except UnusableResponseError:
            raise AccountError("The response is not as Stripe documents it; check the address.") from None

    def problem(self, response: Response) -> Problem:
        """The error in a response without 200. Raises UnusableResponseError."""
        return self.read(response, Failure).error

    def _request(self, method: str, path: str, fields: Mapping[str, str], key: str | None = None) -> Request:
        known = self.credentials.get()
        url, encoded = f"{_api_url(known)}/v1/{path}", urlencode(fields)
        headers = {"Authorization": f"Bearer {_key(known)}", "Stripe-Version": API_VERSION}
        if method == "GET":
            return Request(method=method, url=f"{url}?{encoded}" if encoded else url, headers=headers)
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        headers |= {"Idempotency-Key": key} if key else {}
        return Request(method=method, url=url, headers=headers, body=encoded.encode())


def path(*parts: str) -> str:
    """The path of an object or of a change of it. The last parts, the id and the verb, are quoted."""
    kind, *others = parts
    return "/".join([kind, *(quote(other, safe="") for other in others)])


def _key(known: Mapping[str, str]) -> str:
    key = known.get(SECRET_KEY, "")
    if not (key and key.isascii() and key.isprintable() and " " not in key):
        raise CredentialsError(f"the credential {SECRET_KEY} of acquirer stripe is missing or not valid")
    return key


def _api_url(known: Mapping[str, str]) -> str:
    """The address of Stripe or of an emulator, to which a key may be sent without TLS only locally."""
    url = known.get(API_URL_NAME, API_URL).rstrip("/")
    address = urlsplit(url)
    if address.scheme == "https" or (address.scheme == "http" and address.hostname in _LOOPBACK):
        return url
    raise CredentialsError(f"the credential {API_URL_NAME} of acquirer stripe must be an https address")

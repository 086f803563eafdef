"""The handlers of the local ports: proxies to the stack's API and to the buckets of the sites."""

import asyncio
import gzip
import uuid
from collections.abc import Mapping
from io import BytesIO

from aiohttp import ClientError, ClientSession, ClientTimeout, web
from multidict import CIMultiDict
from yarl import URL

from infra.sites import Site
from infra.template.api import FAULT, GATEWAY_RESPONSES, TOO_LARGE, GatewayResponse, response_headers

_TIMEOUT = ClientTimeout(total=29)  # API Gateway's limit
_SITE_HEADERS = frozenset({"cache-control", "content-encoding", "content-type", "etag", "last-modified"})
_CONDITIONS = frozenset({"if-modified-since", "if-none-match"})

# Headers that apply to one connection, or that each side sets.
_CONNECTION_HEADERS = frozenset(
    {
        "connection",
        "content-length",
        "date",
        "host",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)


class ApiProxy:
    """Forwards every request unchanged to API Gateway."""

    name = "api"

    def __init__(self, address: str, concurrency: int) -> None:
        """Requests above ``concurrency`` wait, because Lambda would throttle them."""
        self._address = address
        self._slots = asyncio.Semaphore(concurrency)

    async def handle(self, request: web.Request, client: ClientSession) -> web.StreamResponse:
        """Return API Gateway's response."""
        if not all(_is_text(value) for value in request.headers.values()):
            return _error_response(GATEWAY_RESPONSES["DEFAULT_4XX"])
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            return _error_response(TOO_LARGE)
        async with self._slots:
            try:
                return await self._forward(request, body, client)
            except (ClientError, TimeoutError):
                return _error_response(FAULT)

    async def _forward(self, request: web.Request, body: bytes, client: ClientSession) -> web.Response:
        async with client.request(
            request.method,
            URL(f"{self._address}{request.rel_url}", encoded=True),
            headers=_without(_CONNECTION_HEADERS, request.headers),
            data=BytesIO(body) if body else None,
            allow_redirects=False,
            timeout=_TIMEOUT,
        ) as response:
            headers = _without(_CONNECTION_HEADERS, response.headers)
            return web.Response(status=response.status, headers=headers, body=await response.read())


class SiteProxy:
    """Serves a static site from its bucket like S3 website hosting.

    It also adds security headers, which a CloudFront distribution would add on AWS.
    """

    def __init__(self, site: Site, bucket_address: str) -> None:
        self.name = site.name
        self._site = site
        self._address = bucket_address

    async def handle(self, request: web.Request, client: ClientSession) -> web.StreamResponse:
        """Return the requested object, a folder's index page, or the error page."""
        if request.method not in {"GET", "HEAD"}:
            return web.Response(status=405, headers={"Allow": "GET, HEAD"})
        key = request.rel_url.raw_path.lstrip("/")
        if not key or key.endswith("/"):
            key += self._site.index
        try:
            response = await self._object(key, client, request) or await self._error_page(client)
        except (ClientError, TimeoutError):
            return web.Response(status=503, text="The bucket does not respond.")
        response.headers.update(self.headers(key))
        return _decode(response, request)

    def headers(self, key: str) -> dict[str, str]:
        """The additional headers of the response for ``key``."""
        headers = {"X-Content-Type-Options": "nosniff"}
        if key not in self._site.framable:
            headers["Content-Security-Policy"] = "frame-ancestors 'none'"
        if self._site.shared:
            headers["Access-Control-Allow-Origin"] = "*"
        return headers

    async def _object(
        self, key: str, client: ClientSession, request: web.Request | None = None
    ) -> web.Response | None:
        """S3's response for ``key``, which is a 304 if the browser's copy is current. None if it fails."""
        address = URL(f"{self._address}/{key}", encoded=True)
        conditions = _only(_CONDITIONS, request.headers) if request else None
        async with client.get(address, headers=conditions, timeout=_TIMEOUT) as response:
            if not response.ok:
                return None
            headers = _only(_SITE_HEADERS, response.headers)
            return web.Response(status=response.status, headers=headers, body=await response.read())

    async def _error_page(self, client: ClientSession) -> web.Response:
        page = await self._object(self._site.error_page, client)
        if page is None:
            return web.Response(status=404, text="Not found")
        page.set_status(404)
        return page


def _decode(response: web.Response, request: web.Request) -> web.Response:
    """Decompress the body if the client does not accept gzip. S3 sends it compressed to every client."""
    body = response.body
    if response.headers.get("Content-Encoding") == "gzip" and isinstance(body, bytes):
        response.headers["Vary"] = "Accept-Encoding"
        if "gzip" not in request.headers.get("Accept-Encoding", ""):
            del response.headers["Content-Encoding"]
            response.body = gzip.decompress(body) if body else body
    return response


def _only(kept: frozenset[str], headers: Mapping[str, str]) -> CIMultiDict[str]:
    return CIMultiDict((name, value) for name, value in headers.items() if name.lower() in kept)


def _without(dropped: frozenset[str], headers: Mapping[str, str]) -> CIMultiDict[str]:
    return CIMultiDict((name, value) for name, value in headers.items() if name.lower() not in dropped)


def _is_text(value: str) -> bool:
    """Whether a header's bytes were UTF-8. aiohttp would drop invalid bytes when it forwards the header."""
    return not any("\ud800" <= character <= "\udfff" for character in value)


def _error_response(response: GatewayResponse) -> web.Response:
    return web.Response(
        status=response.status,
        headers=response_headers(response),
        text=response.body(str(uuid.uuid4())),
        content_type="application/json",
    )

"""What stands behind the local ports: the API of the stack, and the sites in its buckets."""

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

_PATIENCE = ClientTimeout(total=29)  # API Gateway's
_SITE_HEADERS = frozenset({"cache-control", "content-encoding", "content-type", "etag", "last-modified"})
_CONDITIONS = frozenset({"if-modified-since", "if-none-match"})

# Of one connection only, or set anew at either end.
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
    """The API: every request goes to API Gateway as it came."""

    name = "api"

    def __init__(self, address: str, concurrency: int) -> None:
        """What exceeds ``concurrency`` waits here; the function would be throttled."""
        self._address = address
        self._slots = asyncio.Semaphore(concurrency)

    async def answer(self, request: web.Request, client: ClientSession) -> web.StreamResponse:
        """API Gateway's answer."""
        if not all(_is_text(value) for value in request.headers.values()):
            return _own_answer(GATEWAY_RESPONSES["DEFAULT_4XX"])
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            return _own_answer(TOO_LARGE)
        async with self._slots:
            try:
                return await self._pass_on(request, body, client)
            except (ClientError, TimeoutError):
                return _own_answer(FAULT)

    async def _pass_on(self, request: web.Request, body: bytes, client: ClientSession) -> web.Response:
        async with client.request(
            request.method,
            URL(f"{self._address}{request.rel_url}", encoded=True),
            headers=_without(_CONNECTION_HEADERS, request.headers),
            data=BytesIO(body) if body else None,
            allow_redirects=False,
            timeout=_PATIENCE,
        ) as answer:
            headers = _without(_CONNECTION_HEADERS, answer.headers)
            return web.Response(status=answer.status, headers=headers, body=await answer.read())


class SiteProxy:
    """A static site, answered out of its bucket as S3's website hosting does.

    The headers that say who may frame a page are what a distribution before the bucket would add.
    """

    def __init__(self, site: Site, bucket_address: str) -> None:
        self.name = site.name
        self._site = site
        self._address = bucket_address

    async def answer(self, request: web.Request, client: ClientSession) -> web.StreamResponse:
        """The object of that name, a folder's index, or the error page."""
        if request.method not in {"GET", "HEAD"}:
            return web.Response(status=405, headers={"Allow": "GET, HEAD"})
        key = request.rel_url.raw_path.lstrip("/")
        if not key or key.endswith("/"):
            key += self._site.index
        try:
            answer = await self._object(key, client, request) or await self._error_page(client)
        except (ClientError, TimeoutError):
            return web.Response(status=503, text="The bucket does not answer.")
        answer.headers.update(self.headers(key))
        return _readable(answer, request)

    def headers(self, key: str) -> dict[str, str]:
        """What goes with the answer at ``key``."""
        headers = {"X-Content-Type-Options": "nosniff"}
        if key not in self._site.framable:
            headers["Content-Security-Policy"] = "frame-ancestors 'none'"
        if self._site.shared:
            headers["Access-Control-Allow-Origin"] = "*"
        return headers

    async def _object(
        self, key: str, client: ClientSession, request: web.Request | None = None
    ) -> web.Response | None:
        """The object as S3 answers it: 304 if the browser has it already."""
        address = URL(f"{self._address}/{key}", encoded=True)
        conditions = _only(_CONDITIONS, request.headers) if request else None
        async with client.get(address, headers=conditions, timeout=_PATIENCE) as answer:
            if not answer.ok:
                return None
            headers = _only(_SITE_HEADERS, answer.headers)
            return web.Response(status=answer.status, headers=headers, body=await answer.read())

    async def _error_page(self, client: ClientSession) -> web.Response:
        page = await self._object(self._site.error_page, client)
        if page is None:
            return web.Response(status=404, text="Not found")
        page.set_status(404)
        return page


def _readable(answer: web.Response, request: web.Request) -> web.Response:
    """The answer as the client accepts it. S3 would send it compressed to every client, also to curl."""
    body = answer.body
    if answer.headers.get("Content-Encoding") == "gzip" and isinstance(body, bytes):
        answer.headers["Vary"] = "Accept-Encoding"
        if "gzip" not in request.headers.get("Accept-Encoding", ""):
            del answer.headers["Content-Encoding"]
            answer.body = gzip.decompress(body) if body else body
    return answer


def _only(kept: frozenset[str], headers: Mapping[str, str]) -> CIMultiDict[str]:
    return CIMultiDict((name, value) for name, value in headers.items() if name.lower() in kept)


def _without(dropped: frozenset[str], headers: Mapping[str, str]) -> CIMultiDict[str]:
    return CIMultiDict((name, value) for name, value in headers.items() if name.lower() not in dropped)


def _is_text(value: str) -> bool:
    """Whether a header's bytes were UTF-8; passed on, those that were not would be left out."""
    return not any("\ud800" <= character <= "\udfff" for character in value)


def _own_answer(answer: GatewayResponse) -> web.Response:
    return web.Response(
        status=answer.status,
        headers=response_headers(answer),
        text=answer.body(str(uuid.uuid4())),
        content_type="application/json",
    )

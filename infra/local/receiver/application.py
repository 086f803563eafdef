"""The receiver's HTTP API: webhooks, the page that shows them, the test switches, and the shop's orders."""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web
from pydantic import ValidationError

from infra.local.receiver.behaviour import Behaviour
from infra.local.receiver.inbox import Inbox
from infra.local.receiver.merchant_account import MerchantAccount
from infra.local.receiver.secret import Secret

MAX_BODY_BYTES = 256 * 1024  # a webhook is far smaller
MAX_STREAM_S = 60  # far longer than any tested sender reads a body
DRIP_INTERVAL_S = 0.2
CHUNK = b"x" * 16 * 1024
PAGE = Path(__file__).with_name("page")
PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


@dataclass
class Application:
    """The handlers. `behaviour` can change at any time. Orders require a `shop`."""

    inbox: Inbox
    behaviour: Behaviour
    shop: MerchantAccount | None = None

    def build(self) -> web.Application:
        """The aiohttp application with all routes."""
        application = web.Application(client_max_size=MAX_BODY_BYTES)
        application.add_routes(
            [
                web.post("/webhook", self.receive),
                web.get("/deliveries", self.list_deliveries),
                web.get("/behaviour", self.show_behaviour),
                web.put("/behaviour", self.change_behaviour),
                web.put("/secret", self.change_secret),
                web.get("/", self.show_page),
                web.get("/{file:receiver\\.(?:js|css)}", self.show_page),
            ]
        )
        if self.shop is not None:
            application.add_routes([web.post("/orders", self.shop.order)])
            application.on_response_prepare.append(self.shop.allow_page)
        return application

    async def receive(self, request: web.Request) -> web.StreamResponse:
        """Receive a webhook. The response is 400 if it is not verified, and otherwise set by `behaviour`."""
        behaviour = self.behaviour
        delivery = self.inbox.receive(await request.read(), request.headers, behaviour)
        if delivery.problem is not None:
            return web.Response(status=delivery.status, text=f"{delivery.explanation}\n")
        await asyncio.sleep(behaviour.delay_s)
        headers = {"Location": behaviour.redirect_to} if behaviour.redirect_to else {}
        if behaviour.body == "short":
            return web.Response(status=delivery.status, text=f"{delivery.status}\n", headers=headers)
        return await _stream(request, web.StreamResponse(status=delivery.status, headers=headers), behaviour)

    async def list_deliveries(self, _request: web.Request) -> web.Response:
        """Return the stored deliveries, newest first."""
        return web.json_response([delivery.as_json() for delivery in reversed(self.inbox.deliveries)])

    async def show_behaviour(self, _request: web.Request) -> web.Response:
        """Return the test switches."""
        return web.json_response(text=self.behaviour.model_dump_json())

    async def change_behaviour(self, request: web.Request) -> web.Response:
        """Set the test switches. Switches that are not in the request return to their defaults."""
        try:
            self.behaviour = Behaviour.model_validate_json(await request.read())
        except ValidationError as error:
            return web.Response(status=400, text=f"{error}\n")
        return await self.show_behaviour(request)

    async def change_secret(self, request: web.Request) -> web.Response:
        """Change the webhook secret. The API never returns it."""
        try:
            self.inbox.secret = Secret.model_validate_json(await request.read()).secret
        except ValidationError as error:
            return web.Response(status=400, text=f"{error.errors()[0]['msg']}\n")
        return web.Response(status=204)

    async def show_page(self, request: web.Request) -> web.StreamResponse:
        """Return the page, its script or its style sheet."""
        return web.FileResponse(PAGE / request.match_info.get("file", "index.html"), headers=PAGE_HEADERS)


async def _stream(
    request: web.Request, response: web.StreamResponse, behaviour: Behaviour
) -> web.StreamResponse:
    """Send an endless body until the client closes the connection, at most for MAX_STREAM_S."""
    dripping = behaviour.body == "dripping"
    deadline = time.monotonic() + MAX_STREAM_S
    with suppress(ConnectionResetError):
        await response.prepare(request)
        while time.monotonic() < deadline:
            await response.write(CHUNK[:1] if dripping else CHUNK)
            await asyncio.sleep(DRIP_INTERVAL_S if dripping else 0)
    return response

"""The demo shop's back end: orders are made here, with the secret that no page may hold."""

from dataclasses import dataclass
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, web

PRODUCT = {"amount": 50_000, "currency": "INR", "receipt": "demo-shop"}  # the price is the server's to say
_PATIENCE = ClientTimeout(total=15)


@dataclass(frozen=True, kw_only=True)
class MerchantAccount:
    """The merchant's account at the gateway, and the one page that may ask for an order."""

    page_origin: str
    api_url: str
    api_key: str
    api_secret: str

    async def allow_page(self, _request: web.Request, response: web.StreamResponse) -> None:
        """Let the shop's page, and no other site's, read what is answered."""
        response.headers["Access-Control-Allow-Origin"] = self.page_origin
        response.headers["Vary"] = "Origin"

    async def order(self, request: web.Request) -> web.Response:
        """A new order, with what the SDK needs to open its checkout."""
        if request.headers.get("Origin") != self.page_origin:
            return web.json_response({"problem": f"only {self.page_origin} may order"}, status=403)
        webhook_url = str(request.url.origin() / "webhook")
        try:
            async with self._gateway() as gateway:
                told = await self._receive_webhooks(gateway, webhook_url)
                order = await _asked(gateway, "POST", "/api/v1/orders", PRODUCT)
        except (ClientError, TimeoutError) as error:
            return web.json_response({"problem": f"the gateway refused: {error}"}, status=502)
        return web.json_response({"key": self.api_key, "order": order, "webhook_url": told}, status=201)

    async def _receive_webhooks(self, gateway: ClientSession, webhook_url: str) -> str:
        """Where the gateway sends webhooks; here, unless it was told otherwise before."""
        path = "/api/v1/webhooks/config"
        saved = await _asked(gateway, "GET", path)
        if saved["webhook_url"] is None:
            saved = await _asked(gateway, "PUT", path, {"webhook_url": webhook_url})
        return str(saved["webhook_url"])

    def _gateway(self) -> ClientSession:
        credentials = {"X-Api-Key": self.api_key, "X-Api-Secret": self.api_secret}
        return ClientSession(self.api_url, headers=credentials, timeout=_PATIENCE, raise_for_status=True)


async def _asked(
    gateway: ClientSession, method: str, path: str, body: dict[str, Any] | None = None
) -> dict[str, Any]:
    async with gateway.request(method, path, json=body) as answer:
        answered: dict[str, Any] = await answer.json()
        return answered

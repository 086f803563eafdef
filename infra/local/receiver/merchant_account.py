"""The demo shop's back end. It creates orders with the API secret, which pages must not contain."""

from dataclasses import dataclass
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, web

PRODUCT = {"amount": 50_000, "currency": "INR", "receipt": "demo-shop"}  # the server sets the price
_TIMEOUT = ClientTimeout(total=15)


@dataclass(frozen=True, kw_only=True)
class MerchantAccount:
    """The merchant's credentials, and the origin of the page that can create orders."""

    page_origin: str
    api_url: str
    api_key: str
    api_secret: str

    async def allow_page(self, _request: web.Request, response: web.StreamResponse) -> None:
        """Allow only the shop's page to read responses (CORS)."""
        response.headers["Access-Control-Allow-Origin"] = self.page_origin
        response.headers["Vary"] = "Origin"

    async def order(self, request: web.Request) -> web.Response:
        """Create an order. The response contains the parameters that the SDK needs to open the checkout."""
        if request.headers.get("Origin") != self.page_origin:
            return web.json_response({"problem": f"only {self.page_origin} can create orders"}, status=403)
        webhook_url = str(request.url.origin() / "webhook")
        try:
            async with self._gateway() as gateway:
                webhook_url = await self._set_webhook_url(gateway, webhook_url)
                order = await _request(gateway, "POST", "/api/v1/orders", PRODUCT)
        except (ClientError, TimeoutError) as error:
            return web.json_response({"problem": f"the request to the gateway failed: {error}"}, status=502)
        return web.json_response(
            {"key": self.api_key, "order": order, "webhook_url": webhook_url}, status=201
        )

    async def _set_webhook_url(self, gateway: ClientSession, webhook_url: str) -> str:
        """Set the merchant's webhook URL unless it has one. Returns the current URL."""
        path = "/api/v1/webhooks/config"
        config = await _request(gateway, "GET", path)
        if config["webhook_url"] is None:
            config = await _request(gateway, "PUT", path, {"webhook_url": webhook_url})
        return str(config["webhook_url"])

    def _gateway(self) -> ClientSession:
        credentials = {"X-Api-Key": self.api_key, "X-Api-Secret": self.api_secret}
        return ClientSession(self.api_url, headers=credentials, timeout=_TIMEOUT, raise_for_status=True)


async def _request(
    gateway: ClientSession, method: str, path: str, body: dict[str, Any] | None = None
) -> dict[str, Any]:
    async with gateway.request(method, path, json=body) as response:
        content: dict[str, Any] = await response.json()
        return content

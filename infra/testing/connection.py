"""How a shop reaches the gateway as one merchant: addresses and credentials."""

from dataclasses import asdict, dataclass

VARIABLE_PREFIX = "PAYMENT_GATEWAY_"


@dataclass(frozen=True, kw_only=True)
class Connection:
    """The addresses of a gateway, and the credentials of one of its merchants."""

    api_url: str
    checkout_url: str
    dashboard_url: str
    merchant_id: str
    api_key: str
    api_secret: str
    webhook_secret: str
    email: str
    password: str

    @property
    def variables(self) -> dict[str, str]:
        """The environment variables of the shop, such as PAYMENT_GATEWAY_API_URL."""
        return {f"{VARIABLE_PREFIX}{name.upper()}": value for name, value in asdict(self).items()}

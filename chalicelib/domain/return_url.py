"""The page of the shop to which a buyer returns after a payment, with a signed status."""

from datetime import datetime
from urllib.parse import urlencode, urlsplit

from chalicelib.domain.errors import BadRequestError
from chalicelib.domain.payment import Payment
from chalicelib.domain.signature import standard_signature
from chalicelib.domain.webhook_url import check_webhook_url


def origin_of(url: str) -> str:
    """Scheme, host and port of ``url``, normalized: ``https://shop.example``. Raises BadRequestError."""
    check_webhook_url(url, allow_private=True, field="return_url")
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}[parts.scheme]
    port = "" if parts.port in {None, default} else f":{parts.port}"
    return f"{parts.scheme}://{_host(parts.hostname)}{port}"


def parse_origin(text: str) -> str:
    """The normalized origin in ``text``. Raises BadRequestError if it is something else."""
    check_webhook_url(text, allow_private=True, field="origins")
    parts = urlsplit(text)
    if parts.path not in {"", "/"} or parts.query or parts.fragment or text.endswith(("?", "#")):
        raise BadRequestError("origins must have no path, such as https://shop.example", field="origins")
    return origin_of(text)


def signed_return_url(url: str, payment: Payment, secret: str, *, now: datetime) -> str:
    """``url`` with the payment's ids and status, signed like a webhook with the body ``order_id.status``."""
    timestamp = int(now.timestamp())
    body = f"{payment.order_id}.{payment.status}".encode()
    parameters = {
        "payment_id": payment.id,
        "order_id": payment.order_id,
        "status": payment.status,
        "timestamp": timestamp,
        "signature": standard_signature(secret, webhook_id=payment.id, timestamp=timestamp, body=body),
    }
    address, hash_, fragment = url.partition("#")
    separator = "&" if "?" in address else "?"
    return f"{address}{separator}{urlencode(parameters)}{hash_}{fragment}"


def _host(name: str | None) -> str:
    host = (name or "").lower()
    return f"[{host}]" if ":" in host else host

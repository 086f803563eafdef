"""Merchants in DynamoDB."""

from collections.abc import Iterable

from chalicelib.domain.merchant import Merchant, WebhookEndpoint
from chalicelib.store import write
from chalicelib.store.tables import MerchantRow


class MerchantStore:
    """The merchants, by id and by API key."""

    def __init__(self, table: type[MerchantRow]) -> None:
        self._table = table

    def find_by_api_key(self, api_key: str) -> Merchant | None:
        """Who the key belongs to. One request; the index may be a moment behind a roll of the key."""
        rows = self._table.query(api_key, index_name="by_api_key", limit=1)
        return next((_merchant(row) for row in rows), None)

    def get(self, merchant_id: str) -> Merchant | None:
        """The merchant, read consistently. One request."""
        try:
            return _merchant(self._table.get(merchant_id, consistent_read=True))
        except self._table.DoesNotExist:
            return None

    def get_many(self, merchant_ids: Iterable[str]) -> dict[str, Merchant]:
        """Those of the merchants that exist, read consistently. One request for up to 100."""
        wanted = sorted(set(merchant_ids))
        if not wanted:
            return {}
        return {row.id: _merchant(row) for row in self._table.batch_get(wanted, consistent_read=True)}

    def create(self, merchant: Merchant) -> bool:
        """Write a new merchant; False when the id is taken. One request."""
        row = self._table(
            id=merchant.id,
            name=merchant.name,
            email=merchant.email,
            api_key=merchant.api_key,
            api_secret_hash=merchant.api_secret_hash,
            webhook_url=merchant.webhook.url,
            webhook_secret=merchant.webhook.secret,
            created_at=merchant.created_at,
        )
        try:
            write.put(row, self._table.id.does_not_exist())
        except write.ConditionFailedError:
            return False
        return True

    def set_webhook_url(self, merchant_id: str, url: str | None) -> Merchant:
        """Save where webhooks go, or that they go nowhere. One request."""
        action = self._table.webhook_url.set(url) if url else self._table.webhook_url.remove()
        return _merchant(write.update(self._table(merchant_id), [action], self._table.id.exists()))


def _merchant(row: MerchantRow) -> Merchant:
    return Merchant(
        id=row.id,
        name=row.name,
        email=row.email,
        api_key=row.api_key,
        api_secret_hash=row.api_secret_hash,
        webhook=WebhookEndpoint(url=row.webhook_url, secret=row.webhook_secret),
        created_at=row.created_at,
    )

"""Merchants."""

from pynamodb.attributes import UnicodeAttribute, UTCDateTimeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model


class ByApiKey(GlobalSecondaryIndex["MerchantRow"]):
    """Who an API key belongs to."""

    class Meta:
        index_name = "by_api_key"
        projection = AllProjection()

    api_key = UnicodeAttribute(hash_key=True)


class ByEmail(GlobalSecondaryIndex["MerchantRow"]):
    """Who signs in with an email address, always in lower case."""

    class Meta:
        index_name = "by_email"
        projection = AllProjection()

    email = UnicodeAttribute(hash_key=True)


class MerchantRow(Model):
    """A merchant."""

    class Meta:
        table_name = "merchants"

    id = UnicodeAttribute(hash_key=True)
    name = UnicodeAttribute()
    email = UnicodeAttribute()
    api_key = UnicodeAttribute()
    api_secret_hash = UnicodeAttribute()
    previous_api_secret_hash = UnicodeAttribute(null=True)
    previous_api_secret_until = UTCDateTimeAttribute(null=True)
    password_hash = UnicodeAttribute(null=True)
    webhook_url = UnicodeAttribute(null=True)
    webhook_secret = UnicodeAttribute()
    previous_webhook_secret = UnicodeAttribute(null=True)
    previous_webhook_secret_until = UTCDateTimeAttribute(null=True)
    webhook_failing_since = UTCDateTimeAttribute(null=True)
    webhook_disabled_at = UTCDateTimeAttribute(null=True)
    created_at = UTCDateTimeAttribute()
    deactivated_at = UTCDateTimeAttribute(null=True)
    session_epoch = UnicodeAttribute(null=True)
    kept_session = UnicodeAttribute(null=True)
    by_api_key = ByApiKey()
    by_email = ByEmail()

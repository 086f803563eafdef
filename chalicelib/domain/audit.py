"""Audit events: who used or changed the access to a merchant's account, from where, and what."""

from enum import StrEnum


class AuditAction(StrEnum):
    """The actions that are recorded, by the API or by an operator's command."""

    SIGN_IN = "session.create"
    SIGN_OUT = "session.delete"
    END_SESSIONS = "sessions.end"
    CHANGE_PASSWORD = "password.change"  # noqa: S105 - the name of an action
    CHANGE_RETURN_ORIGINS = "return_origins.change"
    CHANGE_TIME_ZONE = "time_zone.change"
    CHANGE_WEBHOOK_URL = "webhook_url.change"
    REGENERATE_SECRET = "webhook_secret.regenerate"  # noqa: S105 - the name of an action
    CREATE_ENDPOINT = "webhook_endpoint.create"
    CHANGE_ENDPOINT = "webhook_endpoint.change"
    DELETE_ENDPOINT = "webhook_endpoint.delete"
    CREATE_MERCHANT = "merchant.create"
    ROLL_API_SECRET = "api_secret.roll"  # noqa: S105 - the name of an action
    END_API_SECRET = "api_secret.end_previous"  # noqa: S105 - the name of an action
    DEACTIVATE_MERCHANT = "merchant.deactivate"
    REACTIVATE_MERCHANT = "merchant.reactivate"
    SET_ACQUIRER = "acquirer.set"
    ERASE_BUYER = "buyer.erase"
    REPLAY_WEBHOOKS = "webhooks.replay"
    REDRIVE = "dead_letters.redrive"
    STORE_CREDENTIALS = "acquirer_credentials.store"


class Credential(StrEnum):
    """How the actor of an audit event authenticated. An operator has an identity of AWS."""

    API_KEY = "api_key"
    SESSION = "session"
    PASSWORD = "password"  # noqa: S105 - the kind, not a password
    OPERATOR = "operator"

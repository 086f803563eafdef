"""The entry point of the API."""

from chalicelib.api.application import create_app, create_router
from chalicelib.bootstrap import gateway
from chalicelib.functions import loaded

gateway().create("merchants", "limiter", "orders", "payments", "refunds", "request_log")

handler = create_app(create_router())

loaded()

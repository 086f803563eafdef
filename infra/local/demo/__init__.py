"""`make demo`: payments and their webhooks on a separate local gateway."""

from infra.local.demo.script import main

__all__ = ["main"]

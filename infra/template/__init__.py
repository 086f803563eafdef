"""What Chalice's template lacks: tables, queues, sites, roles, and how each function is wired to them."""

from infra.template.merge import build_template

__all__ = ["build_template"]

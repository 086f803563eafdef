"""The resources missing in Chalice's template: tables, queues, sites, roles, alarms and event sources."""

from infra.template.merge import build_template

__all__ = ["build_template"]

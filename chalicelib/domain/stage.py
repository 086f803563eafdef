"""Stages. A stage is a production stage unless its name is in a set here."""

# Stages on a developer's machine: webhooks may be sent to private addresses. Never deployed to AWS.
LOCAL_STAGES = frozenset({"local", "demo", "test", "trial"})
DEVELOPMENT_STAGES = LOCAL_STAGES | {"dev", "development"}


def is_local_stage(name: str) -> bool:
    """Whether the stage runs on a developer's machine."""
    return name in LOCAL_STAGES


def is_production_stage(name: str) -> bool:
    """Whether the stage protects its data and rejects test settings and test routes."""
    return name not in DEVELOPMENT_STAGES

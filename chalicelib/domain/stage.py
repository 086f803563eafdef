"""What a stage's name means. A stage is a production stage unless its name is in a list here."""

# On one machine: webhooks may go to private addresses. Never deployed to AWS.
LOCAL_STAGES = frozenset({"local", "demo", "test", "trial"})
DEVELOPMENT_STAGES = LOCAL_STAGES | {"dev", "development"}


def is_local_stage(name: str) -> bool:
    """Whether the stage runs on the machine of the person who started it."""
    return name in LOCAL_STAGES


def is_production_stage(name: str) -> bool:
    """Whether the stage's data is protected, and test settings and test routes are refused."""
    return name not in DEVELOPMENT_STAGES

"""At the end of a story nothing is pending, and no write was applied twice."""

from tests.simulation.world import World


def nothing_is_pending(world: World) -> None:
    for table in ("payments", "refunds", "webhook_logs"):
        pending = [row["id"] for row in world.rows(table) if row["status"] == "pending"]
        assert not pending, f"{table} still pending: {pending}"
    for queue in world.queues.values():
        assert not queue.messages, f"the queue {queue.name} is not empty"
        assert not queue.dead, f"dead letters of {queue.name} were not redriven"
    assert all(lane.is_read() for lane in world.lanes), "a stream has unread records"


def nothing_timed_out(world: World) -> None:
    assert not world.lambdas.timed_out, f"{world.lambdas.timed_out} invocations were stopped by a time-out"


def every_write_was_applied_once(world: World) -> None:
    """Including repeated writes. Only writes with an id are compared, because two others may be equal.

    The health of endpoints is an estimate.
    """
    health = f'"{world.settings.tables.webhook_health}"'.encode()
    again = [
        request
        for request, count in world.dynamodb.applied.items()
        if count > 1 and b'"write_id"' in request and health not in request
    ]
    assert not again, f"applied more than once: {again}"


def nothing_is_in_a_dead_letter_queue(world: World) -> None:
    assert not any(queue.dead_ever for queue in world.queues.values()), (
        "a job failed though nothing went wrong"
    )

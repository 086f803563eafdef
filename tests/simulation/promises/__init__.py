"""Guarantees that must hold after every story, with any faults."""

from collections.abc import Callable

from tests.simulation.promises import (
    answers,
    captures,
    clocks,
    counters,
    events,
    money,
    orders,
    rest,
    secrets,
    webhooks,
)
from tests.simulation.world import World

Promise = Callable[[World], None]

PROMISES: tuple[Promise, ...] = (
    rest.nothing_is_pending,
    money.every_payment_is_charged_once,
    money.the_money_of_a_failed_payment_is_returned,
    money.refunds_are_paid_once_and_never_exceed_the_payment,
    captures.reserved_money_is_captured_or_released,
    captures.refunds_never_exceed_what_was_captured,
    money.a_payment_never_returns_to_an_earlier_state,
    orders.an_order_is_paid_once_and_never_left_locked,
    orders.an_order_counts_its_payments,
    answers.every_returned_object_has_a_row,
    answers.one_key_has_one_response,
    answers.every_row_was_requested,
    answers.a_payment_is_captured_once,
    answers.a_payment_is_voided_once,
    webhooks.every_event_has_one_log_for_each_endpoint,
    webhooks.every_log_is_final,
    webhooks.no_attempt_is_made_before_it_is_due,
    webhooks.every_received_body_is_stored_and_signed,
    webhooks.every_request_is_recorded,
    events.every_event_is_in_the_feed_once_and_in_order,
    events.every_event_names_its_predecessor,
    events.readers_of_the_feed_missed_nothing,
    counters.counters_equal_the_rows,
    secrets.the_previous_secret_works_for_24_hours,
    secrets.the_api_secret_in_use_works_for_24_hours,
    secrets.webhooks_are_signed_with_the_previous_secret_too,
    secrets.a_login_attempt_is_counted_once,
    clocks.the_clock_never_runs_backwards,
    rest.every_write_was_applied_once,
)
WITHOUT_FAULTS: tuple[Promise, ...] = (
    rest.nothing_timed_out,
    rest.nothing_is_in_a_dead_letter_queue,
    answers.every_request_was_answered_on_the_first_try,
    webhooks.every_attempt_was_prompt,
    webhooks.no_attempt_was_made_twice,
)
"""Additional guarantees of stories without faults."""


def check(world: World, promises: tuple[Promise, ...] = PROMISES) -> None:
    """Raises AssertionError with the name of the first guarantee that does not hold."""
    for promise in promises:
        try:
            promise(world)
        except AssertionError as broken:
            raise AssertionError(f"{promise.__name__}: {broken}") from broken

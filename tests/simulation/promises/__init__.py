"""What must hold after every story, whatever went wrong in it."""

from collections.abc import Callable

from tests.simulation.promises import answers, counters, money, orders, rest, secrets, webhooks
from tests.simulation.world import World

Promise = Callable[[World], None]

PROMISES: tuple[Promise, ...] = (
    rest.nothing_is_left_to_do,
    money.every_payment_is_charged_once,
    money.refunds_are_given_back_once_and_never_exceed_the_payment,
    money.a_payment_moves_on_and_never_back,
    orders.an_order_is_paid_once_and_never_left_locked,
    orders.an_order_counts_its_payments,
    answers.what_was_answered_is_there,
    answers.one_key_has_one_answer,
    answers.nothing_is_there_that_nobody_asked_for,
    answers.a_payment_is_captured_once,
    webhooks.every_event_has_one_log,
    webhooks.every_log_came_to_its_end,
    webhooks.attempts_keep_their_times,
    webhooks.what_was_received_is_what_is_stored_and_signed,
    webhooks.every_request_is_accounted_for,
    counters.counters_are_what_the_rows_say,
    secrets.the_previous_secret_works_for_24_hours,
    secrets.webhooks_are_signed_with_the_previous_secret_too,
    secrets.a_login_attempt_is_counted_once,
    rest.every_write_was_applied_once,
)
IN_CALM: tuple[Promise, ...] = (
    rest.nothing_ran_into_a_time_out,
    rest.nothing_was_set_aside,
    answers.every_ask_was_answered_at_once,
    webhooks.every_attempt_was_prompt,
    webhooks.no_attempt_was_made_twice,
)
"""What must hold besides where nothing went wrong."""


def check(world: World, promises: tuple[Promise, ...] = PROMISES) -> None:
    """Raises AssertionError, naming the promise, at the first that was not kept."""
    for promise in promises:
        try:
            promise(world)
        except AssertionError as broken:
            raise AssertionError(f"{promise.__name__}: {broken}") from broken

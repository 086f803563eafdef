"""The HTML of the page to which a bank or an acquirer sends the buyer. It works without JavaScript."""

from urllib.parse import urlsplit

from chalicelib.api.page_parts import Tone, amount_text, document, refresh_to, result
from chalicelib.api.page_style import STYLE
from chalicelib.api.responses.page import Markup, PageView, fill
from chalicelib.domain.next_action import ActionType
from chalicelib.domain.payment import Payment, PaymentStatus

RELOAD_AFTER_S = 2
MAX_RELOADS = 150  # 5 minutes; then the buyer decides
CONTINUE_AFTER_S = 2  # so that the buyer can read the outcome

_LINK = """<a class="button main" href="$url" rel="noreferrer" data-test-id="return-link">$label</a>
"""
_BACK = """<a class="button" href="$url" rel="noreferrer" data-test-id="action-link">Not finished? Go back</a>
"""
_TEST = Markup("""<footer data-test-id="test-mode">Test mode: no money moves</footer>
""")
_CLOSE = "You can close this page. The shop shows the result."


def return_page(payment: Payment, *, shop_url: str | None, reloads: int, is_test: bool) -> PageView:
    """The page of ``payment``. ``shop_url``: where the buyer continues. ``reloads``: of this visit so far.

    ``is_test``: the page says that no money moves.
    """
    note = _TEST if is_test else None
    if payment.status is PaymentStatus.PENDING:
        return _waiting_page(payment, reloads, note)
    tone, title, text = _outcome(payment)
    if shop_url is None:
        return _page(tone, title, f"{text} {_CLOSE}", note=note)
    link = fill(_LINK, url=shop_url, label=f"Continue to {urlsplit(shop_url).netloc}")
    refresh = refresh_to(shop_url, after_s=CONTINUE_AFTER_S)
    return _page(tone, title, text, link=link, refresh=refresh, note=note)


def unknown_return_page() -> PageView:
    """The page of every payment that does not exist."""
    return _page("bad", "Payment not found", "Go back to the shop to see your order.", code=404)


def _waiting_page(payment: Payment, reloads: int, note: Markup | None) -> PageView:
    """The page without an outcome. A buyer who left the page of the acquirer too early can go back to it."""
    title, action = "Waiting for the result", payment.open_action
    if reloads >= MAX_RELOADS:
        text = f"Your bank has not confirmed the payment yet. Do not pay again. {_CLOSE}"
        return _page("late", title, text, link=fill(_LINK, url="?", label="Check again"), note=note)
    text = "We are confirming the payment with your bank. This page shows the result in a few seconds."
    refresh = refresh_to(f"?reloads={reloads + 1}", after_s=RELOAD_AFTER_S)
    link = fill(_BACK, url=action.url) if action and action.type is ActionType.REDIRECT else None
    return _page("late", title, text, link=link, refresh=refresh, note=note)


def _outcome(payment: Payment) -> tuple[Tone, str, str]:
    """The tone, the title and the text."""
    if payment.status is PaymentStatus.SUCCESS:
        return "good", "Payment successful", f"You paid {amount_text(payment.money)}."
    reason = payment.decline.description if payment.decline else "Your payment did not go through"
    return "bad", "Payment failed", f"{reason}. You were not charged."


def _page(
    tone: Tone,
    title: str,
    text: str,
    *,
    link: Markup | None = None,
    refresh: Markup | None = None,
    note: Markup | None = None,
    code: int = 200,
) -> PageView:
    content = result(tone, title, text, test_id="return-result", link=link)
    content = fill("$result$note", result=content, note=note or "")
    html = document(title, content, style=STYLE, kind="return", refresh=refresh)
    return PageView(html=html, style=STYLE, code=code)

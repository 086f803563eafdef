"""The HTML of the pages that act as the buyer's bank and phone. They work without JavaScript."""

from datetime import datetime

from chalicelib.acquirers.simulated.bank import PAYEE, PAYEE_VPA
from chalicelib.api.bank_style import STYLE
from chalicelib.api.page_parts import Tone, amount_text, document, result
from chalicelib.api.responses.page import Markup, PageView, fill
from chalicelib.domain.next_action import ActionType
from chalicelib.domain.simulated_charge import (
    MAX_WRONG_CODES,
    ONE_TIME_CODE,
    ChargeOutcome,
    SimulatedCharge,
)

# The page that embeds the issuer's page continues when the buyer has finished.
SCRIPT = """
if (parent !== self) {
  parent.postMessage({ type: "authentication_complete" }, "*");
  document.querySelector("#return")?.remove();
}
"""

_CONTENT = """<header><svg viewBox="0 0 24 24" aria-hidden="true"><path d="$icon"/></svg><p>$name</p></header>
$content
<footer>This is a simulation. No money moves.</footer>"""
_BANK_ICON = "M3 9.5 12 4l9 5.5M4.5 20h15M6 10v7m4-7v7m4-7v7m4-7v7"
_PHONE_ICON = "M8 3h8a1 1 0 0 1 1 1v16a1 1 0 0 1-1 1H8a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1Zm3 15h2"

_CODE_FORM = """<h1>Confirm your payment</h1>
<p class="amount">$amount</p>
<form method="post" autocomplete="off">
<input type="hidden" name="attempt" value="$attempt">
<label for="code">One-time code</label>
<input id="code" name="code" type="text" inputmode="numeric" autocomplete="one-time-code"
  pattern="[0-9]{4,10}" minlength="4" maxlength="10" required
  title="4 to 10 digits" aria-describedby="$described_by"$invalid>
$problem<p class="hint" id="hint">The code is <b>$code</b>. Every other code is wrong.</p>
<button class="main" name="decision" value="approve" data-test-id="bank-approve">Confirm</button>
<button name="decision" value="decline" formnovalidate data-test-id="bank-decline">
Decline the payment</button>
</form>
<p class="limit">$limit</p>"""
_PROBLEM = """<p class="problem" id="problem" data-test-id="bank-problem">The code is wrong. $left.</p>
"""

_REQUEST_FORM = """<h1>Payment request</h1>
<div class="payee"><span aria-hidden="true">$initial</span><p><b>$payee</b><br>$vpa</p></div>
<p class="amount">$amount</p>
<p class="limit">$limit</p>
<form method="post">
<button class="main" name="decision" value="approve" data-test-id="bank-approve">Approve</button>
<button name="decision" value="decline" data-test-id="bank-decline">Decline</button>
</form>"""

_LINK = """<a class="button main" id="return" href="$url" target="_top" rel="noreferrer">Continue</a>
"""
_TEST_ID = "bank-result"
_TRY_AGAIN = "You can try again in the shop."


def charge_page(charge: SimulatedCharge, now: datetime) -> PageView:
    """The page of ``charge`` at ``now``: a form while the charge is open, its result afterwards."""
    if charge.is_open(now):
        return _code_page(charge) if charge.type is ActionType.REDIRECT else _request_page(charge)
    return _result_page(charge, *_result(charge, now))


def unknown_page() -> PageView:
    """The page of every reference that does not exist."""
    content = result("bad", "Page not found", "", test_id=_TEST_ID)
    return _page(ActionType.REDIRECT, "Page not found", content, code=404)


def _code_page(charge: SimulatedCharge) -> PageView:
    is_wrong = charge.wrong_codes > 0
    left = MAX_WRONG_CODES - charge.wrong_codes
    problem = fill(_PROBLEM, left="1 attempt is left" if left == 1 else f"{left} attempts are left")
    content = fill(
        _CODE_FORM,
        amount=amount_text(charge.money),
        attempt=charge.wrong_codes,
        described_by="problem hint" if is_wrong else "hint",
        invalid=Markup(' aria-invalid="true"') if is_wrong else "",
        problem=problem if is_wrong else "",
        code=ONE_TIME_CODE,
        limit=_limit(charge),
    )
    title = "Wrong code" if is_wrong else "Confirm your payment"
    return _page(charge.type, title, content, frames=_frames(charge))


def _request_page(charge: SimulatedCharge) -> PageView:
    content = fill(
        _REQUEST_FORM,
        initial=PAYEE[0],
        payee=PAYEE,
        vpa=PAYEE_VPA,
        amount=amount_text(charge.money),
        limit=_limit(charge),
    )
    return _page(charge.type, "Payment request", content)


def _result_page(charge: SimulatedCharge, tone: Tone, title: str, text: str) -> PageView:
    url = charge.return_url or ""
    is_link = charge.type is ActionType.REDIRECT and url.startswith(("https://", "http://"))
    link = fill(_LINK, url=url) if is_link else None
    content = result(tone, title, text, test_id=_TEST_ID, link=link)
    script = SCRIPT if charge.type is ActionType.REDIRECT else ""
    return _page(charge.type, title, content, frames=_frames(charge), script=script)


def _result(charge: SimulatedCharge, now: datetime) -> tuple[Tone, str, str]:
    """The tone, the title and the text of the result."""
    is_issuer = charge.type is ActionType.REDIRECT
    match charge.outcome:
        case ChargeOutcome.APPROVED:
            title = "Payment confirmed" if is_issuer else "Payment approved"
            return "good", title, "The shop shows the result of the payment."
        case ChargeOutcome.DECLINED if charge.wrong_codes >= MAX_WRONG_CODES:
            return "bad", "Payment not confirmed", f"{MAX_WRONG_CODES} codes were wrong. {_TRY_AGAIN}"
        case ChargeOutcome.DECLINED:
            return "bad", "Payment declined", f"You declined the payment. {_TRY_AGAIN}"
        case ChargeOutcome.CANCELLED if now < charge.expires_at:
            return "late", "Payment cancelled", f"The payment was cancelled. {_TRY_AGAIN}"
        case _:
            return "late", "Payment expired", f"The time for this payment is over. {_TRY_AGAIN}"


def _page(
    type_: ActionType,
    title: str,
    content: Markup,
    *,
    frames: str = "'none'",
    code: int = 200,
    script: str = "",
) -> PageView:
    is_issuer = type_ is ActionType.REDIRECT
    name = "Simulated bank" if is_issuer else "Simulated phone"
    html = document(
        f"{title} - {name}",
        fill(_CONTENT, icon=_BANK_ICON if is_issuer else _PHONE_ICON, name=name, content=content),
        style=STYLE,
        kind="bank" if is_issuer else "phone",
        script=script,
    )
    return PageView(html=html, style=STYLE, script=script, frames=frames, code=code)


def _frames(charge: SimulatedCharge) -> str:
    return "*" if charge.embeddable else "'none'"


def _limit(charge: SimulatedCharge) -> str:
    return f"You have until {charge.expires_at:%H:%M:%S} UTC."

"""The style of the pages that act as the buyer's bank and phone, after that of every page."""

from chalicelib.api import page_style

_OWN = """
header {
  display: flex; align-items: center; gap: .5rem; margin-bottom: 1.5rem; padding-bottom: 1rem;
  border-bottom: 1px solid var(--line); color: var(--accent); font-weight: 600;
}
header svg { width: 1.5rem; height: 1.5rem; }
.amount {
  margin: .25rem 0 1.25rem; font-size: 2.25rem; font-weight: 650; line-height: 1.2; letter-spacing: -.02em;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere;
}
label { display: block; margin-bottom: .3125rem; font-size: .875rem; font-weight: 550; }
input:not([type="hidden"]) {
  width: 100%; min-width: 0; padding: .6875rem .8125rem;
  border: 1px solid var(--edge); border-radius: .625rem;
  background: var(--card); color: var(--text); font: inherit; font-size: 1.25rem; letter-spacing: .3em;
  font-variant-numeric: tabular-nums;
}
input:focus {
  outline: none; border-color: var(--accent);
  box-shadow: 0 0 0 1px var(--accent), 0 0 0 4px color-mix(in srgb, var(--accent) 22%, transparent);
}
input[aria-invalid="true"] { border-color: var(--bad); }
.hint, .problem { margin-top: .375rem; font-size: .875rem; }
.hint { margin-bottom: 1.25rem; color: var(--faint); }
.hint b { color: var(--text); font-variant-numeric: tabular-nums; }
.problem { color: var(--bad); font-weight: 550; }
.limit { margin-top: 1rem; color: var(--faint); font-size: .875rem; font-variant-numeric: tabular-nums; }
footer {
  margin-top: 1.5rem; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--faint);
  font-size: .8125rem; text-align: center; text-wrap: balance;
}

.phone main { text-align: center; }
.phone header { justify-content: center; }
.phone form { margin-top: auto; padding-top: 1.5rem; }
.phone .limit { margin: 0; }
.payee { display: grid; justify-items: center; gap: .625rem; margin: 1.5rem 0 1rem; overflow-wrap: anywhere; }
.payee span {
  display: grid; place-items: center; width: 3.5rem; height: 3.5rem; border-radius: 50%;
  background: var(--accent); color: var(--on-accent); font-size: 1.5rem; font-weight: 650;
}
.payee p { color: var(--faint); font-size: .875rem; }
.payee b { color: var(--text); font-size: 1rem; }
.phone .result { margin: auto 0; }
@media (min-width: 30rem) {
  .phone { padding-top: clamp(1rem, 5vh, 3rem); }
  .phone main {
    position: relative; width: 22.5rem; min-height: 43rem; padding: 3.75rem 1.5rem 1.5rem;
    border: .75rem solid light-dark(#1c2329, #39434d); border-radius: 3rem;
  }
  .phone main::before {
    content: ""; position: absolute; top: .75rem; left: 50%; width: 6rem; height: 1.5rem; border-radius: 1rem;
    background: light-dark(#1c2329, #39434d); translate: -50%;
  }
}
@media (max-width: 29.99rem) {
  .phone { padding: 0; }
  .phone main { min-height: 100dvh; max-width: none; border: 0; border-radius: 0; box-shadow: none; }
}
"""
STYLE = page_style.STYLE + _OWN

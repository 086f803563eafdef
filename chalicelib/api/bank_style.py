"""The style of the pages that act as the buyer's bank and phone."""

STYLE = """
:root {
  color-scheme: light dark;
  --ground: light-dark(#eef1f4, #0d1114);
  --card: light-dark(#fff, #171c21);
  --text: light-dark(#17202a, #eaeef2);
  --faint: light-dark(#55616e, #a3aebb);
  --line: light-dark(#dfe4ea, #2b333c);
  --edge: light-dark(#808c99, #75818e);
  --accent: light-dark(#0b6e6e, #6fd3cf);
  --on-accent: light-dark(#fff, #0c1717);
  --good: light-dark(#12744a, #5fd39a);
  --bad: light-dark(#b3261e, #ff9087);
}
*, ::before, ::after { box-sizing: border-box; }
body {
  margin: 0; min-height: 100dvh; display: grid; place-items: start center;
  padding: clamp(1rem, 8vh, 5rem) 1rem 2rem;
  background: var(--ground); color: var(--text);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  -webkit-text-size-adjust: 100%;
}
main {
  display: flex; flex-direction: column; width: 100%; max-width: 25rem; padding: 1.5rem;
  background: var(--card); border: 1px solid var(--line); border-radius: 1rem;
  box-shadow: 0 1rem 3rem rgb(16 32 40 / 8%);
}
h1, p { margin: 0; }
h1 { font-size: 1.25rem; line-height: 1.3; }
:focus-visible { outline: 2px solid var(--text); outline-offset: 2px; }
header {
  display: flex; align-items: center; gap: .5rem; margin-bottom: 1.5rem; padding-bottom: 1rem;
  border-bottom: 1px solid var(--line); color: var(--accent); font-weight: 600;
}
svg { flex: none; fill: none; stroke: currentColor; stroke-width: 1.6; }
svg path { stroke-linecap: round; stroke-linejoin: round; }
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
button, .button {
  display: block; width: 100%; margin-top: .75rem; padding: .8125rem 1rem; cursor: pointer;
  border: 1px solid var(--edge); border-radius: .625rem; background: var(--card); color: var(--text);
  font: inherit; font-weight: 600; text-align: center; text-decoration: none;
}
.main { border-color: transparent; background: var(--accent); color: var(--on-accent); }
button:hover, .button:hover { background: color-mix(in srgb, var(--card) 92%, var(--text)); }
.main:hover { background: color-mix(in srgb, var(--accent) 88%, var(--text)); }
.limit { margin-top: 1rem; color: var(--faint); font-size: .875rem; font-variant-numeric: tabular-nums; }
footer {
  margin-top: 1.5rem; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--faint);
  font-size: .8125rem; text-align: center; text-wrap: balance;
}
.result { display: grid; justify-items: center; gap: .5rem; padding: 1rem 0; text-align: center; }
.result svg { width: 4rem; height: 4rem; margin-bottom: .25rem; stroke-width: 1.3; color: var(--faint); }
.result p { max-width: 20rem; color: var(--faint); text-wrap: balance; }
.result .button { margin-top: 1.25rem; }
.good svg { color: var(--good); }
.bad svg { color: var(--bad); }

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
  body { padding: 1rem; }
  .phone { padding: 0; }
  .phone main { min-height: 100dvh; max-width: none; border: 0; border-radius: 0; box-shadow: none; }
}
@media (forced-colors: active) {
  .main, button { border-color: ButtonText; }
}
"""

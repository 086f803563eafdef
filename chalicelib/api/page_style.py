"""The style of every HTML page of the API."""

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
svg { flex: none; fill: none; stroke: currentColor; stroke-width: 1.6; }
svg path { stroke-linecap: round; stroke-linejoin: round; }
button, .button {
  display: block; width: 100%; margin-top: .75rem; padding: .8125rem 1rem; cursor: pointer;
  border: 1px solid var(--edge); border-radius: .625rem; background: var(--card); color: var(--text);
  font: inherit; font-weight: 600; text-align: center; text-decoration: none;
  overflow-wrap: anywhere;
}
.main { border-color: transparent; background: var(--accent); color: var(--on-accent); }
button:hover, .button:hover { background: color-mix(in srgb, var(--card) 92%, var(--text)); }
.main:hover { background: color-mix(in srgb, var(--accent) 88%, var(--text)); }
.result { display: grid; justify-items: center; gap: .5rem; padding: 1rem 0; text-align: center; }
.result svg { width: 4rem; height: 4rem; margin-bottom: .25rem; stroke-width: 1.3; color: var(--faint); }
.result p { max-width: 20rem; color: var(--faint); text-wrap: balance; }
.result .button { margin-top: 1.25rem; }
.good svg { color: var(--good); }
.bad svg { color: var(--bad); }
footer { margin-top: 1rem; color: var(--faint); font-size: .8125rem; text-align: center; }
@media (max-width: 29.99rem) {
  body { padding: 1rem; }
}
@media (forced-colors: active) {
  .main, button { border-color: ButtonText; }
}
"""

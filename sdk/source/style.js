/** The style of the SDK's elements. Adopted, not inline: a shop's Content-Security-Policy may forbid inline styles. */

const STYLE = `
html:has(#payment-gateway-modal[open]) { overflow: hidden; }
.payment-gateway {
  position: relative; box-sizing: border-box; overflow: hidden;
  background: light-dark(#fff, #171a21); color: light-dark(#1b2130, #eceef3); font: 16px/1.5 system-ui, sans-serif;
}
#payment-gateway-modal {
  position: fixed; inset: 0; margin: auto; padding: 0; width: 440px; max-width: calc(100vw - 32px);
  height: 660px; max-height: calc(100dvh - 32px);
  border: 0; border-radius: 16px; box-shadow: 0 24px 64px rgb(10 14 28 / 35%);
}
#payment-gateway-modal::backdrop { background: rgb(12 16 28 / 55%); }
.payment-gateway iframe { display: block; width: 100%; height: 660px; border: 0; outline: 0; }
#payment-gateway-modal iframe { height: 100%; }
.payment-gateway [role=status] {
  position: absolute; inset: 0; display: grid; place-content: center; justify-items: center; gap: 16px;
  padding: 32px; text-align: center; background: inherit;
}
.payment-gateway [hidden] { display: none; }
.payment-gateway button {
  padding: 8px 16px; border: 1px solid; border-radius: 8px;
  background: none; color: inherit; font: inherit; cursor: pointer;
}
.payment-gateway [data-test-id=close-modal-button] {
  position: absolute; top: 12px; right: 12px; width: 36px; height: 36px; padding: 0;
  border-color: transparent; border-radius: 50%; font-size: 24px; line-height: 1;
}
.payment-gateway button:hover { background: rgb(128 128 128 / 18%); }
.payment-gateway button:focus-visible { outline: 2px solid; outline-offset: 2px; }
@media (max-width: 500px) {
  #payment-gateway-modal { width: 100%; max-width: none; height: 100dvh; max-height: none; border-radius: 0; }
}`;

/** @type {CSSStyleSheet | undefined} */
let sheet;

/** Add the style to the shop's page. No-op after the first call. */
export function adoptStyle() {
  if (sheet) return;
  sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}

/** The entry point of the checkout page: creates and connects its parts. */

import { Api } from "./api.js";
import { Checkout } from "./checkout.js";
import { CardForm, UpiForm } from "./forms.js";
import { Leaving } from "./leaving.js";
import { knownLocale } from "./money.js";
import { find } from "./parts.js";
import { Shop } from "./shop.js";
import { applyTheme } from "./theme.js";
import { View } from "./view.js";
import { WayBack, wayBack } from "./way_back.js";

const address = new URLSearchParams(window.location.search);
const orderId = address.get("order_id") ?? "";
const returnUrl = address.get("return_url");
const isEmbedded = window.parent !== window; // not read from the address, because older SDK copies omit `embedded`

const upi = new UpiForm();
const card = new CardForm();
const view = new View([upi, card]);
const shop = new Shop(isEmbedded);
const leaving = new Leaving(shop);
const checkout = new Checkout({
  api: new Api(find(document, 'meta[name="api-url"]', HTMLMetaElement).content),
  view,
  shop,
  leaving,
  wayBack: new WayBack(!isEmbedded, wayBack(returnUrl)),
  orderId,
  key: address.get("key") ?? "",
  returnUrl: returnUrl === null ? undefined : wayBack(returnUrl)?.href,
});

for (const form of [upi, card]) form.onSubmit(() => checkout.pay(form));
// Browsers delay the timers of a page in the background, such as during the payment in a UPI app.
document.addEventListener("visibilitychange", () => document.hidden || checkout.pollNow());
window.addEventListener("pagehide", () => card.element.reset()); // browsers must not restore a card
shop.listen(
  ({ prefill, theme, locale }) => {
    upi.prefill(textOf(prefill?.vpa));
    card.prefill(textOf(prefill?.name));
    applyTheme(document.documentElement, theme);
    view.setLocale(knownLocale(locale));
  },
  () => leaving.request(),
);
document.documentElement.classList.toggle("embedded", isEmbedded);
void checkout.start(); // not awaited, so that the page is loaded and the shop can connect

/** @param {unknown} value */
function textOf(value) {
  return typeof value === "string" ? value : "";
}

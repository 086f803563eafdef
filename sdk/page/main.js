/** The checkout page: its parts, put together. */

import { Api } from "./api.js";
import { Checkout } from "./checkout.js";
import { CardForm, UpiForm } from "./forms.js";
import { Leaving } from "./leaving.js";
import { knownLocale } from "./money.js";
import { find } from "./parts.js";
import { Shop } from "./shop.js";
import { applyTheme } from "./theme.js";
import { View } from "./view.js";
import { showWayBack, wayBack } from "./way_back.js";

const address = new URLSearchParams(window.location.search);
const orderId = address.get("order_id") ?? "";
const isEmbedded = window.parent !== window; // whatever the address says: older SDK copies leave `embedded` out

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
  orderId,
  key: address.get("key") ?? "",
});

for (const form of [upi, card]) form.onSubmit(() => checkout.pay(form));
window.addEventListener("pagehide", () => card.element.reset()); // the browser is not to keep a card for a reload
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
if (!isEmbedded) showWayBack(wayBack(address.get("return_url")));
void checkout.start(); // not awaited: the page has loaded, and the shop may say hello

/** @param {unknown} value */
function textOf(value) {
  return typeof value === "string" ? value : "";
}

/** The entry point of the checkout page: creates and connects its parts. */

import { Api } from "./api.js";
import { Checkout } from "./checkout.js";
import { CardForm, UpiForm } from "./forms.js";
import { amountLocale, languageOf, translate } from "./language.js";
import { Leaving } from "./leaving.js";
import { find } from "./parts.js";
import { Shop } from "./shop.js";
import { applyTheme } from "./theme.js";
import { View } from "./view.js";
import { WayBack, wayBack } from "./way_back.js";

const address = new URLSearchParams(window.location.search);
const orderId = address.get("order_id") ?? "";
const returnUrl = address.get("return_url");
const locale = address.get("locale");
const mode = address.get("mode");
const isEmbedded = window.parent !== window; // not read from the address, because older SDK copies omit `embedded`
const isInline = isEmbedded && mode === "inline";
const language = languageOf([locale, ...navigator.languages]);
const translated = translate(language);

const upi = new UpiForm();
const card = new CardForm();
const view = new View([upi, card], isInline);
const shop = new Shop(isEmbedded);
const leaving = new Leaving(shop);
const way = new WayBack({ isShown: !isEmbedded, isAutomatic: mode === "redirect", plain: wayBack(returnUrl) });
const checkout = new Checkout({
  api: new Api(find(document, 'meta[name="api-url"]', HTMLMetaElement).content),
  view,
  shop,
  leaving,
  wayBack: way,
  orderId,
  key: address.get("key") ?? "",
  returnUrl: returnUrl === null ? undefined : wayBack(returnUrl)?.href,
  translated,
});

for (const form of [upi, card]) form.onSubmit(() => checkout.pay(form));
// Browsers delay the timers of a page in the background, such as during the payment in a UPI app.
document.addEventListener("visibilitychange", () => document.hidden || checkout.pollNow());
window.addEventListener("pagehide", () => card.element.reset()); // browsers must not restore a card
// Also for a text that a script sets: that event does not bubble.
document.addEventListener("input", () => leaving.typed(upi.hasInput || card.hasInput), true);
shop.listen(connect, () => isInline || leaving.request());
document.documentElement.classList.toggle("embedded", isEmbedded);
document.documentElement.classList.toggle("inline", isInline);
if (isInline) reportHeight(find(document, "main", HTMLElement));
view.setLocale(amountLocale(locale, language));
void translated.then(() => way.lead());
void checkout.start(); // not awaited, so that the page is loaded and the shop can connect

/**
 * Apply the shop's options. Older SDK copies send the locale only here: for another language, the page loads again.
 * @param {import("./shop.js").Wishes} wishes
 * @returns {Promise<boolean>} false if the page loads again
 */
async function connect({ prefill, theme, locale: wanted, confirmClose }) {
  if (typeof wanted === "string" && locale === null) {
    if (languageOf([wanted, ...navigator.languages]) !== language) {
      address.set("locale", wanted);
      window.location.replace(`?${address}`);
      return false;
    }
    view.setLocale(amountLocale(wanted, language));
  }
  upi.prefill(textOf(prefill?.vpa));
  card.prefill(textOf(prefill?.name));
  applyTheme(document.documentElement, theme);
  leaving.confirmsInput = confirmClose === true;
  await translated;
  return true;
}

/**
 * The frame grows with the page.
 * @param {HTMLElement} main
 */
function reportHeight(main) {
  new ResizeObserver(() => shop.height(Math.ceil(main.getBoundingClientRect().height))).observe(main);
}

/** @param {unknown} value */
function textOf(value) {
  return typeof value === "string" ? value : "";
}

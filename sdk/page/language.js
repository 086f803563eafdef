/** The language of the page, and its texts. English is in the page; the other languages are loaded on demand. */

import { TEXTS } from "./languages/en.js";
import { knownLocale } from "./money.js";

/** @typedef {keyof typeof TEXTS} Key */
/** @typedef {typeof import("./languages/hi.js")} Translation */

const ENGLISH = "en";

/** @type {Record<string, () => Promise<Translation>>} */
const TRANSLATIONS = {
  hi: () => import("./languages/hi.js"),
  ta: () => import("./languages/ta.js"),
  bn: () => import("./languages/bn.js"),
};

let language = ENGLISH;
/** @type {Translation | undefined} */
let translation;

/**
 * The language of the first locale for which there are texts, else English.
 * @param {readonly unknown[]} locales BCP 47 tags in order of preference
 */
export function languageOf(locales) {
  const languages = locales.map((locale) => String(locale).split("-")[0]?.toLowerCase() ?? "");
  return languages.find((each) => each === ENGLISH || Object.hasOwn(TRANSLATIONS, each)) ?? ENGLISH;
}

/**
 * The locale of amounts. Indian payment apps show the digits 0 to 9 in all of these languages, as this page does in its
 * texts; a shop can choose others: `bn-IN-u-nu-beng`.
 * @param {unknown} wanted by the shop; null if it does not choose one
 * @param {string} ofPage the language of the page
 */
export function amountLocale(wanted, ofPage) {
  const locale = knownLocale(wanted ?? `${ofPage}-IN`);
  const isTranslated = Object.hasOwn(TRANSLATIONS, locale.split("-")[0] ?? "");
  return isTranslated && !locale.includes("-u-") ? `${locale}-u-nu-latn` : locale;
}

/**
 * Use a language from now on, also for the texts of the HTML. The page stays in English if its texts do not load.
 * @param {string} wanted
 */
export async function translate(wanted) {
  try {
    translation = await TRANSLATIONS[wanted]?.();
  } catch {
    return; // the buyer can pay in English
  }
  if (!translation) return;
  language = wanted;
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll("[data-text], [data-label]")) {
    if (!(element instanceof HTMLElement)) continue;
    const { text: ofText, label } = element.dataset;
    if (ofText) element.textContent = ofPage(ofText);
    if (label) element.ariaLabel = ofPage(label);
  }
  document.title = text("checkout");
}

/**
 * A text in the language of the page.
 * @param {Key} key
 * @param {Record<string, string>} [values] replace the names in braces
 */
export function text(key, values = {}) {
  return (translation ?? { TEXTS }).TEXTS[key].replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/**
 * What happened, and the next step.
 * @param {string | undefined} reason of the API, in English; shown on an English page
 * @param {string} next
 * @param {string} [happened] in the language of the page
 */
export function failureMessage(reason, next, happened = text("no_reason")) {
  const shown = language === ENGLISH ? (reason ?? happened) : happened;
  return text("failed_because", { reason: shown, next });
}

/** All texts in the language of the page, unless it is English. */
export const translationOfPage = () => translation;

/** @param {string} key of `data-text` or `data-label` */
function ofPage(key) {
  const { PAGE, TEXTS: texts } = /** @type {{PAGE: Record<string, string>, TEXTS: Record<string, string>}} */ (translation);
  return PAGE[key] ?? texts[key] ?? "";
}

/** The SDK's texts. The checkout page has the other texts, and shows them itself. */

/**
 * @typedef {object} Texts
 * @property {string} label of the dialog and of the frame
 * @property {string} close
 * @property {string} opening
 * @property {string} notLoaded
 * @property {string} again
 */

/** @type {Record<string, Texts>} */
const TEXTS = {
  en: {
    label: "Payment",
    close: "Close",
    opening: "Opening the payment page…",
    notLoaded: "The payment page did not open. Check your connection and try again.",
    again: "Try again",
  },
  hi: {
    label: "भुगतान",
    close: "बंद करें",
    opening: "भुगतान पेज खुल रहा है…",
    notLoaded: "भुगतान पेज नहीं खुला। अपना इंटरनेट कनेक्शन जाँचें और फिर से कोशिश करें।",
    again: "फिर से कोशिश करें",
  },
  ta: {
    label: "கட்டணம்",
    close: "மூடு",
    opening: "கட்டணப் பக்கம் திறக்கிறது…",
    notLoaded: "கட்டணப் பக்கம் திறக்கவில்லை. இணைய இணைப்பைச் சரிபார்த்து, மீண்டும் முயலவும்.",
    again: "மீண்டும் முயலவும்",
  },
  bn: {
    label: "পেমেন্ট",
    close: "বন্ধ করুন",
    opening: "পেমেন্ট পেজ খুলছে…",
    notLoaded: "পেমেন্ট পেজ খোলেনি। ইন্টারনেট সংযোগ দেখে আবার চেষ্টা করুন।",
    again: "আবার চেষ্টা করুন",
  },
};

/**
 * The language of the first locale that has texts, else English.
 * @param {readonly unknown[]} locales BCP 47 tags in order of preference
 * @returns {[language: string, texts: Texts]}
 */
export function textsFor(locales) {
  const languages = locales.map((locale) => `${locale}`.split("-")[0]?.toLowerCase() ?? "");
  const language = languages.find((each) => Object.hasOwn(TEXTS, each)) ?? "en";
  return [language, /** @type {Texts} */ (TEXTS[language])];
}

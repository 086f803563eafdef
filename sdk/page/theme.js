/** Applies the shop's colours. */

const INK = "#12151d";
const PAPER = "#ffffff";
const CARDS = /** @type {const} */ (["#ffffff", "#171a21"]); // the card's background, light and dark
const VISIBLE = 3; // minimum contrast of non-text elements (WCAG 2, 1.4.11)

/**
 * @param {HTMLElement} root
 * @param {unknown} theme the shop's option, not validated: a colour and a scheme
 */
export function applyTheme(root, theme) {
  const { color, dark } = /** @type {{color?: unknown, dark?: unknown}} */ (theme ?? {});
  if (typeof dark === "boolean") root.style.colorScheme = dark ? "dark" : "light";
  if (typeof color !== "string" || !/^#[0-9a-f]{6}$/i.test(color)) return;
  root.style.setProperty("--accent", color);
  root.style.setProperty("--on-accent", contrast(color, PAPER) >= contrast(color, INK) ? PAPER : INK);
  const [onLight, onDark] = CARDS.map((card) => (contrast(color, card) >= VISIBLE ? color : "var(--text)"));
  root.style.setProperty("--mark", `light-dark(${onLight}, ${onDark})`);
}

/**
 * The contrast ratio by WCAG 2, from 1 to 21.
 * @param {string} one
 * @param {string} other
 */
function contrast(one, other) {
  const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (Number(lighter) + 0.05) / (Number(darker) + 0.05);
}

/** @param {string} color #rrggbb */
function luminance(color) {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const share = parseInt(color.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * Number(red) + 0.7152 * Number(green) + 0.0722 * Number(blue);
}

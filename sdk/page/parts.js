/** Finds elements of the page and checks their type. */

/**
 * @template {Element} Kind
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => Kind} kind
 * @returns {Kind}
 */
export function find(root, selector, kind) {
  const found = root.querySelector(selector);
  if (found instanceof kind) return found;
  throw new Error(`The page has no ${kind.name} at ${selector}`);
}

/** @param {string} id */
export const byId = (id) => find(document, `#${id}`, HTMLElement);

/** @param {string} testId */
export const part = (testId) => find(document, `[data-test-id="${testId}"]`, HTMLElement);

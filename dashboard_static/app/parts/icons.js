/** Line icons. */

import { html } from "../ui.js";

const PATHS = {
  menu: "M3.5 5.5h13M3.5 10h13M3.5 14.5h13",
  start: "M5.5 17V3.5M5.5 4.5h9l-2 3 2 3h-9",
  operations: "M2.5 10.5h3.5l2-6 4 11 2-5h3.5",
  overview: "M3 12.5 8 7.5l3.5 3.5L17 5.5M12.5 5.5H17V10",
  transactions: "M4 7h11m0 0-3-3m3 3-3 3M16 13H5m0 0 3-3m-3 3 3 3",
  refunds: "M4.5 8.5h7.5a4 4 0 0 1 0 8H8M4.5 8.5l3.5-3.5M4.5 8.5l3.5 3.5",
  orders: "M5 3.5h10v13l-2.5-1.5L10 16.5 7.5 15 5 16.5v-13ZM8 7.5h4M8 10.5h4",
  search: "M9 14.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11ZM13 13l4 4",
  webhooks: "M10 7.5 7 13m3-5.5a2.5 2.5 0 1 0-2.3-1.5M7 13a2.5 2.5 0 1 1-2.5-2.5M7 13h6.5m0 0a2.5 2.5 0 1 0 1-2.3",
  events: "M3.5 5.5h.01M3.5 10h.01M3.5 14.5h.01M7 5.5h9.5M7 10h9.5M7 14.5h6",
  requests: "M3.5 4.5h13v11h-13v-11ZM3.5 8h13M6 11l2 1.5L6 14M10 14h3.5",
  keys: "M12.5 11.5a4 4 0 1 0-3.6-2.3L3.5 14.6V17H6v-1.8h1.8v-1.8l1.6-1.4M13.2 6.8h.01",
  account: "M10 10.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM3.5 17c.7-3 3.3-4.5 6.5-4.5s5.8 1.5 6.5 4.5",
  debugger: "m7 10.5 2.2 2.2L13.5 8M10 3l5.5 2v4.5c0 3.5-2.3 6-5.5 7.5-3.2-1.5-5.5-4-5.5-7.5V5L10 3Z",
  docs: "M5 3.5h6.5L15 7v9.5H5v-13Zm6 0V7.5h4M7.5 10.5h5M7.5 13.5h5",
  out: "M8 4H4.5v12H8M12 6.5 15.5 10 12 13.5M15 10H8",
};

export function Icon({ name }) {
  return html`<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d=${PATHS[name]} /></svg>`;
}

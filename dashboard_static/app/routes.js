/** The addresses of the dashboard. A view is loaded when it is opened for the first time. */

import { HOME } from "./home.js";
import { Overview } from "./views/overview.js";

/** `menu` is the navigation label, in this order. `load` returns the component. */
export const ROUTES = {
  [HOME]: { menu: "Overview", icon: "overview", load: () => Overview },
  "/dashboard/transactions": {
    menu: "Transactions",
    icon: "transactions",
    load: async () => (await import("./views/transactions.js")).Transactions,
  },
  "/dashboard/refunds": { menu: "Refunds", icon: "refunds", load: async () => (await import("./views/refunds.js")).Refunds },
  "/dashboard/webhooks": {
    menu: "Webhooks",
    icon: "webhooks",
    load: async () => (await import("./views/webhooks.js")).Webhooks,
  },
  "/dashboard/events": {
    menu: "Event catalogue",
    icon: "events",
    load: async () => (await import("./views/event-catalogue.js")).EventCatalogue,
  },
  "/dashboard/keys": { menu: "API keys", icon: "keys", load: async () => (await import("./views/keys.js")).Keys },
  "/dashboard/debugger": {
    menu: "Signature debugger",
    icon: "debugger",
    load: async () => (await import("./views/debugger.js")).Debugger,
  },
  "/dashboard/account": {
    menu: "Account",
    icon: "account",
    load: async () => (await import("./views/account.js")).Account,
  },
  "/dashboard/docs": { menu: "Documentation", icon: "docs", load: async () => (await import("./views/docs.js")).Docs },
};

export const LOGIN = "/login";

/** The address after sign-in: `wanted` if it is a dashboard address, else the overview. */
export function afterSignIn(wanted) {
  const isOurs = wanted && Object.hasOwn(ROUTES, wanted.split("?")[0]);
  return isOurs ? wanted : HOME;
}

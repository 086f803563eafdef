/** The addresses of the dashboard. A view is loaded when it is first opened. */

import { HOME } from "./home.js";
import { Overview } from "./views/overview.js";

/** `menu`: what the navigation shows, in this order. `load` gives the component. */
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

/** Where to go after signing in: `wanted`, if that is one of ours. */
export function afterSignIn(wanted) {
  const isOurs = wanted && Object.hasOwn(ROUTES, wanted.split("?")[0]);
  return isOurs ? wanted : HOME;
}

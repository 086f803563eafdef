/** The addresses of the dashboard. The views other than the overview are loaded when one of them is opened for the first time. */

import { HOME } from "./home.js";
import { Overview } from "./views/overview.js";

const others = () => import("./views/others.js");

/** `menu` is the navigation label, in this order. `load` returns the component. */
export const ROUTES = {
  [HOME]: { menu: "Overview", icon: "overview", load: () => Overview },
  "/dashboard/transactions": { menu: "Transactions", icon: "transactions", load: async () => (await others()).Transactions },
  "/dashboard/orders": { menu: "Orders", icon: "orders", load: async () => (await others()).Orders },
  "/dashboard/refunds": { menu: "Refunds", icon: "refunds", load: async () => (await others()).Refunds },
  "/dashboard/search": { menu: "Search", icon: "search", load: async () => (await others()).Search },
  "/dashboard/webhooks": { menu: "Webhooks", icon: "webhooks", load: async () => (await others()).Webhooks },
  "/dashboard/events": { menu: "Event catalogue", icon: "events", load: async () => (await others()).EventCatalogue },
  "/dashboard/keys": { menu: "API keys", icon: "keys", load: async () => (await others()).Keys },
  "/dashboard/debugger": { menu: "Signature debugger", icon: "debugger", load: async () => (await others()).Debugger },
  "/dashboard/account": { menu: "Account", icon: "account", load: async () => (await others()).Account },
  "/dashboard/docs": { menu: "Documentation", icon: "docs", load: async () => (await others()).Docs },
};

export const LOGIN = "/login";

/** The address after sign-in: `wanted` if it is a dashboard address, else the overview. */
export function afterSignIn(wanted) {
  const isOurs = wanted && Object.hasOwn(ROUTES, wanted.split("?")[0]);
  return isOurs ? wanted : HOME;
}

/** The addresses of the dashboard. The views other than the overview are loaded when one of them is opened for the first time. */

import { HOME } from "./home.js";
import { Overview } from "./views/overview.js";

const others = () => import("./views/others.js");

const [START, PAYMENTS, DEVELOPERS, ACCOUNT] = ["Start", "Payments", "Developers", "Account"];

/** The groups of the menu, in this order. */
export const GROUPS = [START, PAYMENTS, DEVELOPERS, ACCOUNT];

/** `menu` is the label in the menu, in this order within its `group`. `load` returns the component. */
export const ROUTES = {
  [HOME]: { group: START, menu: "Overview", icon: "overview", load: () => Overview },
  "/dashboard/start": { group: START, menu: "Get started", icon: "start", load: async () => (await others()).Start },
  "/dashboard/transactions": { group: PAYMENTS, menu: "Transactions", icon: "transactions", load: async () => (await others()).Transactions },
  "/dashboard/orders": { group: PAYMENTS, menu: "Orders", icon: "orders", load: async () => (await others()).Orders },
  "/dashboard/refunds": { group: PAYMENTS, menu: "Refunds", icon: "refunds", load: async () => (await others()).Refunds },
  "/dashboard/search": { group: PAYMENTS, menu: "Search", icon: "search", load: async () => (await others()).Search },
  "/dashboard/webhooks": { group: DEVELOPERS, menu: "Webhooks", icon: "webhooks", load: async () => (await others()).Webhooks },
  "/dashboard/events": { group: DEVELOPERS, menu: "Event catalogue", icon: "events", load: async () => (await others()).EventCatalogue },
  "/dashboard/requests": { group: DEVELOPERS, menu: "API requests", icon: "requests", load: async () => (await others()).Requests },
  "/dashboard/keys": { group: DEVELOPERS, menu: "API keys", icon: "keys", load: async () => (await others()).Keys },
  "/dashboard/debugger": { group: DEVELOPERS, menu: "Signature debugger", icon: "debugger", load: async () => (await others()).Debugger },
  "/dashboard/operations": { group: ACCOUNT, menu: "Operations", icon: "operations", load: async () => (await others()).Operations },
  "/dashboard/account": { group: ACCOUNT, menu: "Account", icon: "account", load: async () => (await others()).Account },
  "/dashboard/docs": { group: DEVELOPERS, menu: "Documentation", icon: "docs", load: async () => (await others()).Docs },
};

export const LOGIN = "/login";

/** The address after sign-in: `wanted` if it is a dashboard address, else the overview. */
export function afterSignIn(wanted) {
  const isOurs = wanted && Object.hasOwn(ROUTES, wanted.split("?")[0]);
  return isOurs ? wanted : HOME;
}

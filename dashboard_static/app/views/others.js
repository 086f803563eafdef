/** The views other than the overview, in one file: the first one that is opened loads all of them. */

export { Account } from "./account.js";
export { Debugger } from "./debugger.js";
export { Docs } from "./docs.js";
export { EventCatalogue } from "./event-catalogue.js";
export { Keys } from "./keys.js";
export { Operations } from "./operations.js";
export { Orders } from "./orders.js";
export { Refunds } from "./refunds.js";
export { Requests } from "./requests.js";
export { Search } from "./search.js";
export { Start } from "./start.js";
export { Transactions } from "./transactions.js";
export { Webhooks } from "./webhooks.js";

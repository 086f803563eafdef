/** Addresses of single payments and orders. */

import { link } from "./router.js";

export const paymentLink = (id) => link("/dashboard/transactions", { payment: id });
export const orderLink = (id) => link("/dashboard/orders", { order: id });

/** Addresses of single payments and orders, and of the checkout of an order. */

import { config } from "./config.js";
import { link } from "./router.js";

export const paymentLink = (id) => link("/dashboard/transactions", { payment: id });
export const orderLink = (id) => link("/dashboard/orders", { order: id });
export const checkoutLink = (orderId) => config.checkoutUrl + link("/checkout", { order_id: orderId });

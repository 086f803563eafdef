/** PaymentGateway as an ES module: the same script, and where it came from. */
import "./checkout.js";

export const { PaymentGateway } = globalThis;
PaymentGateway.checkoutUrl ??= new URL(".", import.meta.url).href;
export default PaymentGateway;

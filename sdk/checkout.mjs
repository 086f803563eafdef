/** PaymentGateway as an ES module: loads the same script and sets the checkout's origin. */
import "./checkout.js";

export const { PaymentGateway } = globalThis;
PaymentGateway.checkoutUrl ??= new URL(".", import.meta.url).href;
export default PaymentGateway;

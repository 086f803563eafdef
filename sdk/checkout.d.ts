/** The options of `new PaymentGateway(…)`. */
export interface PaymentGatewayOptions {
  /** The shop's API key. It is public. Never put the API secret on a page. */
  key: string;
  /** The id of the order, created by the shop's server. */
  orderId: string;
  /** The order is paid. Called once, before the dialog closes; also if it was paid before the checkout opened. */
  onSuccess?: (payment: PaymentSuccess) => void;
  /**
   * A payment failed, or the checkout could not start and there is no `onError`. The checkout stays open, so that the
   * buyer can try again. This can be called more than once.
   */
  onFailure?: (failure: PaymentFailure) => void;
  /** The dialog or the inline checkout was closed. Called once each time. */
  onClose?: (closed: CheckoutClosed) => void;
  /** The buyer can pay, or an earlier payment of the order continues. Called once each time. */
  onReady?: () => void;
  /** The checkout could not start. Called instead of `onFailure`. The buyer may try again, so this can be repeated. */
  onError?: (error: CheckoutError) => void;
  /**
   * Also ask the buyer before the dialog closes if a form has input. The default is to ask only while a payment is
   * processed.
   */
  confirmClose?: boolean;
  /** Where the buyer returns to after `redirect()`. Defaults to the address of the page. */
  returnUrl?: string;
  /** The origin of the checkout page. Defaults to the origin of this script. */
  checkoutUrl?: string;
  /** Initial values of the form. */
  prefill?: Prefill;
  theme?: Theme;
  /**
   * The language of the texts (English, Hindi, Tamil or Bengali) and the format of amounts, as a BCP 47 tag. Defaults to
   * the languages of the buyer's browser, else English.
   */
  locale?: string;
}

export interface Prefill {
  /** The buyer's UPI address. */
  vpa?: string;
  /** The name on the card. */
  name?: string;
}

export interface Theme {
  /** The shop's colour, as `#rrggbb`. */
  color?: string;
  /** Dark or light. Defaults to the buyer's system setting. */
  dark?: boolean;
}

export interface PaymentSuccess {
  paymentId: string;
  orderId: string;
  /** In minor units, such as paise. */
  amount: number;
  currency: string;
  status: "success";
}

/** Every field is text. */
export interface PaymentFailure {
  /** A message for the buyer. */
  error: string;
  /** `payment_failed`, or `not_started` if no payment was created. */
  reason: string;
  /** Only the reason. */
  description: string;
  /** The API's error code, such as `PAYMENT_FAILED`, or `NETWORK_ERROR` or `PAGE_NOT_LOADED`. */
  code: string;
  /** Empty if no payment was created. */
  paymentId: string;
  orderId: string;
}

/** The checkout could not start. No payment was created. */
export interface CheckoutError {
  /**
   * `PAGE_NOT_LOADED`, `ORDER_NOT_FOUND`, `WRONG_KEY`, `ORDER_EXPIRED`, `TOO_MANY_ATTEMPTS`, `NO_METHOD` or
   * `NETWORK_ERROR`. Later versions may add codes.
   */
  code: string;
  /** A message for the buyer, in the buyer's language. */
  message: string;
  /** The reason for the shop's developer, in English. */
  description: string;
  orderId: string;
}

export interface CheckoutClosed {
  /**
   * `success`: the order is paid. `buyer`: the buyer closed the dialog. `merchant`: your page called `close()` or
   * `unmount()`. `replaced`: another checkout was opened on this page.
   */
  reason: "success" | "buyer" | "merchant" | "replaced";
  /** The payment that succeeded or is still being processed. */
  paymentId: string | null;
}

/** The checkout page in a dialog on the shop's page, inline in an element of it, or in its place. */
export declare class PaymentGateway {
  /** The default of the option `checkoutUrl`. */
  static checkoutUrl: string | undefined;

  /** @throws {TypeError} if `key` or `orderId` is missing, with the actual value. */
  constructor(options: PaymentGatewayOptions);

  /**
   * Show the checkout page. A page has one checkout: if the checkout of this order is open already, it is kept; that of
   * another order is replaced.
   */
  open(): void;

  /** Close the checkout immediately, without asking the buyer. No-op if it is closed. */
  close(): void;

  /** Open the checkout. Resolves to the payment after it succeeded, or to null if the checkout closed without one. */
  pay(): Promise<PaymentSuccess | null>;

  /**
   * Show the checkout inside an element, without a dialog. It grows with its content and stays after the payment.
   * @param container the element, or a selector of it
   * @throws {TypeError} if there is no such element
   */
  mount(container: Element | string): void;

  /** Remove the inline checkout. No-op if there is none. A submitted payment continues. */
  unmount(): void;

  /**
   * Leave the shop's page for the checkout page. After the payment, the buyer returns to `returnUrl` with the result.
   * @throws {TypeError} if `returnUrl` is not a web address
   */
  redirect(): void;
}

export default PaymentGateway;

type PaymentGatewayClass = typeof PaymentGateway;

declare global {
  var PaymentGateway: PaymentGatewayClass;
}

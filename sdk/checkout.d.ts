/** What a shop passes to `new PaymentGateway(…)`. */
export interface PaymentGatewayOptions {
  /** The shop's API key. It is public; the secret never belongs on a page. */
  key: string;
  /** The order to be paid, made by the shop's server. */
  orderId: string;
  /** The order is paid. Called once, before the dialog closes; also if it was paid before the checkout opened. */
  onSuccess?: (payment: PaymentSuccess) => void;
  /**
   * A payment failed, or the checkout could not start. The dialog stays open, so that the buyer can try again: this
   * may be called more than once.
   */
  onFailure?: (failure: PaymentFailure) => void;
  /** The dialog closed, for whatever reason. Called once each time. */
  onClose?: (closed: CheckoutClosed) => void;
  /** Where the checkout page is. By default, where this script was loaded from. */
  checkoutUrl?: string;
  /** What the buyer need not type. */
  prefill?: Prefill;
  theme?: Theme;
  /** How amounts are written, as a BCP 47 tag; `en-IN` by default. */
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
  /** Dark or light; by default, as the buyer's system is. */
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
  /** What happened, in words for the buyer. */
  error: string;
  /** `payment_failed`, or `not_started` if no payment was created. */
  reason: string;
  /** The reason alone. */
  description: string;
  /** The API's error code, such as `PAYMENT_FAILED`, or `NETWORK_ERROR` or `PAGE_NOT_LOADED`. */
  code: string;
  /** Empty if no payment was created. */
  paymentId: string;
  orderId: string;
}

export interface CheckoutClosed {
  /**
   * `success`: the order is paid. `buyer`: the buyer closed the dialog. `merchant`: your page called `close()`.
   * `replaced`: another checkout was opened on this page.
   */
  reason: "success" | "buyer" | "merchant" | "replaced";
  /** The payment that succeeded or is still being processed. */
  paymentId: string | null;
}

/** The checkout page over the shop's own page. */
export declare class PaymentGateway {
  /** The default of the option of that name. */
  static checkoutUrl: string | undefined;

  /** @throws {TypeError} when `key` or `orderId` is missing; it says what came instead. */
  constructor(options: PaymentGatewayOptions);

  /**
   * Show the checkout page. A page has one checkout: if this order's is open already, it is kept; another order's is
   * replaced.
   */
  open(): void;

  /** Close it at once, without asking the buyer. No-op if it is closed. */
  close(): void;

  /** Open it. Resolves to the payment after it succeeded, or to null if the checkout closed without one. */
  pay(): Promise<PaymentSuccess | null>;
}

export default PaymentGateway;

type PaymentGatewayClass = typeof PaymentGateway;

declare global {
  var PaymentGateway: PaymentGatewayClass;
}

/** What a shop passes to `new PaymentGateway(…)`. */
export interface PaymentGatewayOptions {
  /** The shop's API key. It is public; the secret never belongs on a page. */
  key: string;
  /** The order to be paid, made by the shop's server. */
  orderId: string;
  /** The payment succeeded. Called once, before the dialog closes. */
  onSuccess?: (payment: PaymentSuccess) => void;
  /** A try failed. The dialog stays open, so that the buyer can try again: it may be called more than once. */
  onFailure?: (failure: PaymentFailure) => void;
  /** The dialog closed, however it came about. Called once each time. */
  onClose?: () => void;
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
  /** Why, in one word: `payment_failed`. */
  reason: string;
  /** The reason alone. */
  description: string;
  /** The API's error code: `PAYMENT_FAILED`. */
  code: string;
  paymentId: string;
  orderId: string;
}

/** The checkout page over the shop's own page. */
export declare class PaymentGateway {
  /** The default of the option of that name. */
  static checkoutUrl: string | undefined;

  /** @throws {TypeError} when `key` or `orderId` is missing; it says what came instead. */
  constructor(options: PaymentGatewayOptions);

  /** Show the checkout page. Open already, it stays as it is. */
  open(): void;

  /** Close it. Closed already, nothing happens. */
  close(): void;

  /** Open it; the payment once it succeeded, or null when the buyer closed without paying. */
  pay(): Promise<PaymentSuccess | null>;
}

export default PaymentGateway;

type PaymentGatewayClass = typeof PaymentGateway;

declare global {
  var PaymentGateway: PaymentGatewayClass;
}

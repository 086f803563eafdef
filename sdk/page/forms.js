/** The forms of the two methods. They convert the buyer's input to the API's format. */

import { digitsOf, formatNumber, networkOf } from "./card.js";
import { formatExpiry, readExpiry } from "./expiry.js";
import { Field } from "./field.js";
import { text } from "./language.js";
import { byId, find } from "./parts.js";
import { plain } from "./plain.js";
import { cvvProblem, expiryProblem, nameProblem, numberProblem, vpaProblem } from "./problems.js";

/** @typedef {import("./api.js").Instrument} Instrument */
/** @typedef {import("./api.js").Order} Order */

const UPI_CURRENCY = "INR";
const COLLECT = "collect"; // the buyer enters a UPI ID and gets a request in the UPI app

const NUMBER = "number"; // the buyer enters the card here
const PAGE = "page";

const MARKS = {
  visa: "Visa",
  mastercard: "Mastercard",
  amex: "American Express",
  rupay: "RuPay",
  unknown: "",
};

/** The common part of both forms. */
class Form {
  #button;
  /** @type {Field[]} in display order */
  #fields;

  /**
   * @param {HTMLFormElement} element
   * @param {Field[]} fields
   */
  constructor(element, fields) {
    this.element = element;
    this.#fields = fields;
    this.#button = find(element, '[data-test-id="pay-button"]', HTMLButtonElement);
  }

  /**
   * Show what the order supports.
   * @param {Order} _order
   * @returns {boolean} whether the order can be paid by this form
   */
  adapt(_order) {
    return true;
  }

  /** @param {() => void} pay called when the buyer submits a valid form */
  onSubmit(pay) {
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      const wrong = this.fields.filter((field) => !field.check());
      wrong.length ? wrong[0]?.focus() : pay();
    });
  }

  /** Whether the buyer has entered something. */
  get hasInput() {
    return this.#fields.some((field) => field.hasInput);
  }

  /** The fields to fill in. */
  get fields() {
    return this.#fields;
  }

  /** @param {string} amount */
  offer(amount) {
    this.#button.textContent = this.label(amount);
    this.#button.disabled = false;
  }

  /** @param {string} amount */
  label(amount) {
    return text("pay_amount", { amount });
  }

  focus() {
    (this.fields[0] ?? this.#button).focus();
  }
}

export class UpiForm extends Form {
  method = "upi";
  #vpa;
  /** @type {HTMLButtonElement[]} */
  #flowButtons;
  #flow = COLLECT;

  constructor() {
    const element = find(document, "#upi-form", HTMLFormElement);
    const vpa = new Field(element, "vpa", vpaProblem, (typed, isTyped) => (isTyped ? typed : plain(typed)));
    super(element, [vpa]);
    this.#vpa = vpa;
    this.#flowButtons = [...element.querySelectorAll("button")].filter((button) => button.dataset.flow);
  }

  /** @returns {Instrument} */
  get instrument() {
    return this.#flow === COLLECT ? { method: "upi", vpa: plain(this.#vpa.text) } : { method: "upi", flow: this.#flow };
  }

  /**
   * The style sheet chooses the flow for the device if the order supports both.
   * @override
   * @param {Order} order
   */
  adapt({ currency, upi_flows: flows = [COLLECT] }) {
    for (const button of this.#flowButtons) button.hidden = !flows.includes(button.dataset.flow ?? "");
    const offersFlows = this.#flowButtons.some((button) => !button.hidden);
    const offersCollect = flows.includes(COLLECT);
    byId("upi-flows").hidden = !offersFlows;
    byId("upi-or").hidden = !offersFlows || !offersCollect;
    byId("upi-collect").hidden = !offersCollect;
    return currency === UPI_CURRENCY && (offersFlows || offersCollect);
  }

  /**
   * @override
   * @param {() => void} pay
   */
  onSubmit(pay) {
    /** @param {string} flow */
    const payBy = (flow) => {
      this.#flow = flow;
      pay();
    };
    super.onSubmit(() => payBy(COLLECT));
    for (const button of this.#flowButtons) button.addEventListener("click", () => payBy(button.dataset.flow ?? ""));
  }

  /**
   * @override
   * @param {string} amount
   */
  offer(amount) {
    super.offer(amount);
    for (const button of this.#flowButtons) button.disabled = false;
  }

  /** @override */
  focus() {
    if (!byId("upi-collect").hidden) return super.focus();
    this.#flowButtons.find((button) => button.checkVisibility())?.focus();
  }

  /** Keeps the VPA, so that the buyer can correct or retry it after a failure. */
  sent() {}

  /** @param {string} vpa */
  prefill(vpa) {
    this.#vpa.text ||= vpa;
  }

  /**
   * Show the API's error at its field.
   * @param {string | undefined} field
   * @returns whether the form has this field
   */
  refuse(field) {
    if (field === "flow") return this.#withdraw(this.#flow);
    if (field !== "vpa") return false;
    this.#vpa.say("vpa_wrong");
    this.#vpa.focus();
    return true;
  }

  /** @param {string} flow */
  #withdraw(flow) {
    for (const button of this.#flowButtons) button.hidden ||= button.dataset.flow === flow;
    return true;
  }
}

export class CardForm extends Form {
  method = "card";
  /** Whether the buyer enters the card on a page of the acquirer. */
  #isOnPage = false;
  #number;
  #expiry;
  #cvv;
  #name;

  constructor() {
    const element = find(document, "#card-form", HTMLFormElement);
    const number = new Field(element, "card-number", numberProblem, formatNumber);
    const expiry = new Field(element, "expiry", expiryProblem, formatExpiry);
    const cvv = new Field(element, "cvv", (typed) => cvvProblem(typed, number.text), (typed) => plain(typed));
    const name = new Field(element, "cardholder-name", nameProblem);
    super(element, [number, expiry, cvv, name]);
    this.#number = number;
    this.#expiry = expiry;
    this.#cvv = cvv;
    this.#name = name;
    const mark = find(element, "#network", HTMLImageElement);
    number.onInput((typed) => showNetwork(mark, networkOf(digitsOf(typed))));
  }

  /**
   * @override
   * @param {Order} order
   */
  adapt({ card_entry: entry = NUMBER }) {
    this.#isOnPage = entry === PAGE;
    byId("card-fields").hidden = this.#isOnPage;
    byId("card-page").hidden = !this.#isOnPage;
    byId("card-promise").textContent = text(this.#isOnPage ? "page_promise" : "number_promise");
    return entry === NUMBER || entry === PAGE;
  }

  /** @override */
  get fields() {
    return this.#isOnPage ? [] : super.fields;
  }

  /**
   * @override
   * @param {string} amount
   */
  label(amount) {
    return this.#isOnPage ? text("continue_to_card_page") : super.label(amount);
  }

  /** @returns {Instrument} */
  get instrument() {
    if (this.#isOnPage) return { method: "card" };
    const expiry = readExpiry(this.#expiry.text);
    const { month, year } = typeof expiry === "object" ? expiry : { month: "", year: "" };
    const number = digitsOf(this.#number.text);
    const cvv = plain(this.#cvv.text);
    const card = { number, expiry_month: month, expiry_year: year, cvv, holder_name: this.#name.text };
    return { method: "card", card };
  }

  /** Clears all fields except the name after the card was sent. */
  sent() {
    for (const field of [this.#number, this.#expiry, this.#cvv]) field.clear();
  }

  /** @param {string} name */
  prefill(name) {
    this.#name.text ||= name;
  }

  /**
   * Show the API's error at its field.
   * @param {string | undefined} field
   * @returns whether the form has this field
   */
  refuse(field) {
    const [refused, problem] =
      {
        "card.number": /** @type {const} */ ([this.#number, "number_wrong"]),
        "card.cvv": /** @type {const} */ ([this.#cvv, "cvv_3"]),
        "card.expiry_month": /** @type {const} */ ([this.#expiry, "card_expired"]),
        "card.expiry_year": /** @type {const} */ ([this.#expiry, "card_expired"]),
        "card.holder_name": /** @type {const} */ ([this.#name, "name_is_number"]),
      }[field ?? ""] ?? [];
    refused?.say(problem ?? "");
    refused?.focus();
    return Boolean(refused);
  }
}

/**
 * @param {HTMLImageElement} mark
 * @param {import("./card.js").Network} network
 */
function showNetwork(mark, network) {
  const address = `/marks/${network}.svg`;
  if (mark.getAttribute("src") === address) return;
  mark.src = address;
  mark.alt = MARKS[network];
}

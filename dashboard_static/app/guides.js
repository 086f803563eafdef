/** The guides' code with the merchant's key and addresses. The secret stays a variable, because users share code. */

export function createOrder({ apiUrl, key }) {
  return `curl -X POST ${apiUrl}/api/v1/orders \\
  -H 'X-Api-Key: ${key}' \\
  -H "X-Api-Secret: $API_SECRET" \\
  -H 'Idempotency-Key: receipt-1001' \\
  -H 'Content-Type: application/json' \\
  -d '{"amount": 50000, "currency": "INR", "receipt": "receipt-1001"}'`;
}

export function sdk({ checkoutUrl, key }) {
  return `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>Your basket</title>
</head>
<body>
  <button id="pay">Pay ₹500.00</button>
  <p id="outcome" role="status"></p>

  <script src="${checkoutUrl}/checkout.js"></script>
  <script>
    const outcome = document.querySelector("#outcome");
    document.querySelector("#pay").addEventListener("click", () => {
      new PaymentGateway({
        key: "${key}",
        orderId: "order_…", // from your server
        onSuccess: (payment) => { outcome.textContent = \`Paid: \${payment.paymentId}\`; },
        onFailure: (failure) => { outcome.textContent = failure.description; },
        onClose: () => console.log("closed"),
      }).open();
    });
  </script>
</body>
</html>
`;
}

export function capture({ apiUrl, key }) {
  return `curl -X POST ${apiUrl}/api/v1/payments/$PAYMENT_ID/capture \\
  -H 'X-Api-Key: ${key}' -H "X-Api-Secret: $API_SECRET" \\
  -H 'Content-Type: application/json' -d '{"amount": 50000}'`;
}

export function refund({ apiUrl, key }) {
  return `curl -X POST ${apiUrl}/api/v1/payments/$PAYMENT_ID/refunds \\
  -H 'X-Api-Key: ${key}' -H "X-Api-Secret: $API_SECRET" \\
  -H 'Idempotency-Key: refund-1001' \\
  -H 'Content-Type: application/json' -d '{"amount": 10000, "reason": "one of five came broken"}'`;
}

/** The verification examples of the documentation, without their test servers. */
export const EXAMPLES = [
  { name: "Python", file: "verify.py" },
  { name: "Node", file: "verify.mjs" },
  { name: "PHP", file: "verify.php" },
  { name: "Go", file: "verify.go" },
];

export async function verificationExamples(signal) {
  const texts = await Promise.all(EXAMPLES.map(({ file }) => exampleText(file, signal)));
  return EXAMPLES.map(({ name }, index) => ({ name, text: texts[index] }));
}

async function exampleText(file, signal) {
  const response = await fetch(`/examples/${file}`, { signal });
  if (!response.ok) throw new Error(`The example ${file} could not be loaded.`);
  return (await response.text()).split(/\n.*From here on: a server to try it with/)[0].trimEnd();
}

/**
 * The addresses of the API and the checkout; `mode` is "test", or "live" in production. `receiverUrl` receives the webhooks of the test
 * merchant of a local gateway; elsewhere it is empty. The upload of the site fills them in.
 */
export const config = { apiUrl: "{{api_url}}", checkoutUrl: "{{checkout_url}}", mode: "{{mode}}", receiverUrl: "{{receiver_url}}" };

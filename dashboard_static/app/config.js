/** The addresses of the API and the checkout. The upload of the site fills them in. */

export const config = { apiUrl: "{{api_url}}", checkoutUrl: "{{checkout_url}}" };

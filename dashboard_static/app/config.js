/** Where the API and the checkout are: filled in when the site is uploaded. */

export const config = { apiUrl: "{{api_url}}", checkoutUrl: "{{checkout_url}}" };

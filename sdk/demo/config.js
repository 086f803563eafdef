/** Filled in when the site is uploaded. */

export const merchantServer = "{{merchant_server_url}}";

"""Webhooks: the HTTP request with its SSRF guard, the attempts, and the health of an endpoint."""

"""Webhooks: the guarded HTTP request, the attempts, and the health of an endpoint."""

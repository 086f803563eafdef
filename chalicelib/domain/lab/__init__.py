"""The receiver lab: checks of a server that receives webhooks."""

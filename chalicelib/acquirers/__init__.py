"""Acquirers. They move the money."""

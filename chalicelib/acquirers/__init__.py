"""Acquirers: the parties that move the money."""

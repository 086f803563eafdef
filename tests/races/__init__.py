"""Races over HTTP: concurrent requests for the same object, and a check of the totals."""

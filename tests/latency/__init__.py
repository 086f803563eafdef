"""Measurements of latencies on a local stack."""

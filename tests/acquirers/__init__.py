"""The adapters of real acquirers, and strict doubles of those acquirers."""

"""Response bodies: what the API shows of each record."""

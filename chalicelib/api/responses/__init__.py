"""Response bodies: the public fields of each record."""

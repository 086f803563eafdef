"""Payment methods, one module each."""

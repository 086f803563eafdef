"""The HTTP API: translates requests to use cases, and their results and errors to responses."""

"""The HTTP API: translates requests to use cases, and their answers and errors back."""

"""The local run: an emulated AWS, a local server on fixed ports, and a test merchant."""

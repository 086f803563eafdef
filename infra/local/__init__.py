"""The deployment on one machine: AWS embedded, a local server on the known ports, a test merchant."""

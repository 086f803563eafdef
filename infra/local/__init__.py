"""The deployment on one machine: AWS embedded, a front on the known ports, a test merchant."""

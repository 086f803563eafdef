"""The gateway's infrastructure: its CloudFormation, its deployment, and the same on one machine."""

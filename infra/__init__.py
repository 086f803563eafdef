"""The gateway's infrastructure: the CloudFormation template, the deployment and the local run."""

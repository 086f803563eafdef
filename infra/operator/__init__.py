"""The operator's commands: merchants, webhooks, dead-letter queues and consistency checks."""

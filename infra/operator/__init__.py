"""The commands of an operator: merchants, dead-letter queues, consistency checks."""

"""Jobs: the messages of the SQS queues, how they are sent, and how a batch of them is processed."""

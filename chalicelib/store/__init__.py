"""The records in DynamoDB: one module a record, and the writes that are safe to repeat."""

"""The tables in DynamoDB: one module for each record, and writes that are safe to retry."""

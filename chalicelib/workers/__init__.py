"""The queue and stream handlers. A record that fails does not affect the other records of its batch.

Each function returns the partial batch response: the records that Lambda must deliver again. A job that
fails every time is moved to a dead-letter queue. A stream record that cannot be read is sent to one; after
any other error, Lambda retries until the record expires.
"""

"""The use cases of merchants, buyers and queue workers."""

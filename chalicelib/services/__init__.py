"""The use cases: what a merchant, a buyer or a queue may ask of the gateway."""

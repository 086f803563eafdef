"""DynamoDB streams: the effects of a committed row, and the relay that dispatches them."""

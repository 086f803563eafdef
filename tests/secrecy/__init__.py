"""Every test also verifies that the product does not log or store a card or a secret."""

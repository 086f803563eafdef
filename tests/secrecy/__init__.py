"""Every test is also a test of secrecy: nothing that the product logs or keeps shows a card or a secret."""

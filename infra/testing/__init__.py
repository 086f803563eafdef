"""A gateway for the tests of a shop: the command `fixture` and the pytest fixture `payment_gateway`.

docs/testing-your-integration.md describes both. The gateway runs in a separate process, so that it neither
changes the environment of the tests nor shares modules with them.
"""

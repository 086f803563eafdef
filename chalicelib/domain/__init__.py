"""The rules of the gateway: pure, standard library only.

The clock, randomness and configuration are arguments.
"""

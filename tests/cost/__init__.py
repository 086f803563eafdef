"""The cost of a payment: units, requests and processor time, counted and multiplied by dated prices."""

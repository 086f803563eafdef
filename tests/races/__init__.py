"""Races over HTTP: many ask for the same thing at the same moment, and the sums must be right."""

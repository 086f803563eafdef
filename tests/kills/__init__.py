"""Kills: parts of the running gateway die at any moment, and afterwards everything is right."""

"""Packaging, validation and deployment of a stage."""

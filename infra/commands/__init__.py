"""The commands of `python -m infra`, one area a module."""

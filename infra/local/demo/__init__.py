"""`make demo`: the main job over HTTP on a stack of its own, told as a short story."""

from infra.local.demo.script import main

__all__ = ["main"]

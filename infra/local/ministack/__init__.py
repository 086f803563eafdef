"""MiniStack as a local gateway runs it: its state survives a kill, and it stops when its parent dies."""

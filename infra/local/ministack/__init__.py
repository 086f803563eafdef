"""MiniStack with state that survives a kill. It stops when its parent process exits."""

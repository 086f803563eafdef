"""The seam to whoever moves the money."""

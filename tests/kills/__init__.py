"""Kills: parts of the running gateway are killed at random times, and all guarantees must hold afterwards."""

"""The simulated acquirer, its bank, and its test values."""

from chalicelib.acquirers.simulated.adapter import (
    NOTIFICATION_SECRET,
    PENDING_FOR,
    SIGNATURE_HEADER,
    SimulatedAcquirer,
)

__all__ = ["NOTIFICATION_SECRET", "PENDING_FOR", "SIGNATURE_HEADER", "SimulatedAcquirer"]

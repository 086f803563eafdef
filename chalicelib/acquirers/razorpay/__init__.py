"""Razorpay: the adapter, and what it knows of Razorpay's API."""

from chalicelib.acquirers.razorpay.adapter import (
    OPTIONAL,
    RAZORPAY,
    REQUIRED,
    SIGNATURE_HEADER,
    WEBHOOK_SECRET,
    RazorpayAcquirer,
)

__all__ = ["OPTIONAL", "RAZORPAY", "REQUIRED", "SIGNATURE_HEADER", "WEBHOOK_SECRET", "RazorpayAcquirer"]

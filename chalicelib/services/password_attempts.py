"""The limit on wrong passwords, shared by all Lambda functions."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import RateLimitError
from chalicelib.store.sessions import SessionStore

MAX_ATTEMPTS = 10  # wrong passwords per window and subject
WINDOW = timedelta(minutes=15)


@dataclass(frozen=True, kw_only=True)
class PasswordAttempt:
    """One password attempt for a subject. It counts as wrong until it is reset."""

    attempts: SessionStore
    subject: str
    window_ends_at: datetime

    def reset(self) -> None:
        """Reset the attempts of this window after a correct password. 1 request."""
        self.attempts.reset_attempts(self.subject, window_ends_at=self.window_ends_at)


@dataclass(frozen=True, kw_only=True)
class PasswordAttemptLimit:
    """Allows MAX_ATTEMPTS wrong passwords per WINDOW and subject."""

    attempts: SessionStore
    clock: Clock

    def take(self, subject: str) -> PasswordAttempt:
        """Count an attempt. 1 request. Raises RateLimitError after MAX_ATTEMPTS in this window."""
        now = self.clock()
        ends_at = _window_end(now)
        if self.attempts.count_attempt(subject, window_ends_at=ends_at) > MAX_ATTEMPTS:
            raise RateLimitError(retry_after_s=int((ends_at - now).total_seconds()) + 1)
        return PasswordAttempt(attempts=self.attempts, subject=subject, window_ends_at=ends_at)


def _window_end(now: datetime) -> datetime:
    seconds = int(WINDOW.total_seconds())
    return datetime.fromtimestamp((int(now.timestamp()) // seconds + 1) * seconds, UTC)

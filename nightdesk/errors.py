"""The errors of Nightdesk.  Each speaks to a person: what is wrong, and a hint at the mend.

NightdeskError
├── ConfigurationError      a setting or a definition is wrong
├── FeedError               a feed could not be fetched or read (nightdesk.feeds.errors)
├── ArchiveError            the archive database refuses (nightdesk.archive.errors)
├── PoisonMessage           one message cannot be used: it becomes a dead letter
└── DeliveryError           a receiver did not take a delivery (nightdesk.delivery.errors)
"""

from __future__ import annotations

from schemas.deadletter import DeadLetterReason


class NightdeskError(Exception):
    """Base of all errors of ours.  `hint` says what the reader can do about it."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  hint: {self.hint}" if self.hint else self.message


class ConfigurationError(NightdeskError):
    """A setting, a bundle or a definition is wrong; nothing was started or changed."""


class FeedError(NightdeskError):
    """A feed could not be fetched or read."""


class ArchiveError(NightdeskError):
    """The archive database is unreachable, read-only, full, locked or of another version.

    `transient` holds where a long-lived worker does well to try again.
    """

    transient: bool = False


class DeliveryError(NightdeskError):
    """A receiver did not take a delivery."""


class PoisonMessage(NightdeskError):
    """One message cannot be used, now or later: the stage puts it into quarantine."""

    def __init__(self, reason: DeadLetterReason, message: str, *, hint: str) -> None:
        super().__init__(message, hint=hint)
        self.reason = reason

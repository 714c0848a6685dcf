"""What becomes of a push, as a closed list of words: it labels a metric."""

from __future__ import annotations

from enum import StrEnum


class PushOutcome(StrEnum):
    """`unsigned` has no signature by our secret, `unknown` no subscription, `over` one that has ended.

    `cut` did not come whole in time, `turned_away` met too many others, `unreadable` is no feed.  `missed`
    could not be read just then, and `lost` never came, as a poll found.
    """

    TAKEN = "taken"
    UNSIGNED = "unsigned"
    UNKNOWN = "unknown"
    OVER = "over"
    TOO_LARGE = "too_large"
    CUT = "cut"
    TURNED_AWAY = "turned_away"
    UNREADABLE = "unreadable"
    MISSED = "missed"
    LOST = "lost"

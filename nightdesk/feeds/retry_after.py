"""Retry-After, in both its forms, bounded: a server's wish for patience is honoured up to a day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST_WISH = timedelta(days=1)


def parse_retry_after(value: str | None, now: datetime) -> timedelta | None:
    """Return how long to wait from `now`: 0 up to a day, or None where the header says nothing.

    RFC 9110, 10.2.3: a number of seconds, or an HTTP date.
    """
    text = (value or "").strip()
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), LONGEST_WISH.total_seconds()))
    try:
        moment = parsedate_to_datetime(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return min(max(moment - now, timedelta(0)), LONGEST_WISH)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None

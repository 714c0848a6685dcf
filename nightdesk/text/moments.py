"""Moments as publishers write them: ISO 8601 (RFC 3339 too), or the dates of mail (RFC 2822)."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_LONGEST = 60
_SHORTEST_MAIL_DATE = 8


def read_moment(text: str | None) -> datetime | None:
    """Return the moment in UTC; without a zone it is taken as UTC; None where `text` names none."""
    text = (text or "").strip()
    if len(text) > _LONGEST:
        return None
    for read in (datetime.fromisoformat, _read_mail_date):
        try:
            moment = read(text)
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        except (ValueError, OverflowError, TypeError, IndexError):
            continue
    return None


def _read_mail_date(text: str) -> datetime:
    if len(text) < _SHORTEST_MAIL_DATE:
        raise ValueError(text)
    return parsedate_to_datetime(text)

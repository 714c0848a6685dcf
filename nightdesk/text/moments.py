"""Moments as publishers write them: ISO 8601 (RFC 3339 too), words, figures, the dates of mail (RFC 2822)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from nightdesk.text.dates import read_date

_LONGEST = 60
_SHORTEST_MAIL_DATE = 8


def read_moment(text: str | None) -> datetime | None:
    """Return the moment in UTC that ISO 8601 or RFC 2822 reads in `text`, without a zone taken as UTC; None
    where it names none so."""
    found = _read(datetime.fromisoformat, text)
    return found if found is not None else read_mail_date(text)


def read_claim(text: str | None) -> datetime | None:
    """Return the moment that a publisher means, however it is written."""
    found = read_whole(text)
    return found if found is not None else read_mail_date(text)


def read_whole(text: str | None) -> datetime | None:
    """Return the moment where year, month and day are beyond doubt: in ISO 8601, in words, in figures."""
    found = _read(datetime.fromisoformat, text)
    return found if found is not None else _read(read_date, text)


def read_mail_date(text: str | None) -> datetime | None:
    """Return the moment where `text` is a date of mail, as leniently as mail is read."""
    return _read(_of_mail, text)


def _read(read: Callable[[str], datetime | None], text: str | None) -> datetime | None:
    text = (text or "").strip()
    if len(text) > _LONGEST:
        return None
    try:
        moment = read(text)
        if moment is None:
            return None
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def _of_mail(text: str) -> datetime | None:
    return parsedate_to_datetime(text) if len(text) >= _SHORTEST_MAIL_DATE else None

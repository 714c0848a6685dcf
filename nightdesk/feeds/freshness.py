"""Freshness: for how long an answer may be kept, as its server and the feed itself say.

RFC 9111: `max-age` less `Age`, else `Expires` less `Date`; the feed's own `ttl` (RSS) counts as well, the
longer of both.  What is not understood says nothing.  Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE)
_NEVER = re.compile(r"(?:^|[,\s])(?:no-cache|no-store|must-revalidate)(?:$|[,\s=])", re.IGNORECASE)
_LONGEST = timedelta(days=365)


def fresh_for(headers: Mapping[str, str], ttl: timedelta | None = None) -> timedelta:
    """Return for how long an answer with these `headers` (small letters) may be kept; 0 where nothing is
    said.
    """
    return max(_by_headers(headers), ttl or timedelta(0))


def _by_headers(headers: Mapping[str, str]) -> timedelta:
    control = headers.get("cache-control", "")
    found = _MAX_AGE.search(control)
    if found:
        age = headers.get("age", "").strip()
        spent = int(age[:9]) if age.isascii() and age.isdigit() else 0
        return min(timedelta(seconds=max(0, int(found[1]) - spent)), _LONGEST)
    if _NEVER.search(control):
        return timedelta(0)
    expires, date = _moment(headers.get("expires")), _moment(headers.get("date"))
    if expires is None or date is None:
        return timedelta(0)
    return min(max(expires - date, timedelta(0)), _LONGEST)


def _moment(text: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime((text or "").strip()[:100])
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None

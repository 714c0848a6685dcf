"""Moves: a feed that is redirected for good is fetched at its new address, once that is beyond doubt.  Pure.

One such redirect may be a mistake, or a hotel's login page: only a redirect that was seen several times,
over a day and more, each time to the same place and to a feed that could be read, is followed for good.
What the desk declared stays as it is; where the new address fails, the declared one is tried again.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from nightdesk.feeds.fetched import Fetched
from nightdesk.feeds.state import FeedState

SEEN_OFTEN_ENOUGH = 5
LONG_ENOUGH = timedelta(days=1)
FAILED_TOO_OFTEN = 3
_STILL: dict[str, Any] = {"moving_to": "", "moving_since": None, "moving_seen": 0}


def after_answer(state: FeedState, fetched: Fetched, now: datetime) -> dict[str, Any]:
    """Return what an answer that could be read changes of where the feed is fetched."""
    target = fetched.moved_to
    if target is None or not _as_safe(state.address_of(state.url), target):
        return _STILL if state.moving_to else {}
    if target != state.moving_to or state.moving_since is None:
        return {"moving_to": target, "moving_since": now, "moving_seen": 1}
    seen = state.moving_seen + 1
    if seen >= SEEN_OFTEN_ENOUGH and now - state.moving_since >= LONG_ENOUGH:
        return {"address": target, "moved_at": now, **_STILL}
    return {"moving_seen": seen}


def after_failure(state: FeedState, failures: int) -> dict[str, Any]:
    """Return what a failed poll changes: a new address that keeps failing is given up."""
    if state.address and failures >= FAILED_TOO_OFTEN:
        return {"address": "", "moved_at": None, **_STILL}
    return {}


def _as_safe(before: str, after: str) -> bool:
    """Whether a move loses nothing: never from https to http."""
    return after.startswith("https://") or not before.startswith("https://")

"""Trust: whether to ask a server "has it changed?", and whether its "no" was true.  Pure.

Validators save a server nearly all its work, and a broken cache makes a feed look quiet for ever.  So now and
then the document itself is asked for; where that shows that a "not modified" was untrue, the feed is asked
for documents alone for a while.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from nightdesk.feeds.fetched import Fetched, Validators
from nightdesk.feeds.state import FeedState
from schemas.report import Report

PROBE_AFTER = timedelta(hours=12)
"""After so long without a document the next poll asks for one."""

DISTRUST = timedelta(days=14)
"""For so long after a lie no validators are sent."""

_BACKDATED = timedelta(hours=1)
"""Publishers date their entries to when they began to write: so much earlier proves nothing."""


def validators_for(state: FeedState, url: str, now: datetime) -> Validators:
    """Return what to send to a feed declared at `url`: nothing after a failure or a change of address, so
    that the poll which ends a failure brings a document; nothing where a document is due, as for pages that
    are to be tried again, or after a lie."""
    if state.failures or state.url != url or state.unread_pages:
        return Validators()
    if state.lied_at is not None and now - state.lied_at < DISTRUST:
        return Validators()
    unseen = state.not_modified_at is not None and state.document_at is not None
    if unseen and state.document_at is not None and now - state.document_at >= PROBE_AFTER:
        return Validators()
    return Validators(state.etag, state.last_modified)


def after_answer(
    state: FeedState, fetched: Fetched, new: Sequence[Report], now: datetime
) -> dict[str, Any]:
    """Return what an answer changes of the state: when what was said, and whether it was found untrue."""
    if fetched.body is None:
        return {"not_modified_at": now}
    changes: dict[str, Any] = {"document_at": now, "not_modified_at": None}
    if lied(state, fetched, new):
        changes |= {"lied_at": now, "lies": state.lies + 1}
    return changes


def lied(state: FeedState, fetched: Fetched, new: Sequence[Report]) -> bool:
    """Whether a document that was asked for outright shows that the last "not modified" was untrue.

    It was, where the same validators come with other entries, or where most of what is new, and two
    entries at least, had been published well before the server denied that there was anything.
    """
    if fetched.conditional or state.not_modified_at is None or not new:
        return False
    known = Validators(state.etag, state.last_modified)
    if known and fetched.validators == known:
        return True
    denied = state.not_modified_at - _BACKDATED
    old = sum(one.published_at is not None and one.published_at < denied for one in new)
    return old >= 2 and 2 * old > len(new)

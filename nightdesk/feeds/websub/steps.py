"""The steps of a subscription: when the hub is asked, and what its answer or its silence comes to.  Pure.

A request in vain is repeated, each time after twice as long, at the next hub that the feed names; after
eight the subscription is given up, and tried again after a week, as is one that the hub denied.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal

from nightdesk.feeds.websub.discovery import Hubs
from nightdesk.feeds.websub.subscription import HubState, HubSubscription

LEASE = timedelta(days=10)
"""What is asked for; the hub decides."""

ASKS_BACK_WITHIN = timedelta(minutes=10)
"""A hub that has not verified by then is asked anew; should it still come, it is welcome."""

FIRST_BACKOFF = timedelta(minutes=5)
LONGEST_BACKOFF = timedelta(days=1)
LATER = timedelta(days=7)
MOST_FAILURES = 8
MOST_FAREWELLS = 3
"""So often a hub is told that we leave: the lease ends by itself, and its pushes are answered with 410."""

MOST_STRAYED = 3
"""So many documents in a row without the hub or the topic mean that the publisher has left it."""

Mode = Literal["subscribe", "unsubscribe"]


def mode_due(it: HubSubscription, now: datetime) -> Mode | None:
    """Return what to ask the hub for now, None where it is not time."""
    if it.due_at is None or it.due_at > now or it.state is HubState.LEFT:
        return None
    return "unsubscribe" if it.state is HubState.LEAVING else "subscribe"


def form_of(it: HubSubscription, mode: Mode) -> dict[str, str]:
    """Return what is posted to the hub.  It holds the secret: it is for the hub alone.

    `hub.verify` is for hubs of before the Recommendation (PubSubHubbub 0.3), which ask for it; `sync` has
    them ask back before they answer.
    """
    form = {"hub.mode": mode, "hub.topic": it.topic, "hub.callback": it.callback}
    form["hub.verify"] = "sync"
    if mode == "subscribe":
        form |= {"hub.lease_seconds": f"{LEASE.total_seconds():.0f}", "hub.secret": it.secret}
    return form


def asked(it: HubSubscription, now: datetime) -> HubSubscription:
    """Return the subscription as of just before its hub is asked: the hub may ask back before it answers."""
    changes: dict[str, Any] = {"asked_at": now, "waits": True, "due_at": now + ASKS_BACK_WITHIN}
    if it.state in {HubState.DENIED, HubState.GIVEN_UP}:
        changes["failures"] = 0
    if it.state is not HubState.LEAVING and not it.stands(now):
        changes["state"] = HubState.ASKED
    return it.model_copy(update=changes)


def is_unanswered(it: HubSubscription, now: datetime) -> bool:
    """Tell whether the hub took a request and has not asked back in time."""
    return it.waits and it.due_at is not None and it.due_at <= now


def failed(
    it: HubSubscription,
    why: str,
    now: datetime,
    *,
    jitter: float,
    retry_after: timedelta | None = None,
) -> HubSubscription:
    """Return the subscription after a request in vain.  `jitter` in [0, 1) adds up to a tenth."""
    failures = it.failures + 1
    wait = min(FIRST_BACKOFF * 2 ** min(failures - 1, 20), LONGEST_BACKOFF)
    wait = max(wait, retry_after or wait) * (1 + 0.1 * jitter)
    changes: dict[str, Any] = {"failures": failures, "waits": False, "reason": why}
    if it.state is HubState.LEAVING:
        over = failures >= MOST_FAREWELLS
        changes |= {"state": HubState.LEFT, "due_at": None} if over else {"due_at": now + wait}
        return it.model_copy(update=changes)
    if not it.stands(now):
        # A lease that still runs is renewed where it is, never begun at another hub beside it.
        changes |= {"state": HubState.WANTED, "hub": _next_hub(it)}
    if failures >= MOST_FAILURES and changes.get("state") is HubState.WANTED:
        changes["state"], wait = HubState.GIVEN_UP, LATER
    return it.model_copy(update=changes | {"due_at": now + wait})


def leaving(it: HubSubscription, why: str, now: datetime) -> HubSubscription:
    """Return the subscription to be ended: at its hub where that may know of it, else at once."""
    if it.is_over:
        return it
    if it.asked_at is None or it.state in {HubState.DENIED, HubState.GIVEN_UP}:
        return left(it, why)
    changes = {"state": HubState.LEAVING, "due_at": now, "waits": False}
    return it.model_copy(update=changes | {"failures": 0, "reason": why})


def left(it: HubSubscription, why: str) -> HubSubscription:
    """Return the subscription when it has ended.  Its callback is gone for good (410)."""
    changes = {"state": HubState.LEFT, "due_at": None, "waits": False, "lease_until": None}
    return it.model_copy(update=changes | {"reason": why})


def rebased(it: HubSubscription, base: str, now: datetime) -> HubSubscription:
    """Return the subscription as wanted anew, where callbacks have another public address by now.

    The hub knows the old one by its callback, and forgets it when that lease ends.
    """
    if it.base == base or it.is_over:
        return it
    anew = {"base": base, "state": HubState.WANTED, "asked_at": None, "waits": False}
    return it.model_copy(update=anew | {"due_at": now, "lease_until": None, "failures": 0})


def after_document(it: HubSubscription, found: Hubs, now: datetime) -> HubSubscription:
    """Return the subscription after a polled document that names `found`."""
    if it.is_over:
        return it
    if it.hub in found.hubs and it.topic == found.topic:
        same = not it.strayed and it.hubs == found.hubs
        return it if same else it.model_copy(update={"hubs": found.hubs, "strayed": 0})
    if it.strayed + 1 < MOST_STRAYED:
        return it.model_copy(update={"strayed": it.strayed + 1})
    return leaving(it, "the feed names another hub or topic now, or none", now)


def _next_hub(it: HubSubscription) -> str:
    at = it.hubs.index(it.hub) + 1 if it.hub in it.hubs else 0
    return it.hubs[at % len(it.hubs)] if it.hubs else it.hub

"""The hub asks back: does this subscriber want what was asked for in its name?  Pure.

Comes in: the subscription that the callback's token names, and the query of a GET.  Goes out: the
subscription after it, and the status and text to answer with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from nightdesk.feeds.websub.steps import LEASE, left
from nightdesk.feeds.websub.subscription import HubState, HubSubscription

SHORTEST_LEASE, LONGEST_LEASE = timedelta(minutes=1), timedelta(days=365)
_RENEWED_AT = 0.75
"""Of the lease; jitter adds up to a tenth of it, so that renewals do not come all at once."""

_LONGEST_CHALLENGE, _LONGEST_REASON = 4_000, 300


@dataclass(frozen=True)
class Answer:
    """What the hub is told."""

    status: int
    text: str = ""


NO = Answer(404, "No such subscription is wanted.\n")


def verify(
    it: HubSubscription, query: Mapping[str, str], now: datetime, jitter: float
) -> tuple[HubSubscription, Answer]:
    """Return the subscription after the hub asked, and what to answer."""
    mode, challenge = query.get("hub.mode", ""), query.get("hub.challenge", "")
    if query.get("hub.topic") != it.topic or it.asked_at is None:
        return it, NO
    if mode == "denied":
        return _denied(it, query.get("hub.reason", ""), now), Answer(200)
    if not 0 < len(challenge) <= _LONGEST_CHALLENGE:
        return it, NO
    if mode == "unsubscribe" and it.is_over:
        return left(it, it.reason), Answer(200, challenge)
    if mode == "subscribe" and not it.is_over and it.state is not HubState.DENIED:
        return _active(it, query.get("hub.lease_seconds", ""), now, jitter), Answer(200, challenge)
    return it, NO


def _active(it: HubSubscription, seconds: str, now: datetime, jitter: float) -> HubSubscription:
    lease = LEASE
    if seconds.isascii() and seconds.isdigit():
        told = timedelta(seconds=min(int(seconds[:10]), int(LONGEST_LEASE.total_seconds())))
        lease = max(told, SHORTEST_LEASE)
    stood = it.stands(now)
    return it.model_copy(
        update={
            "state": HubState.ACTIVE,
            "waits": False,
            "failures": 0,
            "reason": "",
            "active_since": it.active_since if stood and it.active_since else now,
            "lease_until": now + lease,
            "due_at": now + lease * (_RENEWED_AT + 0.1 * jitter),
        }
    )


def _denied(it: HubSubscription, reason: str, now: datetime) -> HubSubscription:
    if it.is_over:
        return left(it, it.reason)
    printable = "".join(sign if sign.isprintable() else " " for sign in reason[:_LONGEST_REASON])
    words = " ".join(printable.split())
    return it.model_copy(
        update={
            "state": HubState.DENIED,
            "waits": False,
            "lease_until": None,
            "reason": f"the hub denies it: {words}" if words else "the hub denies it",
            "due_at": now + timedelta(days=7),
        }
    )

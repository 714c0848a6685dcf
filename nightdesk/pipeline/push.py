"""Subscriptions at hubs in the archive: each step is one short transaction around a pure one.

A row is locked before it is changed, for a hub asks back while it is being asked, and pushes while a poll is
concluded.  What happens to a subscription is decided in `nightdesk.feeds.websub`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import Connection

from nightdesk.archive import hub_subscriptions
from nightdesk.archive.engine import Archive
from nightdesk.feeds.addresses import host_of
from nightdesk.feeds.websub import steps
from nightdesk.feeds.websub.discovery import Hubs
from nightdesk.feeds.websub.steps import Mode
from nightdesk.feeds.websub.subscription import HubState, HubSubscription, wanted
from nightdesk.feeds.websub.verification import NO, Answer, verify
from schemas import Feed

_MOST_AT_ONCE = 20
_FIRST_WITHIN = 2.0
"""Seconds over which new subscriptions are spread, so that a start does not ask for all at once."""


@dataclass(frozen=True)
class Callbacks:
    """How hubs reach this worker: under the address `base`, `since` then.  `new_secret` returns what nobody
    can guess, fit for a URL."""

    base: str
    since: datetime
    new_secret: Callable[[], str]


def may_be_pushed(feed: Feed) -> bool:
    """Tell whether a hub is wanted for a feed.  What one reads with a login or through a proxy is no hub's
    business, also where the login stands in the address, which a hub would be told."""
    has_login = feed.access is not None or "@" in urlsplit(feed.url).netloc
    return feed.enabled and feed.websub and not has_login


def find(archive: Archive, token: str) -> HubSubscription | None:
    """Return the subscription with this token."""
    with archive.read() as connection:
        document = hub_subscriptions.by_token(connection, token)
    return None if document is None else HubSubscription.model_validate_json(document)


def subscriptions(archive: Archive) -> dict[str, HubSubscription]:
    """Return all subscriptions by feed.  They hold secrets."""
    with archive.read() as connection:
        found = hub_subscriptions.present(connection)
    return {feed: HubSubscription.model_validate_json(text) for feed, text in found.items()}


def lock(connection: Connection, feed: str) -> HubSubscription | None:
    """Return a feed's subscription, to be changed by this transaction alone."""
    document = hub_subscriptions.lock(connection, feed)
    return None if document is None else HubSubscription.model_validate_json(document)


def save(connection: Connection, it: HubSubscription) -> None:
    """Write a subscription."""
    hub_subscriptions.save(
        connection,
        it.feed,
        it.model_dump_json(),
        token=it.token,
        state=it.state.value,
        due_at=it.due_at,
    )


def note_document(
    connection: Connection,
    feed: Feed,
    before: HubSubscription | None,
    after: HubSubscription | None,
    hubs: Hubs | None,
    callbacks: Callbacks,
    *,
    moved: bool,
    now: datetime,
    jitter: float,
) -> None:
    """Write what a conclusion made of the subscription `before`, and what a polled document's `hubs` ask for:
    a first one, or the end of it, at once where the feed was declared at another address (`moved`)."""
    elsewhere = after is not None and (hubs is None or after.topic != hubs.topic)
    if moved and elsewhere and after is not None and not after.is_over:
        after = steps.leaving(after, "the feed was declared at another address", now)
    elif hubs and (after is None or after.state is HubState.LEFT):
        after = wanted(
            feed.id,
            hubs,
            base=callbacks.base,
            token=callbacks.new_secret(),
            secret=callbacks.new_secret(),
            private_host=host_of(feed.url) if feed.allow_private else "",
            now=now,
            after=_FIRST_WITHIN * jitter,
        )
    elif hubs is not None and after is not None:
        after = steps.after_document(after, hubs, now)
    if after is not None and after is not before:
        save(connection, after)


def answer(
    archive: Archive, token: str, query: Mapping[str, str], *, now: datetime, jitter: float
) -> tuple[HubSubscription | None, Answer]:
    """Answer a hub that asks back; return the subscription after it, None where there is none."""
    found = find(archive, token)
    if found is None:
        return None, NO
    with _changing(archive, found.feed) as row:
        if row.it is None or row.it.token != token:
            return None, NO
        row.it, said = verify(row.it, query, now, jitter)
        return row.it, said


def due(archive: Archive, now: datetime) -> list[str]:
    """Return feeds whose subscription has something due, those longest due first, not all at once."""
    with archive.read() as connection:
        return hub_subscriptions.due(connection, now, _MOST_AT_ONCE)


def begin_asking(
    archive: Archive, feed: str, *, now: datetime, jitter: float
) -> tuple[HubSubscription, Mode | None] | None:
    """Note that a feed's hub is asked now, and return what for; None where nothing is due.

    The mode is None where the hub did not ask back in time, which counts as a request in vain.
    """
    with _changing(archive, feed) as row:
        if row.it is None or (mode := steps.mode_due(row.it, now)) is None:
            return None
        if steps.is_unanswered(row.it, now):
            why = f"the hub did not ask back within {steps.ASKS_BACK_WITHIN.total_seconds():.0f} s"
            row.it = steps.failed(row.it, why, now, jitter=jitter)
            return row.it, None
        row.it = steps.asked(row.it, now)
        return row.it, mode


def note_refusal(
    archive: Archive,
    asked: HubSubscription,
    why: str,
    *,
    now: datetime,
    jitter: float,
    retry_after: timedelta | None = None,
) -> HubSubscription | None:
    """Note that the hub did not take a request, unless it has asked back meanwhile."""
    with _changing(archive, asked.feed) as row:
        it = row.it
        if it is not None and it.waits and it.asked_at == asked.asked_at:
            row.it = steps.failed(it, why, now, jitter=jitter, retry_after=retry_after)
        return row.it


def note_missed(archive: Archive, feed: str, now: datetime) -> None:
    """Note that a push came that was not taken: until a poll has made up for it, pushes are not trusted."""
    with _changing(archive, feed) as row:
        if row.it is not None:
            row.it = row.it.model_copy(update={"last_push_at": now, "missed_at": now})


def leave_others(
    archive: Archive, feeds: Mapping[str, Feed], now: datetime
) -> list[HubSubscription]:
    """End the subscriptions of feeds that are not among the enabled `feeds`, or not to be pushed; return what
    was changed."""
    changed = []
    over = {HubState.LEAVING, HubState.LEFT}
    with archive.read() as connection:
        states = hub_subscriptions.states(connection)
    for name, state in states.items():
        feed = feeds.get(name)
        if state in over or (feed is not None and may_be_pushed(feed)):
            continue
        why = "the feed was retired or disabled" if feed is None else "the feed is not to be pushed"
        with _changing(archive, name) as row:
            if row.it is not None:
                row.it = steps.leaving(row.it, why, now)
                changed.append(row.it)
    return changed


def move_to(archive: Archive, base: str, now: datetime) -> int:
    """Have hubs told of another public address than they know; return of how many subscriptions."""
    moved = 0
    for name, found in subscriptions(archive).items():
        if steps.rebased(found, base, now) is not found:
            with _changing(archive, name) as row:
                if row.it is not None:
                    row.it = steps.rebased(row.it, base, now)
                    moved += 1
    return moved


@dataclass
class _Row:
    it: HubSubscription | None


@contextmanager
def _changing(archive: Archive, feed: str) -> Iterator[_Row]:
    """Yield a feed's subscription, locked, and write what it is at the end."""
    with archive.begin() as connection:
        before = lock(connection, feed)
        row = _Row(before)
        yield row
        if row.it is not None and row.it is not before:
            save(connection, row.it)

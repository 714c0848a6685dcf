"""What is remembered of a feed's subscription at a hub: a frozen model that the archive keeps as JSON."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from pydantic import Field

from nightdesk.feeds.websub.discovery import Hubs
from schemas.base import Contract, UtcDatetime

PATH = "/websub/"
"""Below the public address: the path of callbacks, which ends in the token."""


class HubState(StrEnum):
    """How a subscription stands, as a closed list of words.

    `wanted` is to be asked for; `asked` waits for the hub to ask back; `active` has a lease; `denied` was
    refused by the hub; `given_up` could not be had; `leaving` is being ended, and `left` has ended.
    """

    WANTED = "wanted"
    ASKED = "asked"
    ACTIVE = "active"
    DENIED = "denied"
    GIVEN_UP = "given_up"
    LEAVING = "leaving"
    LEFT = "left"


class HubSubscription(Contract):
    """The subscription of one feed.  `token` ends its callback's address, `secret` signs what is pushed:
    neither is ever shown.

    `hub` is the one of `hubs` that is asked, at a private address only on `private_host` (host and port);
    `base` is the public address that it was told.  `asked_at` is when
    it was asked last, and `waits` that it has not asked back since.  `due_at` is when there is something to
    do; `lease_until` when the hub forgets us; `active_since` when it first asked back.  `failures` counts
    requests in vain since the last success, `strayed` documents in a row that name no such hub or topic.
    `reason` says in words why it does not stand.

    `last_push_at` is when a signed push last came, `lost_at` when entries were found that none had brought,
    `lost` how often.  `missed_at` is when a push came that we could not take: the next poll is soon.
    """

    schema_version: Literal[1] = 1
    feed: str
    token: str = Field(repr=False)
    secret: str = Field(repr=False)
    hubs: tuple[str, ...]
    hub: str
    topic: str
    base: str
    private_host: str = ""
    state: HubState = HubState.WANTED
    asked_at: UtcDatetime | None = None
    waits: bool = False
    due_at: UtcDatetime | None = None
    active_since: UtcDatetime | None = None
    lease_until: UtcDatetime | None = None
    failures: int = Field(default=0, ge=0)
    strayed: int = Field(default=0, ge=0)
    reason: str = ""
    last_push_at: UtcDatetime | None = None
    missed_at: UtcDatetime | None = None
    lost_at: UtcDatetime | None = None
    lost: int = Field(default=0, ge=0)

    @property
    def callback(self) -> str:
        """The address that the hub pushes to."""
        return f"{self.base.rstrip('/')}{PATH}{self.token}"

    def stands(self, now: datetime) -> bool:
        """Whether the hub has promised to push, and its lease has not run out."""
        return (
            self.state is HubState.ACTIVE
            and self.lease_until is not None
            and now < self.lease_until
        )

    @property
    def is_over(self) -> bool:
        """Whether nothing of it is to be pushed any more."""
        return self.state in {HubState.LEAVING, HubState.LEFT}


def wanted(
    feed: str,
    found: Hubs,
    *,
    base: str,
    token: str,
    secret: str,
    private_host: str = "",
    now: datetime,
    after: float,
) -> HubSubscription:
    """Return a subscription to ask for, `after` so many seconds.  `token` and `secret` are random."""
    return HubSubscription(
        feed=feed,
        token=token,
        secret=secret,
        hubs=found.hubs,
        hub=found.hubs[0],
        topic=found.topic,
        base=base,
        private_host=private_host,
        due_at=now + timedelta(seconds=after),
    )

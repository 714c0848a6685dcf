"""What is remembered of a feed between polls: a frozen model that the archive keeps as JSON."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from nightdesk.feeds.fetched import Validators
from nightdesk.feeds.health import FeedHealth
from schemas.base import Contract, UtcDatetime


class FeedState(Contract):
    """The memory of one feed; `FeedState()` is that of a feed never polled.

    `url` is the address that all else was learned at: a feed whose definition names another one starts
    anew.  `etag`, `last_modified` and `body_hash` belong to the last document that could be read.
    `failures` counts failed polls in a row.  `health_since` is when `health` last changed.
    `gap_seconds` is the learned time between polls that brought something new.  `claimed_by` is the
    worker that fetches it just now; `next_poll_at` is then when the claim runs out.
    """

    schema_version: Literal[1] = 1
    url: str = ""
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    health: FeedHealth = FeedHealth.NEVER_POLLED
    health_reason: str = ""
    health_hint: str = ""
    health_since: UtcDatetime | None = None
    failures: int = Field(default=0, ge=0)
    polls: int = Field(default=0, ge=0)
    first_fetched_at: UtcDatetime | None = None
    last_polled_at: UtcDatetime | None = None
    last_success_at: UtcDatetime | None = None
    last_new_at: UtcDatetime | None = None
    next_poll_at: UtcDatetime | None = None
    gap_seconds: float | None = Field(default=None, ge=0)
    claimed_by: str | None = None

    def validators_for(self, url: str) -> Validators:
        """Return what to send to `url`: nothing after a failure or a change of address.

        So the poll that ends a failure brings a document, and a 304 never clears one.
        """
        if self.failures or self.url != url:
            return Validators()
        return Validators(self.etag, self.last_modified)

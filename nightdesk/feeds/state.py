"""What is remembered of a feed between polls: a frozen model that the archive keeps as JSON."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from nightdesk.feeds.health import FeedHealth
from nightdesk.feeds.pace import Pace
from nightdesk.feeds.told import Told
from schemas.base import Contract, UtcDatetime


class FeedState(Contract):
    """The memory of one feed; `FeedState()` is that of a feed never polled.

    `url` is the address that all else was learned at: a feed whose definition names another one starts
    anew.  `declared` is what its definition named when it was polled last.  `etag`, `last_modified` and
    `body_hash` belong to the last document that could be read. `failures` counts failed polls in a row,
    the first of them at `failing_since`.  `told` is what was told of its present trouble, if anything was.
    `health_words` say the health where more is known than `health`: `HTTP 404`, or which bot wall it is.
    `health_since` is when `health` last changed. `gap_seconds` is the learned time between polls that
    brought something new, `pace` how much is new an hour, `fresh_seconds` for how long server and feed
    say that an answer may be kept.  `claimed_by` is the worker that fetches it just now; `next_poll_at`
    is then when the claim runs out.

    `address` is where it is fetched instead of `url`, since `moved_at`; `moving_to` where it redirects
    for good since `moving_since`, seen `moving_seen` times.  `document_at` and `not_modified_at` are when
    the server last sent a document, and last said that there is no other; `lied_at` is when that was last
    found untrue, `lies` how often.  `ttl_seconds` is what the last document said of itself.
    `unread_pages` are entries whose page failed and is to be tried again, and how often it was tried.
    """

    schema_version: Literal[1] = 1
    url: str = ""
    declared: str = ""
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    health: FeedHealth = FeedHealth.NEVER_POLLED
    health_words: str = ""
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
    pace: Pace | None = None
    fresh_seconds: float = Field(default=0.0, ge=0)
    ttl_seconds: float = Field(default=0.0, ge=0)
    address: str = ""
    moved_at: UtcDatetime | None = None
    moving_to: str = ""
    moving_since: UtcDatetime | None = None
    moving_seen: int = Field(default=0, ge=0)
    document_at: UtcDatetime | None = None
    not_modified_at: UtcDatetime | None = None
    lied_at: UtcDatetime | None = None
    lies: int = Field(default=0, ge=0)
    failing_since: UtcDatetime | None = None
    told: Told | None = None
    unread_pages: dict[str, int] = Field(default_factory=dict)

    @property
    def words(self) -> str:
        """The health as people say it."""
        return self.health_words or self.health.words

    def address_of(self, url: str) -> str:
        """Return where a feed that is declared at `url` is fetched now."""
        return self.address if self.address and self.url == url else url

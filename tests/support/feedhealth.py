"""A feed that is polled by hand: each poll goes as a test says, when it says; what is told is kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from nightdesk.alerts.feed_health import Telling, follow
from nightdesk.errors import FeedError
from nightdesk.feeds.errors import DnsError, Gone, HttpError
from nightdesk.feeds.fetched import Fetched
from nightdesk.feeds.poll import conclude, read
from nightdesk.feeds.state import FeedState
from schemas import Alert, Feed
from tests.support.feedserver import rss

THREE = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
FEED = Feed(
    id="harbour-post",
    url="https://harbour.example/rss",
    source="Harbour Post",
    title="Harbour Post: ferries",
    interval=timedelta(minutes=15),
)
OUTCOMES = ("new", "same", "not modified", "503", "404", "410", "dns")


def outcome(word: str, number: int, url: str = FEED.url) -> Fetched | FeedError:
    """Return what a poll brings: something new, the last document again, a 304, or a failure.

    `number` tells apart what is new.
    """
    if word in {"503", "404"}:
        return HttpError("harbour.example", int(word))
    if word == "410":
        return Gone("harbour.example")
    if word == "dns":
        return DnsError("harbour.example", "no such name")
    if word == "not modified":
        return Fetched(304, url, None)
    body = rss((f"Ferry {number}", f"https://harbour.example/{number}"))
    return Fetched(200, url, body, {"content-type": "text/xml"}, body_hash=f"{number}")


class PolledFeed:
    """`state` is the feed's, `told` all alerts in their order, `now` the moment of the last poll."""

    def __init__(self, feed: Feed = FEED, **changes: Any) -> None:
        self.feed = feed
        self.state = FeedState()
        self.now = THREE
        self.told: list[Alert] = []
        self._seen: dict[str, str] = {}
        self._number = 0

    def poll(self, word: str, after: timedelta = timedelta(0)) -> Telling:
        """Poll as `word` says, so long after the poll before; return what it tells."""
        self.now += after
        self._number += word == "new"
        result = outcome(word, self._number)
        before = self.state
        found = read(self.feed, before, result, now=self.now) if _is_read(result) else None
        done = conclude(
            self.feed,
            before,
            result,
            reports=found.reports if found else (),
            seen=self._seen,
            now=self.now,
            jitter=0.0,
        )
        telling = follow(self.feed, before, done.state, now=self.now)
        assert follow(self.feed, before, done.state, now=self.now) == telling
        self._seen |= dict(done.remember)
        self.state = done.state.model_copy(update={"told": telling.told})
        if telling.alert is not None:
            self.told.append(telling.alert)
        return telling

    def kinds(self) -> list[str]:
        """Return the kind of each alert so far."""
        return [alert.kind.value for alert in self.told]


def _is_read(result: Fetched | FeedError) -> bool:
    return isinstance(result, Fetched) and result.body is not None

"""Feeds that are polled by hand: each poll goes as a test says, when it says; what is told is kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from nightdesk.alerts.feed_health import Telling, follow
from nightdesk.archive import feeds, outbox
from nightdesk.archive.engine import Archive
from nightdesk.errors import FeedError
from nightdesk.feeds.errors import DnsError, Gone, HttpError
from nightdesk.feeds.fetched import Fetched
from nightdesk.feeds.poll import NOTHING_READ, conclude, read
from nightdesk.feeds.state import FeedState
from nightdesk.pipeline.poll import Claim, claim, conclude_poll
from schemas import Alert, Feed, Report
from tests.support.feedserver import rss

HOUR = timedelta(hours=1)
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
        found = read(self.feed, before, result, now=self.now) if _is_read(result) else NOTHING_READ
        done = conclude(
            self.feed,
            before,
            result,
            found,
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

    def read_new(self) -> Report:
        """Return a report that is new to the feed, which is not polled for it."""
        result = outcome("new", self._number + 1)
        assert isinstance(result, Fetched)
        return read(self.feed, self.state, result, now=self.now).reports[0]

    def kinds(self) -> list[str]:
        """Return the kind of each alert so far."""
        return [alert.kind.value for alert in self.told]


def _is_read(result: Fetched | FeedError) -> bool:
    return isinstance(result, Fetched) and result.body is not None


class Desk:
    """Feeds of an archive, polled together: each as `poll` says."""

    def __init__(self, archive: Archive, *hosts: str) -> None:
        self.archive = archive
        self.now = THREE
        self.feeds = [
            Feed(
                id=f"f{number:02}",
                url=f"https://{host}/{number}",
                source=host,
                title=f"Feed {number}",
                interval=timedelta(minutes=15),
            )
            for number, host in enumerate(hosts)
        ]
        self._number = 0

    def claim(self, feed: Feed) -> Claim:
        with self.archive.begin() as connection:
            stored = feeds.load(connection, [feed.id]).get(feed.id)
        if stored is not None:
            due = FeedState.model_validate_json(stored[1]).next_poll_at
            assert due is not None
            self.now = max(self.now, due)
        found = claim(self.archive, feed, "worker", self.now)
        assert isinstance(found, Claim)
        return found

    def conclude(self, claimed: Claim, word: str) -> None:
        feed = claimed.feed
        self._number += word == "new"
        result = outcome(word, self._number, feed.url)
        found = (
            read(feed, claimed.state, result, now=self.now) if _is_read(result) else NOTHING_READ
        )
        conclude_poll(
            self.archive,
            claimed,
            result,
            found,
            now=self.now,
            jitter=0.0,
        )

    def poll(self, words: Mapping[str, str] | str) -> None:
        """Poll all feeds, or those named, once each, none of them before it is due."""
        self.now += HOUR
        for feed in self.feeds:
            word = words if isinstance(words, str) else words.get(feed.id)
            if word is not None:
                self.conclude(self.claim(feed), word)

    def states(self) -> list[FeedState]:
        """Return the state of each feed that was polled."""
        with self.archive.read() as connection:
            stored = feeds.load(connection, [feed.id for feed in self.feeds])
        return [FeedState.model_validate_json(document) for _, document in stored.values()]

    def told(self) -> list[Alert]:
        """Return what stands in the outbox for `alerts`, in order."""
        with self.archive.read() as connection:
            rows = outbox.pending(connection, before=self.now + 900 * HOUR, limit=10_000)
        found = [Alert.model_validate_json(m.value) for _, m in rows if m.topic == "alerts"]
        assert [m.key for _, m in rows if m.topic == "alerts"] == [one.about for one in found]
        return found

    def kinds(self) -> list[tuple[str, str, int]]:
        return [(one.about, one.kind.value, one.sequence) for one in self.told()]

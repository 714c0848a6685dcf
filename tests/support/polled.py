"""A desk of one worker for tests: feeds that are polled, and reports normalised, by the test's own hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from nightdesk import accounting
from nightdesk.archive import accounts, articles
from nightdesk.archive.engine import Archive
from nightdesk.clock import SettableClock
from nightdesk.feeds.fetched import Fetched
from nightdesk.feeds.poll import read
from nightdesk.pipeline.normalise import NormaliseStage
from nightdesk.pipeline.poll import Claim, claim, conclude_poll
from nightdesk.pipeline.runner import BatchRunner
from nightdesk.pipeline.stage import Incoming
from schemas import Article, Feed
from tests.support.feedserver import rss

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
FEED = Feed(
    id="wire",
    url="https://wire.example/rss",
    source="The Wire",
    interval=timedelta(minutes=15),
)
LINK = "https://wire.example/ferry"


class Desk:
    """One feed with one entry, polled and normalised; the stream between them in the test's hand."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.now = NOW
        self._clock = SettableClock(NOW)
        self._runner = BatchRunner(NormaliseStage(), archive, self._clock)
        self._offset = 0

    def poll(self, title: str, after: timedelta = timedelta(hours=1)) -> list[bytes]:
        """Poll the feed `after` so long, its entry saying `title`; return the reports to be sent."""
        return self.poll_document(rss((title, LINK)), after)

    def poll_document(
        self,
        document: bytes,
        after: timedelta = timedelta(hours=1),
        feed: Feed = FEED,
        *,
        page: str | None = None,
        unread: Mapping[str, int] | None = None,
    ) -> list[bytes]:
        """Poll a feed that is `document` by now; return the reports to be sent.

        `page` is the text of its entries' pages where those could be read, `unread` what is to be tried
        again.
        """
        self.now += after
        self._clock.set(self.now)
        ours = claim(self.archive, feed, "worker", self.now)
        assert isinstance(ours, Claim)
        fetched = Fetched(200, feed.url, document, body_hash=sha256(document).hexdigest())
        found = read(feed, ours.state, fetched, now=self.now)
        if page is not None:
            whole = {"content": page, "text_from": "page"}
            found = found._replace(reports=[r.model_copy(update=whole) for r in found.reports])
        found = found._replace(unread=unread)
        done = conclude_poll(self.archive, ours, fetched, found, now=self.now, jitter=0.0)
        return [message.value for _, message in done.to_send]

    def normalise(self, *reports: bytes) -> None:
        """Let the stage have `reports` in one batch, each under an offset of its own."""
        batch = [
            Incoming("reports", 0, self._offset + at, "wire", report)
            for at, report in enumerate(reports)
        ]
        self._offset += len(batch)
        self._runner.run(batch)

    def counts(self) -> dict[str, int]:
        with self.archive.read() as connection:
            return accounts.totals(connection)["normalise"]

    def balanced(self) -> bool:
        with self.archive.read() as connection:
            balances = accounting.check(accounts.totals(connection))
        return all(balance.holds for balance in balances if balance.stage in {"poll", "normalise"})

    def titles(self) -> list[str]:
        """The titles of the article's revisions, oldest first."""
        return [article.title for article in self.history()]

    def history(self) -> list[Article]:
        """The revisions of the only article, oldest first."""
        with self.archive.read() as connection:
            (latest,) = articles.recent(connection, limit=9)
            history = articles.history(connection, latest.id)
        assert [article.revision for article in history] == list(range(1, len(history) + 1))
        return history

    def latest(self) -> Article:
        with self.archive.read() as connection:
            (latest,) = articles.recent(connection, limit=9)
        return latest

"""Edits from the poll to the article: taken back, going back and forth, sent twice; each counted once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from nightdesk import accounting
from nightdesk.archive import accounts, articles
from nightdesk.archive.engine import Archive, open_archive
from nightdesk.clock import SettableClock
from nightdesk.feeds.fetched import Fetched
from nightdesk.feeds.poll import read
from nightdesk.pipeline.normalise import NormaliseStage
from nightdesk.pipeline.poll import Claim, claim, conclude_poll
from nightdesk.pipeline.runner import BatchRunner
from nightdesk.pipeline.stage import Incoming
from schemas import Article, Feed, Report
from tests.support.feedserver import rss

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
FEED = Feed(
    id="wire",
    url="https://wire.example/rss",
    source="The Wire",
    interval=timedelta(minutes=15),
)
LINK = "https://wire.example/ferry"
A, B, C = "Two dead on the ferry", "Twelve dead on the ferry", "Three dead on the ferry"


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
        self.now += after
        self._clock.set(self.now)
        ours = claim(self.archive, FEED, "worker", self.now)
        assert isinstance(ours, Claim)
        fetched = Fetched(200, FEED.url, rss((title, LINK)), body_hash=title)
        reports, rejected, *_ = read(FEED, ours.state, fetched, now=self.now)
        done = conclude_poll(
            self.archive, ours, fetched, reports, rejected, now=self.now, jitter=0.0
        )
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
        with self.archive.read() as connection:
            (latest,) = articles.recent(connection, limit=9)
            history = articles.history(connection, latest.id)
        assert [article.revision for article in history] == list(range(1, len(history) + 1))
        return [article.title for article in history]

    def latest(self) -> Article:
        with self.archive.read() as connection:
            (latest,) = articles.recent(connection, limit=9)
        return latest


@pytest.fixture
def desk() -> Iterator[Desk]:
    archive = open_archive("sqlite://")
    archive.migrate()
    yield Desk(archive)
    archive.close()


def test_an_edit_that_is_taken_back_is_a_third_revision(desk: Desk) -> None:
    for title in (A, B, A):
        desk.normalise(*desk.poll(title))
    assert desk.titles() == [A, B, A]
    assert desk.counts() == {"received": 3, "new": 1, "revision": 2}
    assert desk.balanced()


def test_the_same_in_one_batch(desk: Desk) -> None:
    sent = [report for title in (A, B, A) for report in desk.poll(title)]
    desk.normalise(*sent)
    assert desk.titles() == [A, B, A]
    assert desk.balanced()


def test_what_is_sent_twice_is_known_as_itself_whatever_came_since(desk: Desk) -> None:
    sent = [report for title in (A, B, A) for report in desk.poll(title)]
    assert len({Report.model_validate_json(report).id for report in sent}) == 3
    for report in sent:
        desk.normalise(report)
    desk.normalise(*sent)
    assert desk.titles() == [A, B, A]
    assert desk.counts()["redelivered"] == 3
    assert desk.balanced()


def test_an_entry_that_says_what_it_said_last_is_unchanged(desk: Desk) -> None:
    for title in (A, B, A):
        desk.normalise(*desk.poll(title))
    # Another body, the same entry: the feed is read again.
    assert desk.poll(f"{A}!") == []


@pytest.mark.parametrize("in_one_batch", [True, False])
def test_a_server_that_goes_back_and_forth_makes_three_revisions(
    desk: Desk, in_one_batch: bool
) -> None:
    waiting: list[bytes] = []
    for title in (A, B) * 30:
        waiting += desk.poll(title)
        if not in_one_batch:
            desk.normalise(*waiting)
            waiting.clear()
    if waiting:
        desk.normalise(*waiting)
    assert desk.titles() == [A, B, A]
    assert desk.counts() == {"received": 60, "new": 1, "revision": 2, "duplicate": 57}
    assert desk.balanced()


def test_a_new_text_ends_going_back_and_forth(desk: Desk) -> None:
    for title in (A, B, A, B, C):
        desk.normalise(*desk.poll(title))
    assert desk.titles() == [A, B, A, C]


def test_a_notice_that_is_put_up_again_after_days_is_an_edit(desk: Desk) -> None:
    for title in (A, B, A):
        desk.normalise(*desk.poll(title))
    desk.normalise(*desk.poll(B, after=timedelta(days=2)))
    assert desk.titles() == [A, B, A, B]
    assert desk.latest().seen_at == desk.now

"""A feed of Google News through poller, pages and normalising: entries end as their publishers' articles."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from agents.pages import Pages
from nightdesk.archive import accounts, articles
from nightdesk.clock import SettableClock
from nightdesk.pipeline.normalise import NormaliseStage
from nightdesk.pipeline.runner import BatchRunner
from nightdesk.pipeline.stage import Incoming
from schemas import Article, Feed
from schemas import FullText as When
from tests.support.feedserver import FeedServer, Reply
from tests.support.outlets import NOON, PARAGRAPHS, TITLE, LoopbackFetcher, Time
from tests.support.pollers import Worker
from tests.support.publishers import Town, news_sitemap, xml


class Desk:
    """A worker whose feeds and their publishers live in a town on loopback."""

    def __init__(self, worker: Worker, clock: SettableClock, ticks: Time, town: Town) -> None:
        self.worker, self.town = worker, town
        self._clock, self._ticks = clock, ticks
        self._runner = BatchRunner(NormaliseStage(), worker.runtime.archive, clock)
        self._done = 0

    def feed(self, name: str, source: str) -> Feed:
        """Return a feed of the loopback server's, whose pages are always read."""
        return Feed(
            id=name,
            url=self.town.server.url(f"/{name}"),
            source=source,
            interval=timedelta(minutes=15),
            full_text=When.ALWAYS,
            allow_private=True,
        )

    async def poll(self, feed: Feed, document: bytes) -> None:
        """Poll a feed that is `document` by now, half an hour after what was polled before, and normalise."""
        self.town.server.routes[f"/{feed.id}"] = Reply(document)
        await self.worker.poll(feed)
        self._clock.advance(timedelta(minutes=30))
        self._ticks.now += 30 * 60
        new = self.worker.post.sent[self._done :]
        batch = [
            Incoming("reports", 0, self._done + at, one.key, one.value)
            for at, one in enumerate(new)
        ]
        self._done += len(new)
        if batch:
            self._runner.run(batch)

    def articles(self) -> list[Article]:
        """Return the articles in their latest revisions."""
        with self.worker.runtime.archive.read() as connection:
            return articles.recent(connection, limit=9)

    def counts(self) -> dict[str, int]:
        """Return what became of the reports."""
        with self.worker.runtime.archive.read() as connection:
            return accounts.totals(connection)["normalise"]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    clock, ticks = SettableClock(NOON), Time()
    with FeedServer() as server:
        town = Town(server)
        async with (
            LoopbackFetcher("news.google.com") as fetcher,
            Worker(tmp_path, clock=clock, ticks=ticks, host_spacing=timedelta(0)) as worker,
        ):
            reader = worker.poller.reader
            reader._pages.close()
            reader._pages = Pages(worker.runtime, fetcher, reader.turns, town.origin)
            yield Desk(worker, clock, ticks, town)


async def test_an_entry_ends_as_the_publishers_article_and_is_one_with_the_publishers_own(
    desk: Desk,
) -> None:
    news, own = desk.feed("news", "Google News"), desk.feed("own", "The Outlet")
    front = desk.town.outlet()
    story = desk.town.server.url("/story", "outlet.example")
    await desk.poll(news, desk.town.aggregated())
    await desk.poll(news, desk.town.aggregated((TITLE, front)))
    (found,) = desk.articles()
    assert (found.url, found.text_from, found.revision) == (story, "page", 1)
    assert found.text.split("\n\n") == list(PARAGRAPHS)
    assert found.arrival == "live"
    asked = len(desk.town.server.asked)
    await desk.poll(news, desk.town.aggregated((TITLE, front)))
    assert len(desk.town.server.asked) == asked + 1, "the feed alone"
    document = (
        f"<rss version='2.0'><channel><title>O</title><item><title>{TITLE}</title>"
        f"<link>{story}?utm_source=rss</link></item></channel></rss>"
    )
    await desk.poll(own, document.encode())
    (still,) = desk.articles()
    assert still == found
    assert desk.counts()["new"] == desk.counts()["duplicate"] == 1


async def test_an_article_that_its_publisher_lists_later_comes_as_a_revision_that_tells_of_no_edit(
    desk: Desk,
) -> None:
    news = desk.feed("news", "Google News")
    story = desk.town.server.url("/story", "outlet.example")
    front = desk.town.outlet("outlet.example", ("Another matter altogether, told at length", "/x"))
    await desk.poll(news, desk.town.aggregated())
    await desk.poll(news, desk.town.aggregated((TITLE, front)))
    (teaser,) = desk.articles()
    assert (teaser.url, teaser.text_from) == (desk.town.link(1), "feed")
    desk.town.put("outlet.example", "/news.xml", xml(news_sitemap((TITLE, story))))
    await desk.poll(news, desk.town.aggregated((TITLE, front)))
    (whole,) = desk.articles()
    assert (whole.id, whole.revision) == (teaser.id, 2)
    assert (whole.url, whole.text_from) == (story, "page")
    assert whole.edit is not None
    assert whole.edit.changes == ()


async def test_a_feed_that_reads_no_pages_keeps_its_links_and_asks_nobody(desk: Desk) -> None:
    news = desk.feed("news", "Google News").model_copy(update={"full_text": When.NEVER})
    await desk.poll(news, desk.town.aggregated())
    await desk.poll(news, desk.town.aggregated((TITLE, desk.town.outlet())))
    (found,) = desk.articles()
    assert found.url == desk.town.link(1)
    assert desk.town.hosts() == {"127.0.0.1"}


async def test_an_entry_whose_title_is_edited_keeps_the_address_and_the_text_that_were_found(
    desk: Desk,
) -> None:
    news, front = desk.feed("news", "Google News"), desk.town.outlet()
    story = desk.town.server.url("/story", "outlet.example")
    await desk.poll(news, desk.town.aggregated())
    await desk.poll(news, desk.town.aggregated((TITLE, front)))
    edited = f"{TITLE}, seven weeks late"
    await desk.poll(news, desk.town.aggregated((edited, front)))
    (found,) = desk.articles()
    assert (found.revision, found.title) == (2, f"{edited} - The Outlet")
    assert (found.url, found.text_from) == (story, "page")
    assert found.text.split("\n\n") == list(PARAGRAPHS)

"""Full text for the reports of one poll.

Comes in: a feed, the reports of its document, and what the archive has seen of it.  Goes out: the same
reports in the same order, some with the text of their page and the address that a redirector led to, and
what became of each page.  A link of Google News that leads nowhere by itself is looked for by its headline at
the publisher that its entry names.  Never raises for a page, and takes `MOST_SECONDS` at most.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeVar

from nightdesk.clock import Ticks
from nightdesk.feeds.addresses import host_of
from nightdesk.feeds.errors import HttpError, PollError
from nightdesk.feeds.fetch import Fetcher
from nightdesk.feeds.fetched import Fetched
from nightdesk.feeds.pages import google_news
from nightdesk.feeds.pages.errors import PageRefused
from nightdesk.feeds.pages.extract import as_content, extract
from nightdesk.feeds.pages.fetch import PageFetcher, Trail, outcome_of
from nightdesk.feeds.pages.fits import check_fit
from nightdesk.feeds.pages.manners import Manners
from nightdesk.feeds.pages.outcome import PageOutcome
from nightdesk.feeds.pages.publishers import SLOWEST, Publishers, Wanted
from nightdesk.feeds.pages.robots import Robots
from nightdesk.feeds.pages.want import MOST_SECONDS, wanted
from nightdesk.feeds.turns import HostResting, Turns
from nightdesk.text.identity import words_hash
from nightdesk.text.redirectors import is_redirector
from nightdesk.text.urls import canonical_url, leads_to_one_page
from schemas.feed import Feed
from schemas.report import Report

T = TypeVar("T")

_SLOWEST_READING = 10.0
"""Seconds for the extraction of one page; the worst shape known takes 3.3."""

_GONE = frozenset({404, 410})
_ANOTHER = frozenset({PageOutcome.OFF_TOPIC, PageOutcome.REPEATED, PageOutcome.REFUSED})
"""What is not the article, where its address was found by its headline alone."""

_MOST_HOSTS = 1_000
_TEXTS_OF_A_HOST = 5


@dataclass(frozen=True)
class PageRead:
    """What became of the page of one report; `why` says it to a person, empty where its text was taken."""

    report: Report
    outcome: PageOutcome
    why: str = ""
    error: Exception | None = None


@dataclass(frozen=True)
class Completed:
    """`reports` as they came in, better where a page gave more; `pages` what became of each page."""

    reports: list[Report]
    pages: list[PageRead]


class FullText:
    """Reads pages by `fetcher`, in turns that it shares with the polls of feeds, and in a thread of its own:
    a page that takes long holds no feed up.  `news` is the origin of Google News."""

    def __init__(
        self,
        fetcher: Fetcher,
        turns: Turns,
        ticks: Ticks,
        *,
        user_agent: str,
        slowest_reading: float = _SLOWEST_READING,
        slowest_publisher: float = SLOWEST,
        news: str = google_news.ORIGIN,
    ) -> None:
        self._slowest_reading = slowest_reading
        self._ticks, self._news = ticks, news
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="pages")
        robots = Robots(fetcher, turns, ticks, user_agent=user_agent, in_thread=self._in_thread)
        manners = Manners(fetcher, turns, robots, ticks)
        self._pages = PageFetcher(manners, ticks, news)
        self._publishers = Publishers(
            manners, robots, ticks, in_thread=self._in_thread, slowest=slowest_publisher
        )
        self._texts: OrderedDict[str, OrderedDict[str, str]] = OrderedDict()

    def close(self) -> None:
        """Take no further page; one that is being read is left to itself."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def complete(
        self,
        feed: Feed,
        reports: Sequence[Report],
        seen: Mapping[str, str],
        unread: Mapping[str, int] | None = None,
    ) -> Completed:
        """Return `reports` with what their pages say, one page after the other, while there is time.

        `seen` and `unread` as for `wanted`.
        """
        until = self._ticks() + MOST_SECONDS.total_seconds()
        chosen, beyond = await asyncio.to_thread(wanted, feed, reports, seen, unread)
        better: dict[str, Report] = {}
        read: list[PageRead] = []
        for report in chosen:
            found = await self._page(feed, report, until)
            better[report.entry] = found.report
            read.append(found)
        read += [
            PageRead(report, PageOutcome.NO_TIME, "the poll has read as many pages as it may")
            for report in beyond
        ]
        return Completed([better.get(report.entry, report) for report in reports], read)

    async def _page(self, feed: Feed, report: Report, until: float) -> PageRead:
        trail, is_gone = Trail(), False
        try:
            async with asyncio.timeout(max(0.0, until - self._ticks())):
                text = await self._text(feed, report, trail, until)
            changes = {"content": as_content(text), "text_from": "page"}
            found = PageRead(report.model_copy(update=changes), PageOutcome.TAKEN)
        except PageRefused as refused:
            found = PageRead(report, refused.outcome, refused.message)
        except PollError as error:
            found = PageRead(report, outcome_of(error), error.message)
            is_gone = isinstance(error, HttpError) and error.status in _GONE
        except HostResting as resting:
            found = PageRead(report, PageOutcome.NO_TIME, str(resting))
        except TimeoutError:
            found = PageRead(report, PageOutcome.NO_TIME, "the poll has no time left for it")
        except Exception as error:
            found = PageRead(report, PageOutcome.BROKE, f"{type(error).__name__}: {error}", error)
        if trail.guessed and (is_gone or found.outcome in _ANOTHER):
            return found
        if trail.goal and is_redirector(report.url or "") and leads_to_one_page(trail.goal):
            moved = found.report.model_copy(update={"url": trail.goal})
            found = replace(found, report=moved)
        return found

    async def _text(self, feed: Feed, report: Report, trail: Trail, until: float) -> str:
        """Return the text of a report's page.  Raises PageRefused, PollError, TimeoutError."""
        private_host = host_of(feed.url) if feed.allow_private else ""
        page = await self._fetched(report, trail, until, private_host)
        body, kind = page.body or b"", page.content_type

        def work() -> str:
            text = extract(body, kind)
            check_fit(text, report, body)
            return text

        try:
            text = await asyncio.wait_for(self._in_thread(work), self._slowest_reading)
        except TimeoutError:
            why = f"reading it took more than {self._slowest_reading:g} s"
            raise PageRefused(PageOutcome.SLOW, why) from None
        self._check_new(page.url, text)
        return text

    async def _fetched(
        self, report: Report, trail: Trail, until: float, private_host: str
    ) -> Fetched:
        """Return the page behind a report's link.  Where Google News does not tell where that leads, whom the
        entry names as its publisher is asked for the article of its headline."""
        link = report.url or ""
        try:
            return await self._pages.fetch(link, trail, until=until, private_host=private_host)
        except (PageRefused, PollError):
            if trail.goal or not report.outlet_url or not self._is_of_news(link):
                raise
        wanted = Wanted(
            title=report.title or "",
            outlet=report.outlet or "",
            outlet_url=report.outlet_url,
            published_at=report.published_at or report.updated_at,
        )
        place = await self._publishers.find(wanted, until=until, private_host=private_host)
        trail.guessed = True
        return await self._pages.fetch(place, trail, until=until, private_host=private_host)

    def _is_of_news(self, link: str) -> bool:
        canonical = canonical_url(link)
        return canonical is not None and google_news.is_article_at(canonical, self._news)

    def _check_new(self, url: str, text: str) -> None:
        """Raise PageRefused where another page of the host gave this very text: it is the host's, not the
        article's."""
        texts = self._texts.setdefault(host_of(url), OrderedDict())
        self._texts.move_to_end(host_of(url))
        first = texts.setdefault(words_hash(text), url)
        texts.move_to_end(words_hash(text))
        while len(texts) > _TEXTS_OF_A_HOST:
            texts.popitem(last=False)
        while len(self._texts) > _MOST_HOSTS:
            self._texts.popitem(last=False)
        if first != url:
            raise PageRefused(PageOutcome.REPEATED, f"it says what {first[:200]} says")

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

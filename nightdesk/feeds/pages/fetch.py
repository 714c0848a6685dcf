"""Fetching one page: robots.txt first, then hop by hop, each host in its turn.

Comes in: the link of an entry.  Goes out: the page, and where a redirector led.  It goes by the same
guarded way as feeds, so that no hop reaches an address that is not public; a feed that is allowed a
private address is allowed it for pages of its own host alone.  Google News is asked where a link of its
leads, once for each link, as far as its robots.txt allows that.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from nightdesk.clock import Ticks
from nightdesk.feeds.addresses import host_of, why_scheme_refused
from nightdesk.feeds.errors import (
    AddressRefused,
    PollError,
    TooManyRedirects,
)
from nightdesk.feeds.fetch import MOST_REDIRECTS
from nightdesk.feeds.fetched import Fetched
from nightdesk.feeds.pages import google_news
from nightdesk.feeds.pages.errors import PageRefused
from nightdesk.feeds.pages.manners import Manners
from nightdesk.feeds.pages.onward import goal_in
from nightdesk.feeds.pages.outcome import PageOutcome
from nightdesk.text.redirectors import is_redirector
from nightdesk.text.urls import canonical_url, leads_to_one_page

MOST_BYTES = 3_000_000
"""Pages of news have 0.1 to 1 MB, most of it scripts."""

_ACCEPT = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"


@dataclass
class Trail:
    """Where a link led: `goal` is the first page on its way that is no redirector, once it is known.  It is
    `guessed` where it was found by its headline alone."""

    goal: str | None = None
    guessed: bool = False


class PageFetcher:
    """Fetches pages, one request at a time for each host.  `news` is the origin of Google News."""

    def __init__(self, manners: Manners, ticks: Ticks, news: str = google_news.ORIGIN) -> None:
        self._manners, self._news = manners, news
        self._patience = google_news.Patience(ticks)

    async def fetch(
        self, link: str, trail: Trail, *, until: float, private_host: str = ""
    ) -> Fetched:
        """Return the page behind `link`, and note in `trail` where it led even where there is none.

        Raises PollError, PageRefused for what robots.txt forbids and for redirectors without a goal, and
        TimeoutError where a host's turn comes after `until` (in ticks).
        """
        url, answered, of_news = page_url(link), "", False
        for _ in range(MOST_REDIRECTS + 1):
            if why := why_scheme_refused(url):
                raise AddressRefused(repr(url[:200]), why)
            if not is_redirector(url):
                trail.goal = trail.goal or url
            is_news = trail.goal is None and google_news.is_article_at(url, self._news)
            if is_news and (answered or self._patience.is_over):
                why = (
                    "leads in a circle" if answered else "led nowhere too often, and is left alone"
                )
                raise _unresolved(url, why)
            of_news = of_news or is_news
            private = host_of(url) == private_host and not answered
            try:
                got = await self._hop(url, until, private=private, is_news=is_news)
            except AddressRefused as refused:
                if url != answered:
                    raise
                trail.goal = None
                raise _unresolved(link, f"leads where it may not: {refused.message}") from None
            if got.redirects:
                url = got.redirects[-1].url
                continue
            if trail.goal is not None:
                return got
            onward = goal_in(got.body or b"", url)
            if is_news and onward is None:
                onward = answered = await self._ask(got.body or b"", url, until)
            if not onward:
                if of_news:
                    self._patience.told(resolved=False)
                raise _unresolved(url, "leads nowhere else")
            if is_news:
                self._patience.told(resolved=True)
            url = onward
        raise TooManyRedirects(host_of(link), MOST_REDIRECTS)

    async def _hop(self, url: str, until: float, *, private: bool, is_news: bool) -> Fetched:
        pace = await self._manners.pace(url, until, private=private)
        self._manners.raise_if_left_alone(url)
        async with self._manners.turn(url, pace, until):
            try:
                return await self._manners.ask(url, _ACCEPT, MOST_BYTES, private=private)
            except PollError:
                if is_news:
                    self._patience.told(resolved=False)
                raise

    async def _ask(self, body: bytes, url: str, until: float) -> str:
        """Return where Google News says that its page at `url` leads; empty where it does not say so."""
        question = google_news.question_in(body, url, self._news)
        if question is None:
            return ""
        service = google_news.service_at(self._news)
        pace = await self._manners.pace(service, until)
        most, form = google_news.MOST_ANSWERED, google_news.form_of(question)
        async with self._manners.turn(service, pace, until):
            if self._patience.is_over:
                return ""
            try:
                self._manners.raise_if_left_alone(service)
                got = await self._manners.ask(service, "*/*", most, form=form)
            except PollError:
                return ""
        return google_news.goal_in_answer(got.body or b"") or ""


def _unresolved(url: str, why: str) -> PageRefused:
    return PageRefused(PageOutcome.UNRESOLVED, f"{host_of(url)!r} is a redirector and {why}")


def page_url(link: str) -> str:
    """Return the URL to fetch for a link: its canonical form, with the slash at the end that it had, for
    servers answer its lack with a redirect.  Raises PageRefused where it leads to no page of its own."""
    canonical = canonical_url(link)
    if canonical is None or not leads_to_one_page(canonical):
        raise PageRefused(PageOutcome.NO_LINK, "the entry links to no page of its own")
    parts = urlsplit(canonical)
    if urlsplit(link.strip()).path == f"{parts.path}/":
        return urlunsplit(parts._replace(path=f"{parts.path}/"))
    return canonical


def outcome_of(error: PollError) -> PageOutcome:
    """Return the word for a fault of fetching."""
    return _BY_HEALTH.get(error.health.value, PageOutcome.FAILED)


_BY_HEALTH = {
    "refused": PageOutcome.REFUSED,
    "timeout": PageOutcome.TIMEOUT,
    "too_large": PageOutcome.TOO_LARGE,
    "bot_wall": PageOutcome.WALL,
}

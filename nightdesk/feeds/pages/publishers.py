"""Publishers: asked where an article stands that an aggregator links to in its own way.

    robots.txt ─▶ sitemaps that it names ─▶ (of an index, two) ─▶ front page ─▶ feeds that it advertises
                     └──────── the headline is listed: that is the address, and nothing more is asked ────┘

Comes in: an entry's title, and whom it names as its publisher.  Goes out: the article's address there, or why
there is none.  A publisher is asked as any host is, for no more than it takes, and what it lists is kept for
a while: the next entry asks it for nothing.  Addresses that are not public are refused, also to feeds with
`allow_private`, save at such a feed's own host.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from nightdesk.clock import Ticks
from nightdesk.feeds.addresses import host_of
from nightdesk.feeds.errors import (
    BotWall,
    HttpError,
    NotAFeed,
    PollError,
    RateLimited,
    TooManyRedirects,
)
from nightdesk.feeds.fetched import Fetched
from nightdesk.feeds.pages.errors import PageRefused
from nightdesk.feeds.pages.headlines import Headlines
from nightdesk.feeds.pages.listings import (
    Kind,
    Step,
    first_steps,
    front_of,
    is_article_at,
    is_at,
    steps_of_front,
    steps_of_index,
)
from nightdesk.feeds.pages.manners import Manners
from nightdesk.feeds.pages.outcome import PageOutcome
from nightdesk.feeds.pages.robots import Robots
from nightdesk.feeds.parse import parse
from nightdesk.feeds.parsed import ParsedFeed
from nightdesk.feeds.turns import HostResting

T = TypeVar("T")
InThread = Callable[[Callable[[], T]], Awaitable[T]]

_MOST_BYTES = 3_000_000
"""A sitemap of news has 0.1 to 1 MB."""

_MOST_REQUESTS = 8
"""To one publisher, redirects included, while what it lists is kept."""

_MOST_HOPS = 2
SLOWEST = 15.0
"""Seconds that one entry waits for its publisher."""

_KEPT_SECONDS = 300.0
"""For how long what a publisher lists is kept, at least."""

_SECONDS_A_REQUEST = 150.0
"""And for each request that it took: who has to be asked for much is asked less often."""

_REST_SECONDS, _FAULT_SECONDS = 1_800.0, 600.0
"""For how long a publisher is left alone that lists nothing, and one that could not be asked."""

_MOST_PUBLISHERS = 200
_MOST_KEPT_BYTES = 10_000_000

_ACCEPT = "application/xml, text/xml, application/rss+xml, application/atom+xml, */*;q=0.5"
_ACCEPT_FRONT = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"


@dataclass(frozen=True)
class Wanted:
    """What an entry tells of its article: the title, with the outlet's name or without; the outlet and its
    address; and when it was published, where that is told."""

    title: str
    outlet: str
    outlet_url: str
    published_at: datetime | None = None


@dataclass
class _Publisher:
    """What a publisher lists, as far as it was asked, and what is still to be asked for."""

    front: str
    private: bool
    began: float
    until: float
    steps: list[Step]
    headlines: Headlines = field(default_factory=Headlines)
    requests: int = 0
    fault: PollError | PageRefused | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Publishers:
    """Asks by `manners`, in steps that wait for each other.  `in_thread` runs what takes CPU time."""

    def __init__(
        self,
        manners: Manners,
        robots: Robots,
        ticks: Ticks,
        *,
        in_thread: InThread[ParsedFeed],
        slowest: float = SLOWEST,
    ) -> None:
        self._manners, self._robots, self._ticks = manners, robots, ticks
        self._in_thread, self._slowest = in_thread, slowest
        self._known: OrderedDict[tuple[str, bool], _Publisher] = OrderedDict()

    async def find(self, wanted: Wanted, *, until: float, private_host: str = "") -> str:
        """Return the address of the article at its publisher.

        Raises PageRefused or PollError where there is none, and HostResting where the publisher may not be
        asked before `until` (in ticks).  `private_host` (host and port) may live at a private address.
        """
        front = front_of(wanted.outlet_url)
        if front is None:
            raise _unlisted("the entry names no publisher that can be asked")
        until = min(until, self._ticks() + self._slowest)
        publisher = self._publisher(front, private=host_of(front) == private_host)
        try:
            async with asyncio.timeout(max(0.0, until - self._ticks())), publisher.lock:
                return await self._found(publisher, wanted, until)
        except HostResting:
            raise
        except TimeoutError:
            why = f"its publisher {host_of(front)!r} took too long to say where it is"
            publisher.fault = PageRefused(PageOutcome.TIMEOUT, why)
            raise publisher.fault from None

    def _publisher(self, front: str, *, private: bool) -> _Publisher:
        key = host_of(front).removeprefix("www."), private
        known = self._known.get(key)
        if known is None or known.until <= self._ticks():
            now = self._ticks()
            known = _Publisher(front, private, now, now + _KEPT_SECONDS, [Step(Kind.ROBOTS, front)])
            self._known[key] = known
        self._known.move_to_end(key)
        return known

    async def _found(self, publisher: _Publisher, wanted: Wanted, until: float) -> str:
        """Return the address, asking step by step for as long as it is not listed."""
        while True:
            found = publisher.headlines.find(
                wanted.title,
                wanted.outlet,
                wanted.published_at,
                lambda url: is_article_at(url, publisher.front),
            )
            if found is not None:
                return found
            if not publisher.steps:
                break
            await self._take(publisher, until)
        if not publisher.headlines and publisher.fault is not None:
            raise publisher.fault.with_traceback(None)
        host = host_of(publisher.front)
        if not publisher.headlines:
            raise _unlisted(f"its publisher {host!r} lists no headlines where we look")
        raise _unlisted(f"its publisher {host!r} lists no article, or several, under its headline")

    async def _take(self, publisher: _Publisher, until: float) -> None:
        """Take the next step.  It is not taken again, whatever comes of it, save where the host rests."""
        step = publisher.steps.pop(0)
        try:
            publisher.steps[:0] = await self._result(publisher, step, until)
        except HostResting:
            publisher.steps.insert(0, step)
            publisher.requests = max(0, publisher.requests - 1)
            raise
        except (PollError, PageRefused) as error:
            publisher.fault = publisher.fault if _only_lists_nothing(error) else error
        kept = max(_KEPT_SECONDS, publisher.requests * _SECONDS_A_REQUEST)
        if not publisher.steps and not publisher.headlines:
            kept = _REST_SECONDS if publisher.fault is None else _FAULT_SECONDS
        publisher.until = publisher.began + kept
        self._forget()

    async def _result(self, publisher: _Publisher, step: Step, until: float) -> list[Step]:
        """Ask for what a step is for; keep what is listed there, and return the steps that follow."""
        front = publisher.front
        if step.kind is Kind.ROBOTS:
            named = await self._robots.sitemaps(front, allow_private=publisher.private, until=until)
            return first_steps(named, front)
        got = await self._get(publisher, step, until)
        body, kind, url = got.body or b"", got.content_type, got.url
        try:
            listed = await self._in_thread(lambda: parse(body, content_type=kind, url=url))
        except NotAFeed as other:
            if step.kind is Kind.SITEMAP and other.sitemaps:
                return steps_of_index(other.sitemaps, front)
            if step.kind is Kind.FRONT and other.advertised:
                return steps_of_front(other.advertised, front)
            raise
        publisher.headlines.add(listed.entries)
        return []

    async def _get(self, publisher: _Publisher, step: Step, until: float) -> Fetched:
        url = step.url
        for _ in range(_MOST_HOPS + 1):
            if not is_at(url, publisher.front):
                raise _unlisted(f"its publisher sends us on to {host_of(url)[:200]!r}")
            if publisher.requests >= _MOST_REQUESTS:
                raise _unlisted("its publisher was asked often enough")
            publisher.requests += 1
            got = await self._manners.get(
                url,
                accept=_ACCEPT_FRONT if step.kind is Kind.FRONT else _ACCEPT,
                most=_MOST_BYTES,
                until=until,
                private=publisher.private,
            )
            if not got.redirects:
                return got
            url = got.redirects[-1].url
        raise TooManyRedirects(host_of(step.url), _MOST_HOPS)

    def _forget(self) -> None:
        """Let go of those that nobody asked for lately, beyond what may be kept."""
        size = sum(one.headlines.size for one in self._known.values())
        while len(self._known) > 1 and (
            len(self._known) > _MOST_PUBLISHERS or size > _MOST_KEPT_BYTES
        ):
            size -= self._known.popitem(last=False)[1].headlines.size


def _only_lists_nothing(error: PollError | PageRefused) -> bool:
    """Tell whether a publisher did answer, with what lists no articles."""
    if isinstance(error, HttpError):
        return 400 <= error.status < 500 and not isinstance(error, RateLimited)
    return isinstance(error, NotAFeed) and not isinstance(error, BotWall)


def _unlisted(why: str) -> PageRefused:
    return PageRefused(PageOutcome.UNLISTED, why)

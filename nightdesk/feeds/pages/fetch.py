"""Fetching one page: robots.txt first, then hop by hop, each host in its turn.

Comes in: the link of an entry.  Goes out: the page, and where a redirector led.  It goes by the same
guarded way as feeds, so that no hop reaches an address that is not public; a feed that is allowed a
private address is allowed it for pages of its own host alone.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from nightdesk.clock import Ticks
from nightdesk.feeds.addresses import host_of, why_scheme_refused
from nightdesk.feeds.errors import (
    AddressRefused,
    BotWall,
    FeedTimeout,
    PollError,
    RateLimited,
    TooManyRedirects,
)
from nightdesk.feeds.fetch import MOST_REDIRECTS, Fetcher
from nightdesk.feeds.fetched import Fetched
from nightdesk.feeds.pages.errors import PageRefused
from nightdesk.feeds.pages.onward import goal_in
from nightdesk.feeds.pages.outcome import PageOutcome
from nightdesk.feeds.pages.robots import Robots
from nightdesk.feeds.turns import Turns
from nightdesk.text.redirectors import is_redirector
from nightdesk.text.urls import canonical_url, leads_to_one_page

MOST_BYTES = 3_000_000
"""Pages of news have 0.1 to 1 MB, most of it scripts."""

SLOWEST = 10.0
"""Seconds for one hop."""

_PAUSE, _LONGEST_PAUSE = 60.0, 600.0
"""Seconds for which a host is left alone that asked for patience, showed a bot wall or did not answer."""

_MOST_HOSTS = 1_000
_ACCEPT = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"


@dataclass
class Trail:
    """Where a link led: `goal` is the first page on its way that is no redirector, once it is known."""

    goal: str | None = None


class PageFetcher:
    """Fetches pages, one request at a time for each host."""

    def __init__(self, fetcher: Fetcher, turns: Turns, robots: Robots, ticks: Ticks) -> None:
        self._fetcher, self._turns, self._robots = fetcher, turns, robots
        self._ticks = ticks
        self._alone: OrderedDict[str, tuple[float, PollError]] = OrderedDict()

    async def fetch(
        self, link: str, trail: Trail, *, until: float, private_host: str = ""
    ) -> Fetched:
        """Return the page behind `link`, and note in `trail` where it led even where there is none.

        Raises PollError, PageRefused for what robots.txt forbids and for redirectors without a goal, and
        TimeoutError where a host's turn comes after `until` (in ticks).
        """
        url = page_url(link)
        for _ in range(MOST_REDIRECTS + 1):
            if why := why_scheme_refused(url):
                raise AddressRefused(repr(url[:200]), why)
            if not is_redirector(url):
                trail.goal = trail.goal or url
            private = host_of(url) == private_host
            verdict = await self._robots.verdict(url, allow_private=private, until=until)
            if verdict.why:
                raise PageRefused(PageOutcome.ROBOTS, verdict.why)
            self._raise_if_left_alone(host_of(url))
            async with self._turns.turn(host_of(url), verdict.pace, until):
                got = await self._get(url, private)
            if not got.redirects:
                onward = goal_in(got.body or b"", url) if trail.goal is None else None
                if onward is not None:
                    url = onward
                    continue
                if trail.goal is None:
                    why = f"{host_of(url)!r} is a redirector and leads nowhere else"
                    raise PageRefused(PageOutcome.UNRESOLVED, why)
                return got
            url = got.redirects[-1].url
        raise TooManyRedirects(host_of(link), MOST_REDIRECTS)

    async def _get(self, url: str, private: bool) -> Fetched:
        try:
            return await self._fetcher.get(
                url, accept=_ACCEPT, seconds=SLOWEST, max_bytes=MOST_BYTES, allow_private=private
            )
        except (RateLimited, BotWall, FeedTimeout) as error:
            wish = None if isinstance(error, FeedTimeout) else error.retry_after
            seconds = min(wish.total_seconds() if wish else 0.0, _LONGEST_PAUSE)
            self._alone[host_of(url)] = (self._ticks() + max(seconds, _PAUSE), error)
            self._alone.move_to_end(host_of(url))
            while len(self._alone) > _MOST_HOSTS:
                self._alone.popitem(last=False)
            raise

    def _raise_if_left_alone(self, host: str) -> None:
        """Raise the error of a moment ago again: who turned one page away is not asked for the next."""
        until, error = self._alone.get(host, (-math.inf, None))
        if error is not None and until > self._ticks():
            raise error.with_traceback(None)


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

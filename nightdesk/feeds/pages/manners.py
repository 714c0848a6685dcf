"""Manners: how a host is asked for what its articles are read from.

Comes in: an address.  Goes out: its answer, one hop of it: robots.txt first, the host in its turn, and no
host again soon that asked for patience, showed a bot wall or did not answer.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager

from nightdesk.clock import Ticks
from nightdesk.feeds.addresses import host_of
from nightdesk.feeds.errors import BotWall, FeedTimeout, PollError, RateLimited
from nightdesk.feeds.fetch import Fetcher
from nightdesk.feeds.fetched import Fetched
from nightdesk.feeds.pages.errors import PageRefused
from nightdesk.feeds.pages.outcome import PageOutcome
from nightdesk.feeds.pages.robots import Robots
from nightdesk.feeds.turns import Turn, Turns

SLOWEST = 10.0
"""Seconds for one hop."""

_PAUSE, _LONGEST_PAUSE = 60.0, 600.0
"""Seconds for which a host is left alone that asked for patience, showed a bot wall or did not answer."""

_MOST_HOSTS = 1_000


class Manners:
    """Asks by `fetcher`, one request at a time for each host."""

    def __init__(self, fetcher: Fetcher, turns: Turns, robots: Robots, ticks: Ticks) -> None:
        self._fetcher, self._turns, self._robots, self._ticks = fetcher, turns, robots, ticks
        self._alone: OrderedDict[str, tuple[float, PollError]] = OrderedDict()

    async def pace(self, url: str, until: float, *, private: bool = False) -> float:
        """Return how long the host of `url` wants to rest after a request.  Raises PageRefused for what its
        robots.txt forbids."""
        verdict = await self._robots.verdict(url, allow_private=private, until=until)
        if verdict.why:
            raise PageRefused(PageOutcome.ROBOTS, verdict.why)
        return verdict.pace

    def turn(self, url: str, pace: float, until: float) -> AbstractAsyncContextManager[Turn]:
        """Wait for the turn of the host of `url` and hold it.  Raises HostResting where it comes too late."""
        return self._turns.turn(host_of(url), pace, until)

    async def get(
        self, url: str, *, accept: str, most: int, until: float, private: bool = False
    ) -> Fetched:
        """Return the answer of `url`, one hop of it and at most `most` bytes.

        Raises PollError, PageRefused for what robots.txt forbids, and HostResting where its turn comes after
        `until` (in ticks).
        """
        pace = await self.pace(url, until, private=private)
        self.raise_if_left_alone(url)
        async with self.turn(url, pace, until):
            return await self.ask(url, accept, most, private=private)

    async def ask(
        self,
        url: str,
        accept: str,
        most: int,
        *,
        private: bool = False,
        form: Mapping[str, str] | None = None,
    ) -> Fetched:
        """Ask for `url` at once, for who holds the turn of its host.  Raises PollError."""
        try:
            return await self._fetcher.get(
                url,
                accept=accept,
                seconds=SLOWEST,
                max_bytes=most,
                allow_private=private,
                form=form,
            )
        except (RateLimited, BotWall, FeedTimeout) as error:
            wish = None if isinstance(error, FeedTimeout) else error.retry_after
            seconds = min(wish.total_seconds() if wish else 0.0, _LONGEST_PAUSE)
            self._alone[host_of(url)] = (self._ticks() + max(seconds, _PAUSE), error)
            self._alone.move_to_end(host_of(url))
            while len(self._alone) > _MOST_HOSTS:
                self._alone.popitem(last=False)
            raise

    def raise_if_left_alone(self, url: str) -> None:
        """Raise the error of a moment ago again: who turned one page away is not asked for the next."""
        until, error = self._alone.get(host_of(url), (-math.inf, None))
        if error is not None and until > self._ticks():
            raise error.with_traceback(None)

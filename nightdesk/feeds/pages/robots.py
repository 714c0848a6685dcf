"""robots.txt: whether a page may be read by us, and at which pace (RFC 9309).

Comes in: a URL.  Goes out: a `Verdict`, or the sitemaps that its host names.  What a host says is kept for a
day; a host that cannot be asked (5xx, 429, no answer, more than 500 KB) keeps us off for ten minutes, and one
without a robots.txt (another 4xx) lets us in.  Read by Protego, whose cost is linear: 0.13 s for 500 KB at
most, 40 bytes kept a byte.
"""

from __future__ import annotations

import math
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from nightdesk.clock import Ticks
from nightdesk.feeds.addresses import host_of
from nightdesk.feeds.errors import AddressRefused, HttpError, PollError, RateLimited
from nightdesk.feeds.fetch import MOST_REDIRECTS, Fetcher
from nightdesk.feeds.turns import Turns

if TYPE_CHECKING:
    from protego import Protego

_KEPT_SECONDS = 24 * 3600.0
_KEPT_OFF_SECONDS = 600.0
_MOST_HOSTS = 1_000
_MOST_KEPT_BYTES = 1_000_000
_MOST_BYTES = 500_000
_MOST_SITEMAPS = 100
_SLOWEST = 10.0
_SLOWEST_PACE = 60.0
_ACCEPT = "text/plain, */*;q=0.5"
_TOKEN = re.compile(r"[A-Za-z_-]+")

InThread = Callable[[Callable[[], "Protego"]], Awaitable["Protego"]]


@dataclass(frozen=True)
class Verdict:
    """`why` says in words what forbids the page, and is empty where it is allowed.  `pace` is the least time
    between two requests that the host asks for, in seconds."""

    why: str = ""
    pace: float = 0.0


@dataclass(frozen=True)
class _Kept:
    rules: Protego | None
    why: str
    until: float
    size: int


class Robots:
    """Asks hosts by `fetcher`, in their turn, and remembers.  `in_thread` runs what takes CPU time."""

    def __init__(
        self, fetcher: Fetcher, turns: Turns, ticks: Ticks, *, user_agent: str, in_thread: InThread
    ) -> None:
        self._fetcher, self._turns, self._ticks = fetcher, turns, ticks
        self._in_thread = in_thread
        self._agent = product_token(user_agent)
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._size = 0

    async def verdict(
        self, url: str, *, allow_private: bool = False, until: float = math.inf
    ) -> Verdict:
        """Say whether `url` may be fetched.  Raises AddressRefused for a host that may never be, and
        HostResting for one that may not be asked before `until` (in ticks)."""
        kept = await self._kept_for(url, allow_private, until)
        if kept.rules is None:
            return Verdict(kept.why)
        if not kept.rules.can_fetch(url, self._agent):
            return Verdict(f"the robots.txt of {host_of(url)!r} asks {self._agent} to stay away")
        pace = kept.rules.crawl_delay(self._agent) or 0.0
        return Verdict(pace=min(max(pace, 0.0), _SLOWEST_PACE))

    async def sitemaps(
        self, url: str, *, allow_private: bool = False, until: float = math.inf
    ) -> tuple[str, ...]:
        """Return the sitemaps that the robots.txt of the host of `url` names, at most 100.  Raises as
        `verdict` does; a robots.txt that cannot be read names none."""
        kept = await self._kept_for(url, allow_private, until)
        named = () if kept.rules is None else islice(kept.rules.sitemaps, _MOST_SITEMAPS)
        return tuple(place for one in named if (place := _absolute(url, one)))

    async def _kept_for(self, url: str, allow_private: bool, until: float) -> _Kept:
        parts = urlsplit(url)
        origin = f"{parts.scheme.lower()}://{host_of(url)}"
        return self._known(origin) or await self._ask(origin, allow_private, until)

    def _known(self, origin: str) -> _Kept | None:
        kept = self._kept.get(origin)
        if kept is None or kept.until <= self._ticks():
            return None
        self._kept.move_to_end(origin)
        return kept

    async def _ask(self, origin: str, allow_private: bool, until: float) -> _Kept:
        url, why = f"{origin}/robots.txt", "its robots.txt redirects without end"
        for _ in range(MOST_REDIRECTS + 1):
            async with self._turns.turn(host_of(url), until=until):
                # Another poll may have asked while this one waited.
                if known := self._known(origin):
                    return known
                try:
                    got = await self._fetcher.get(
                        url,
                        accept=_ACCEPT,
                        seconds=_SLOWEST,
                        max_bytes=_MOST_BYTES,
                        allow_private=allow_private and host_of(url) == host_of(origin),
                    )
                except PollError as error:
                    if isinstance(error, AddressRefused) and host_of(url) == host_of(origin):
                        raise
                    return await self._without_answer(origin, error)
                # Kept before the turn ends, for who waits for it asks the same.
                if not got.redirects:
                    return await self._keep(origin, got.body or b"")
            url = got.redirects[-1].url
        return await self._keep(origin, b"", why)

    async def _without_answer(self, origin: str, error: PollError) -> _Kept:
        is_none = isinstance(error, HttpError) and not isinstance(error, RateLimited)
        if is_none and 400 <= getattr(error, "status", 0) < 500:
            return await self._keep(origin, b"")
        return await self._keep(origin, b"", f"its robots.txt cannot be read: {error.message}")

    async def _keep(self, origin: str, body: bytes, why: str = "") -> _Kept:
        rules = None if why else await self._in_thread(lambda: _parsed(body))
        until = self._ticks() + (_KEPT_OFF_SECONDS if why else _KEPT_SECONDS)
        kept = _Kept(rules, why, until, len(body) + 1)
        self._size -= self._kept.pop(origin).size if origin in self._kept else 0
        self._kept[origin] = kept
        self._size += kept.size
        while len(self._kept) > 1 and (
            len(self._kept) > _MOST_HOSTS or self._size > _MOST_KEPT_BYTES
        ):
            self._size -= self._kept.popitem(last=False)[1].size
        return kept


def product_token(user_agent: str) -> str:
    """Return the name that robots.txt calls us by: what stands before the version in `user_agent`."""
    found = _TOKEN.search(user_agent)
    return found[0] if found else "Nightdesk"


def _absolute(base: str, place: str) -> str:
    try:
        return urljoin(base, place)
    except ValueError:
        return ""


def _parsed(body: bytes) -> Protego:
    from protego import Protego

    return Protego.parse(body.decode("utf-8-sig", "replace"))

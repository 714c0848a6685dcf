"""A world of feeds with the habits of real ones: when they publish, what they show, how their servers behave.

Everything is drawn from one seed.  A feed shows the last few of its entries; some servers deny changes
that there were, fall ill for hours, ask for patience, redirect for good in mid-month, cache their
answers; some feeds edit, re-issue guids, move dates or hang tracking parameters on links.
"""

from __future__ import annotations

import bisect
import math
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from nightdesk.feeds.errors import ConnectionLost, FeedTimeout, HttpError, PollError, RateLimited
from nightdesk.feeds.fetched import Fetched, Redirect, Validators
from nightdesk.feeds.parsed import ParsedEntry, ParsedFeed
from schemas import Feed

START = datetime(2026, 3, 1, tzinfo=UTC)
_SHOWN = 20
_DENIES = timedelta(hours=4)


class Kind(StrEnum):
    """What sort of publisher: how much a day, and when."""

    WIRE = "wire"
    PAPER = "paper"
    LOCAL = "local"
    BLOG = "blog"
    DEAD = "dead"


_SHARES = {Kind.WIRE: 0.1, Kind.PAPER: 0.3, Kind.LOCAL: 0.3, Kind.BLOG: 0.25, Kind.DEAD: 0.05}
_A_DAY = {Kind.WIRE: 120.0, Kind.PAPER: 35.0, Kind.LOCAL: 8.0, Kind.BLOG: 0.6, Kind.DEAD: 0.0}
_NIGHT = {Kind.WIRE: 0.4, Kind.PAPER: 0.05, Kind.LOCAL: 0.03, Kind.BLOG: 0.2, Kind.DEAD: 0.0}


@dataclass
class Outlet:
    """One feed of the world.  `published` are the moments of its entries, ascending."""

    feed: Feed
    kind: Kind
    published: list[datetime]
    seconds: float
    honest: bool
    validates: bool
    max_age: int
    edits: bool
    restless: bool
    ill: list[tuple[datetime, datetime]] = field(default_factory=list)
    moved_at: datetime | None = None

    def shown(self, now: datetime) -> range:
        """Return the numbers of the entries that its document shows."""
        end = bisect.bisect_right(self.published, now)
        return range(max(0, end - _SHOWN), end)

    def version(self, now: datetime) -> int:
        """Return the number of its document: another one whenever something was published or edited."""
        end = bisect.bisect_right(self.published, now)
        return 2 * end + int(self._edited(end - 1, now))

    def answer(
        self, address: str, sent: Validators, now: datetime, rng: random.Random
    ) -> Fetched | PollError:
        """Return what its server answers to a request that begins at `now`."""
        host = self.feed.url.split("/")[2]
        if any(begin <= now < end for begin, end in self.ill):
            errors = (
                HttpError(host, 500),
                FeedTimeout(host, 20.0),
                ConnectionLost(host, "refused"),
                RateLimited(host, 503, timedelta(minutes=rng.choice((5, 30, 120)))),
            )
            return rng.choice(errors)
        hops: tuple[Redirect, ...] = ()
        if self.moved_at is not None and now >= self.moved_at and address == self.feed.url:
            hops = (Redirect(301, self.new_home),)
        known = self.version(now)
        # A broken cache goes on denying for hours.
        believed = known if self.honest else self.version(now - _DENIES)
        tag = f'"{known if self.honest else believed}"' if self.validates else None
        common = {
            "url": self.new_home if hops else address,
            "headers": {"cache-control": f"max-age={self.max_age}"} if self.max_age else {},
            "validators": Validators(tag),
            "redirects": hops,
            "seconds": self.seconds,
            "conditional": bool(sent),
        }
        if sent.etag is not None and sent.etag == f'"{believed}"':
            return Fetched(status=304, body=None, **common)  # type: ignore[arg-type]
        digest = f"{self.feed.id} {known}" + (f" {now}" if self.restless else "")
        return Fetched(status=200, body=b"-", body_hash=digest, **common)  # type: ignore[arg-type]

    @property
    def new_home(self) -> str:
        """Where it is redirected to from `moved_at` on."""
        return self.feed.url.replace("http://", "https://").replace("/rss", "/feeds/all")

    def document(self, now: datetime) -> ParsedFeed:
        """Return what a request that began at `now` reads."""
        entries = [self._entry(number, now) for number in reversed(self.shown(now))]
        return ParsedFeed(format="rss20", title=self.feed.source, entries=tuple(entries))

    def _edited(self, number: int, now: datetime) -> bool:
        """Whether an entry has been edited: every ninth, half an hour after it was published."""
        due = self.edits and number >= 0 and number % 9 == 0
        return due and now - self.published[number] >= timedelta(minutes=30)

    def _entry(self, number: int, now: datetime) -> ParsedEntry:
        when = self.published[number]
        trace = f"?utm_source=rss&utm_id={now:%H%M}" if self.restless else ""
        words = "corrected" if self._edited(number, now) else "first"
        return ParsedEntry(
            guid=f"{self.feed.id}-{number}",
            url=f"{self.feed.url}/{number}{trace}",
            title=f"Report {number} of {self.feed.id}, {words} version",
            published_at=now if self.restless and number % 7 == 0 else when,
        )


def world(feeds: int, days: float, seed: int = 1) -> list[Outlet]:
    """Return so many feeds, and what they publish in so many days (and the week before)."""
    rng = random.Random(seed)
    hosts = max(1, feeds * 2 // 5)
    kinds = rng.choices(list(_SHARES), list(_SHARES.values()), k=feeds)
    return [_outlet(number, kind, hosts, days, rng) for number, kind in enumerate(kinds)]


def _outlet(number: int, kind: Kind, hosts: int, days: float, rng: random.Random) -> Outlet:
    host = f"outlet{rng.randrange(hosts)}.example"
    feed = Feed(
        id=f"feed-{number:04}", url=f"http://{host}/{number}/rss", source=f"Outlet {number}"
    )
    end = START + timedelta(days=days)
    ill = []
    for _ in range(rng.choices((0, 1, 3), (6, 3, 1))[0]):
        begin = START + timedelta(days=rng.uniform(0, days))
        ill.append((begin, begin + timedelta(hours=rng.expovariate(1 / 6))))
    return Outlet(
        feed=feed,
        kind=kind,
        published=_moments(kind, START - timedelta(days=7), end, rng),
        seconds=min(15.0, rng.lognormvariate(-0.7, 0.9)),
        honest=rng.random() > 0.03,
        validates=rng.random() < 0.75,
        max_age=rng.choices((0, 60, 300, 900, 3600), (50, 15, 20, 10, 5))[0],
        edits=rng.random() < 0.3,
        restless=rng.random() < 0.05,
        ill=ill,
        moved_at=START + timedelta(days=rng.uniform(0, days)) if rng.random() < 0.05 else None,
    )


def _moments(kind: Kind, begin: datetime, end: datetime, rng: random.Random) -> list[datetime]:
    """Return when something is published: by day more than at night, less at weekends, now and then a
    rush.
    """
    rate = _A_DAY[kind] * rng.lognormvariate(0, 0.6) / 24
    if not rate:
        # It was alive once.
        return [begin - timedelta(days=30 + n) for n in range(10, 0, -1)]
    zone, rush_until, moments, now = rng.choice((0, 1, 5, -5, -8)), begin, [], begin
    most = rate * 2 * 6
    while True:
        now += timedelta(hours=rng.expovariate(most))
        if now >= end:
            return moments
        if now > rush_until and rng.random() < 0.0005:
            rush_until = now + timedelta(hours=rng.uniform(1, 5))
        local = (now.hour + now.minute / 60 + zone) % 24
        day = max(0.0, math.sin(math.pi * (local - 5) / 18)) if 5 <= local <= 23 else 0.0
        share = _NIGHT[kind] + (1 - _NIGHT[kind]) * day * 1.6
        share *= 0.5 if now.weekday() >= 5 else 1.0
        share *= 6.0 if now < rush_until else 1.0
        if rng.random() < rate * share / most:
            moments.append(now)

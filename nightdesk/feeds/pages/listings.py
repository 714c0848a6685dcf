"""Where a publisher lists its articles: which few of its sitemaps and feeds are worth a request.  Pure.

Comes in: the address that an aggregator gives for an entry's publisher, and what the publisher's robots.txt,
sitemaps and front page name.  Goes out: steps to take, likeliest first.  All of it is written by strangers:
nothing that lies elsewhere than at the publisher is taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, auto
from urllib.parse import urlsplit

from nightdesk.feeds.addresses import host_of, why_scheme_refused
from nightdesk.feeds.discovery import Advertised
from nightdesk.feeds.parsed import ListedSitemap
from nightdesk.text.redirectors import is_redirector
from nightdesk.text.urls import canonical_url, leads_to_one_page

_MOST_SITEMAPS = 3
_MOST_OF_AN_INDEX = 2
_MOST_FEEDS = 2
_NEVER = datetime.min.replace(tzinfo=UTC)


class Kind(Enum):
    """What a step asks for."""

    ROBOTS = auto()
    SITEMAP = auto()
    OF_AN_INDEX = auto()
    FRONT = auto()
    FEED = auto()


@dataclass(frozen=True)
class Step:
    """One thing to ask a publisher for."""

    kind: Kind
    url: str


def front_of(address: str | None) -> str | None:
    """Return the front page of the publisher at `address`; None where that names nobody who can be asked."""
    canonical = canonical_url(address)
    if canonical is None or why_scheme_refused(canonical) or is_redirector(canonical):
        return None
    parts = urlsplit(canonical)
    return f"{parts.scheme}://{parts.netloc}/" if "." in (parts.hostname or "") else None


def is_at(url: str, front: str) -> bool:
    """Tell whether `url` lies at the publisher whose front page is `front`: at its host, one below, or one
    that it is below itself, with `www.` or without."""
    there, here = _site(url), _site(front)
    if not there or not here or not url.isprintable() or " " in url or "\\" in url:
        return False
    is_below = there.endswith(f".{here}") or (here.endswith(f".{there}") and "." in there)
    return there == here or is_below


def is_article_at(url: str, front: str) -> bool:
    """Tell whether `url` can be an article's at the publisher: a page there that is not the front page."""
    canonical = canonical_url(url)
    if canonical is None or why_scheme_refused(url):
        return False
    return all(map(leads_to_one_page, (url, canonical))) and all(
        is_at(one, front) and not is_redirector(one) for one in (url, canonical)
    )


def first_steps(named: Iterable[str], front: str) -> list[Step]:
    """Return what to ask for after robots.txt, which names these sitemaps: those that say news before others,
    then the front page."""
    chosen = sorted(dict.fromkeys(one for one in named if is_at(one, front)), key=_not_of_news)
    return [*(Step(Kind.SITEMAP, one) for one in chosen[:_MOST_SITEMAPS]), Step(Kind.FRONT, front)]


def steps_of_index(listed: Sequence[ListedSitemap], front: str) -> list[Step]:
    """Return which sitemaps of an index to ask for: those that say news first, then what changed last."""
    there = [one for one in listed if is_at(one.url, front)]
    there.sort(key=lambda one: one.updated_at or _NEVER, reverse=True)
    there.sort(key=lambda one: _not_of_news(one.url))
    return [Step(Kind.OF_AN_INDEX, one.url) for one in there[:_MOST_OF_AN_INDEX]]


def steps_of_front(advertised: Sequence[Advertised], front: str) -> list[Step]:
    """Return which feeds that a front page advertises to ask for; those of comments tell nothing."""
    there = [
        one.url
        for one in advertised
        if is_at(one.url, front) and "comment" not in f"{one.url} {one.title}".lower()
    ]
    return [Step(Kind.FEED, one) for one in there[:_MOST_FEEDS]]


def _site(url: str) -> str:
    """Return the host of `url`, with its port and without `www.`."""
    return host_of(url).removeprefix("www.")


def _not_of_news(url: str) -> bool:
    parts = urlsplit(url)
    return "news" not in f"{parts.path}?{parts.query}".lower()

"""Headlines: by which an entry of an aggregator is found among what its publisher lists.  Pure.

Comes in: entries of the publisher's sitemaps and feeds, later the title of an aggregator's entry.  Goes out:
the one address that is listed under this very headline, or None.  A wrong article under a report's name is
worse than a link that stays as it is: so headlines must be equal word by word, say enough to be nobody
else's, and stand for one address alone, published at about the same time where both tell when.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, time, timedelta

from nightdesk.feeds.parsed import ParsedEntry
from nightdesk.text.headlines import folded, without_outlet
from nightdesk.text.urls import canonical_url, url_key

MOST_HEADLINES = 3_000
"""Of one publisher; a sitemap of news has 1,000 at most."""

_LONGEST_URL = 1_000
_MOST_OF_ONE = 5
"""Addresses under one headline, beyond which it is nobody's."""

_APART = timedelta(hours=20)
"""Between what aggregator and publisher say of one article: less than a day, for what comes daily often has
one title every day, and more than any time zone that was left out."""

_AROUND_A_DAY = timedelta(hours=12)
"""The same around a day, where a date is all that is said."""

_LEAST_WORDS = 4
_LEAST_CHARACTERS = 10
"""Of scripts that do not part words."""

_LEAST_WORDS_OF_A_CUT = 6
_CUT = re.compile(r"\s*(?:\.\.\.|\u2026)\s*\Z")

_Place = tuple[str, datetime | None]


class Headlines:
    """What one publisher lists.  `size` is about how many bytes it takes."""

    def __init__(self) -> None:
        self._places: dict[str, tuple[_Place, ...]] = {}
        self.size = 0

    def __len__(self) -> int:
        """How many headlines there are."""
        return len(self._places)

    def add(self, entries: Iterable[ParsedEntry]) -> None:
        """Add those of `entries` that have a headline which says enough, while there is room."""
        for entry in entries:
            name = folded(entry.title)
            if not entry.url or len(entry.url) > _LONGEST_URL or not _says_enough(name):
                continue
            before = self._places.get(name, ())
            if not before and len(self._places) >= MOST_HEADLINES:
                continue
            if len(before) <= _MOST_OF_ONE and all(url != entry.url for url, _ in before):
                at = entry.published_at or entry.updated_at
                self._places[name] = (*before, (entry.url, at))
                self.size += 300 + len(name) + len(entry.url)

    def find(
        self, title: str, outlet: str, at: datetime | None, is_right: Callable[[str], bool]
    ) -> str | None:
        """Return the address of the article that `outlet` lists as `title`, where it is beyond doubt.

        `title` may end in the outlet's name, as an aggregator's does.  `at` is when the entry says to have
        been published; only addresses that are `is_right` count.
        """
        headline = without_outlet(title, outlet)
        found: dict[str, str] = {}
        for places in self._named(headline, outlet):
            if len(places) > _MOST_OF_ONE:
                return None
            for url, published in places:
                canonical = canonical_url(url)
                if canonical and is_right(url) and is_about_then(at, published):
                    found.setdefault(url_key(canonical), url)
        return next(iter(found.values())) if len(found) == 1 else None

    def _named(self, headline: str, outlet: str) -> Iterator[tuple[_Place, ...]]:
        """Yield what is listed under a headline, with the outlet's name behind it or without."""
        cut, name = _CUT.search(headline), folded(headline)
        if cut:
            if name.count(" ") + 1 >= _LEAST_WORDS_OF_A_CUT:
                yield from (places for one, places in self._places.items() if one.startswith(name))
            return
        if _says_enough(name):
            for one in dict.fromkeys((name, f"{name} {folded(outlet)}".strip())):
                yield self._places.get(one, ())


def is_about_then(at: datetime | None, listed: datetime | None) -> bool:
    """Tell whether two claims of when something was published can be of one article; where either is missing
    they can."""
    if at is None or listed is None:
        return True
    later = at - listed
    if listed.time() == time():
        return -_AROUND_A_DAY <= later <= timedelta(days=1) + _AROUND_A_DAY
    return abs(later) <= _APART


def _says_enough(name: str) -> bool:
    if name.count(" ") + 1 >= _LEAST_WORDS:
        return True
    return sum(char >= "\u0e00" for char in name) >= _LEAST_CHARACTERS

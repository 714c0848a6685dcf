"""The rarity of words that is in force in an archive, and how it is learnt anew from its articles.

    Learning.step … step ─▶ counts ─▶ bring_into_force ─▶ the next transaction of every worker

It changes at definite moments alone, with a version in the archive: so all workers weigh alike, and none
weighs today otherwise than yesterday for having been started again in between.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import datetime

from sqlalchemy import Connection

from nightdesk.archive import articles, rarities
from nightdesk.archive.engine import Archive
from nightdesk.archive.errors import DocumentUnreadable
from nightdesk.archive.rarities import FIRST, Learnt, Place
from nightdesk.archive.types import digest
from nightdesk.errors import ArchiveError
from nightdesk.storylines.own_counts import Counts, Tally, from_bytes, learned, to_bytes
from nightdesk.storylines.rarity import Rarity, shipped_rarity
from nightdesk.storylines.reading import Reading

PAGE = 200
"""Articles that are looked at in one step."""

MOST_ARTICLES = 50_000
"""Articles that are counted at most; of more, a sample by their ids, spread over the whole time.  It bounds
memory (tens of MB meanwhile) and time, and tells a share of one in 2,000 to a fifth of it."""

_WHOLE = 1 << 64


class RarityCache:
    """Hands out the rarity that is in force; a worker's stages and services share one."""

    def __init__(self) -> None:
        self._version = 0
        self._rarity = shipped_rarity()
        self._lock = threading.Lock()

    def get(self, connection: Connection) -> Rarity:
        """Return the rarity as of `connection`'s transaction: the same object while its version is."""
        with self._lock:
            version = rarities.version(connection)
            if version != self._version:
                learnt = rarities.in_force(connection)
                self._rarity = rarity_of(learnt)
                self._version = learnt.version if learnt else 0
            return self._rarity


def in_force(connection: Connection) -> Rarity:
    """Return the rarity that is in force.  Raises ArchiveError where it cannot be read."""
    return rarity_of(rarities.in_force(connection))


def rarity_of(learnt: Learnt | None) -> Rarity:
    """Return what one version says.  Raises ArchiveError where it cannot be read."""
    counts = counts_of(learnt)
    return learned(shipped_rarity(), counts) if counts else shipped_rarity()


def counts_of(learnt: Learnt | None) -> Counts | None:
    """Return what one version counted; None for the shipped rarity.  Raises ArchiveError."""
    if learnt is None or learnt.payload is None:
        return None
    try:
        return from_bytes(learnt.payload)
    except ValueError:
        raise ArchiveError(
            f"what was learnt of the rarity of words (version {learnt.version}) cannot be read",
            hint="`nightdesk rarity reset` goes back to the shipped one; then learn anew",
        ) from None


class Learning:
    """One reading of the archive's articles, a page at a time; each page is one short read."""

    def __init__(self, archive: Archive, since: datetime | None = None) -> None:
        self._archive = archive
        self._tally = Tally()
        self._place = Place(since or FIRST, "")
        with archive.read() as connection:
            self.total = rarities.count(connection, since)
        self._share = _WHOLE * MOST_ARTICLES // max(self.total, MOST_ARTICLES)

    def step(self) -> int:
        """Read the next page; return of how many articles, 0 after the last.

        What cannot be read is passed over: one article must not keep a desk from learning.
        """
        with self._archive.read() as connection:
            page = rarities.ids(connection, self._place, PAGE)
            if not page:
                return 0
            self._place = page[-1]
            chosen = [place.article for place in page if self._chosen(place.article)]
            heads = articles.latest(connection, chosen)
        for head in heads.values():
            with suppress(DocumentUnreadable):
                article = head.article()
                self._tally.add(article.language, Reading.of(article).counts)
        return len(page)

    def counts(self) -> Counts:
        """Return what was counted so far."""
        return self._tally.counts()

    def _chosen(self, article: str) -> bool:
        return int.from_bytes(digest(article)[:8], "big") < self._share


def bring_into_force(
    connection: Connection,
    counts: Counts | None,
    *,
    author: str,
    now: datetime,
    since: datetime | None = None,
) -> int:
    """Let every worker weigh with `counts` from here on, with the shipped rarity if None; return the version.

    What is in force already keeps its version.
    """
    payload = to_bytes(counts) if counts else None
    return rarities.put(connection, payload, author=author, now=now, since=since)

"""Entries become reports: each with an identity within its feed, and an id that is its content's.
A poll that knows what the entry said before makes it the id of an edit (`nightdesk.feeds.poll`).

Comes in: a feed and its parsed document.  Goes out: reports, oldest first, and what was rejected with
the reason.  The identity (`Report.entry`) is the guid, else the canonical URL, else title and date.
The fingerprint behind `Report.id` is over words alone, so that tracking parameters, dates, markup and
white space, which some feeds change at each poll, make no new report.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin, urlsplit

from nightdesk.feeds.access import without_login
from nightdesk.feeds.parsed import MOST_ENTRIES, ParsedEntry, ParsedFeed
from nightdesk.ids import content_id
from nightdesk.text.headlines import without_outlet
from nightdesk.text.html import to_line
from nightdesk.text.identity import SHARED_PAGE, raw_words
from nightdesk.text.urls import canonical_url, leads_to_one_page, url_key
from schemas.base import Arrival
from schemas.feed import Feed
from schemas.report import Report

NOTHING_TO_READ = "nothing to read: no words in title, summary or content"
_CROWD = 3
_LONGEST_IDENTITY = 500
_LONGEST_SOURCE = 200
_BY_TITLE = ("title:", f"{SHARED_PAGE}title:")


@dataclass(frozen=True)
class Rejected:
    """Entries that made no report.  `duplicate` where another one of the document stands for it; `entry`
    is empty where several were not read at all."""

    entry: str
    reason: str
    duplicate: bool = False
    entries: int = 1


@dataclass(frozen=True)
class _Seen:
    """An entry with what identifies it, worked out once."""

    entry: ParsedEntry
    url: str | None
    page: str | None
    fragment: str
    title: str
    texts: tuple[str, str, str]

    @property
    def size(self) -> int:
        """How many characters of words it holds."""
        return sum(map(len, self.texts))


@dataclass(frozen=True)
class Judged:
    """What became of one entry of a document: its `report`, or the reason why there is none of it."""

    identity: str
    report: Report | None = None
    rejected: Rejected | None = None


def judge_entries(
    feed: Feed, parsed: ParsedFeed, *, seen_at: datetime, arrival: Arrival
) -> list[Judged]:
    """Judge each entry, in the order of the document.  Of several that are one, the longest stands."""
    looked = [_look(feed, entry) for entry in parsed.entries]
    identities = _identities(looked)
    longest: dict[str, int] = {}
    for place, (seen, identity) in enumerate(zip(looked, identities, strict=True)):
        held = longest.get(identity)
        if any(seen.texts) and (held is None or seen.size > looked[held].size):
            longest[identity] = place
    return [
        Judged(identity, _report(feed, parsed, seen, identity, seen_at, arrival))
        if longest.get(identity) == place
        else Judged(identity, rejected=_refused(seen, identity))
        for place, (seen, identity) in enumerate(zip(looked, identities, strict=True))
    ]


def to_reports(
    feed: Feed, parsed: ParsedFeed, *, seen_at: datetime, arrival: Arrival
) -> tuple[list[Report], list[Rejected]]:
    """Turn entries into reports, oldest first, one for each identity.

    len(entries) + left_out == len(reports) + sum(r.entries for r in rejected), always.
    """
    judged = judge_entries(feed, parsed, seen_at=seen_at, arrival=arrival)
    rejected = [one.rejected for one in judged if one.rejected is not None]
    if parsed.left_out:
        reason = parsed.stopped or f"more than {MOST_ENTRIES:,} entries"
        rejected.append(Rejected("", reason, entries=parsed.left_out))
    ordered = [one.report for one in reversed(judged) if one.report is not None]
    ordered.sort(key=lambda report: report.published_at or report.updated_at or seen_at)
    return ordered, rejected


def _refused(seen: _Seen, identity: str) -> Rejected:
    if not any(seen.texts):
        return Rejected(identity, NOTHING_TO_READ)
    return Rejected(identity, "another entry of this document is the same", duplicate=True)


def _look(feed: Feed, entry: ParsedEntry) -> _Seen:
    try:
        url = urljoin(without_login(feed.url), entry.url) if entry.url else None
        fragment = urlsplit(url).fragment if url else ""
    except ValueError:
        url, fragment = None, ""
    canonical = canonical_url(url)
    page = url_key(canonical) if canonical and leads_to_one_page(canonical) else None
    texts = (raw_words(entry.title), raw_words(entry.description), raw_words(entry.content))
    return _Seen(entry, url if canonical else None, page, fragment, texts[0], texts)


def _identities(looked: Sequence[_Seen]) -> list[str]:
    """Name each entry, trusting a guid or a URL only where it does not stand for different things."""
    guid_pages: defaultdict[str, set[tuple[str | None, str]]] = defaultdict(set)
    page_fragments: defaultdict[str, set[str]] = defaultdict(set)
    page_stories: defaultdict[str, set[tuple[str | None, str]]] = defaultdict(set)
    for seen in looked:
        if seen.entry.guid:
            guid_pages[seen.entry.guid].add((seen.page, seen.title))
        if seen.page:
            page_fragments[seen.page].add(seen.fragment)
            page_stories[seen.page].add((seen.entry.guid, seen.title))
    shared = {
        page
        for page, stories in page_stories.items()
        if len({title for _, title in stories}) >= _CROWD
        or (len(page_fragments[page]) > 1 and len({title for _, title in stories}) > 1)
    }
    vague = {guid for guid, pages in guid_pages.items() if _means_several(pages)}
    return _apart(looked, [_identity(seen, vague, shared) for seen in looked])


def _apart(looked: Sequence[_Seen], named: list[str]) -> list[str]:
    """Tell entries apart by their texts that nothing but one title names: the notes of a live blog."""
    texts: defaultdict[str, set[tuple[str, ...]]] = defaultdict(set)
    for seen, name in zip(looked, named, strict=True):
        texts[name].add(seen.texts)
    return [
        f"{name}:{content_id('text', *seen.texts)}"
        if name.startswith(_BY_TITLE) and len(texts[name]) > 1
        else name
        for seen, name in zip(looked, named, strict=True)
    ]


def _means_several(pages: set[tuple[str | None, str]]) -> bool:
    """Tell whether one guid stands for several stories: other pages under other titles."""
    return len({page for page, _ in pages}) > 1 and len({title for _, title in pages}) > 1


def _identity(seen: _Seen, vague: set[str], shared: set[str]) -> str:
    guid = seen.entry.guid if seen.entry.guid not in vague else None
    is_part = seen.page in shared
    if guid:
        name = f"guid:{guid}"
    elif seen.page and not is_part:
        name = f"url:{seen.page}"
    else:
        dated = seen.entry.published_at or seen.entry.updated_at
        day = dated.date().isoformat() if dated else ""
        name = f"title:{content_id('title', seen.title or seen.texts[1] or seen.texts[2], day)}"
    if len(name) > _LONGEST_IDENTITY:
        name = f"long:{content_id('entry', name)}"
    return f"{SHARED_PAGE}{name}" if is_part else name


def _report(
    feed: Feed,
    parsed: ParsedFeed,
    seen: _Seen,
    identity: str,
    seen_at: datetime,
    arrival: Arrival,
) -> Report:
    entry = seen.entry
    outlet = to_line(entry.outlet or "", _LONGEST_SOURCE) if feed.aggregator else ""
    return Report(
        id=content_id("report", feed.id, identity, *seen.texts),
        entry=identity,
        feed=feed.id,
        source=outlet or feed.source,
        url=seen.url,
        guid=entry.guid,
        title=without_outlet(entry.title, outlet) if outlet and entry.title else entry.title,
        description=entry.description,
        content=entry.content,
        language=feed.language or entry.language or parsed.language,
        author=entry.author,
        published_at=entry.published_at,
        updated_at=entry.updated_at,
        seen_at=seen_at,
        arrival=arrival,
        outlet=entry.outlet,
        outlet_url=entry.outlet_url,
    )


def tally(reports: Sequence[Report], rejected: Sequence[Rejected]) -> Counter[str]:
    """Return how many entries a document held, and how many of them were duplicates or rejected."""
    counts = Counter(
        read=len(reports),
        duplicate=sum(one.entries for one in rejected if one.duplicate),
        rejected=sum(one.entries for one in rejected if not one.duplicate),
    )
    counts["polled"] = counts.total()
    return counts

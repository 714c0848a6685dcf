"""A trial: what a document would give if it were a feed of the desk, before anybody declares it.

Comes in: an answer of `fetch`, or the bytes of a file.  Goes out: a `Trial`, with each entry of the document
and what would become of it, by the same code that polls and normalises.  Pure; nothing is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from urllib.parse import urlsplit

from nightdesk.errors import FeedError, PoisonMessage
from nightdesk.feeds.discovery import Advertised
from nightdesk.feeds.entries import NOTHING_TO_READ, judge_entries
from nightdesk.feeds.errors import FeedBroke, NotAFeed, PollError
from nightdesk.feeds.health import FeedHealth
from nightdesk.feeds.parse import parse
from nightdesk.feeds.parsed import ParsedEntry
from nightdesk.text.html import to_line
from nightdesk.text.normalise import normalise
from nightdesk.text.urls import canonical_url
from schemas.base import Arrival
from schemas.feed import Feed
from schemas.report import Report


@dataclass(frozen=True)
class TriedEntry:
    """One entry.  `text_chars` counts the clean text that would be judged; `rejected` says why none would."""

    id: str
    url: str | None
    title: str
    published: datetime | None
    text_chars: int
    rejected: str | None = None


@dataclass(frozen=True)
class Trial:
    """`health` in words; `reason` and `hint` are empty where all is well.

    `left_out` counts entries beyond the bounds; `note` is what had to be mended; `advertised` are the feeds
    that a page names, where the document is a page.
    """

    health: str
    reason: str = ""
    hint: str = ""
    format: str = ""
    title: str = ""
    entries: tuple[TriedEntry, ...] = ()
    left_out: int = 0
    note: str = ""
    advertised: tuple[Advertised, ...] = ()

    @property
    def is_feed(self) -> bool:
        """Whether a feed was read, though it may hold nothing."""
        return bool(self.format)


def try_document(
    feed: Feed, body: bytes, content_type: str | None, *, url: str, now: datetime
) -> Trial:
    """Read `body` as the desk would read it.  Never raises: what is no feed is a trial that says so."""
    try:
        parsed = parse(body, content_type=content_type, url=url)
        judged = judge_entries(feed, parsed, seen_at=now, arrival=Arrival.FIRST_FETCH)
        entries = tuple(
            _tried(
                entry,
                one.identity,
                one.report,
                one.rejected.reason if one.rejected is not None else None,
            )
            for entry, one in zip(parsed.entries, judged, strict=True)
        )
    except PollError as error:
        return failed(error)
    except Exception as error:
        return failed(FeedBroke(f"{type(error).__name__}: {error}"))
    empty = not entries and not parsed.left_out
    return Trial(
        health=(FeedHealth.EMPTY if empty else FeedHealth.OK).words,
        reason="The feed is well-formed and holds no entries." if empty else "",
        format=parsed.format,
        title=to_line(parsed.title),
        entries=entries,
        left_out=parsed.left_out,
        note="; ".join(filter(None, (parsed.note, parsed.stopped))),
    )


def failed(error: FeedError) -> Trial:
    """Return the trial of what could not be fetched or is no feed."""
    known = error if isinstance(error, PollError) else FeedBroke(error.message)
    advertised = known.advertised if isinstance(known, NotAFeed) else ()
    return Trial(
        health=known.words,
        reason=known.message,
        hint=known.hint,
        advertised=advertised,
    )


def name_of(place: str) -> str:
    """Return what to call the source of a document that nobody has declared: its host or file name."""
    try:
        host = urlsplit(place).hostname
    except ValueError:
        host = None
    return (host or PurePath(place).name)[:200] or "trial"


def _tried(
    entry: ParsedEntry, identity: str, report: Report | None, rejected: str | None
) -> TriedEntry:
    chars, url = 0, entry.url if canonical_url(entry.url) else None
    title = to_line(entry.title or "")
    if report is not None:
        try:
            article = normalise(report)
        except PoisonMessage:
            # The only reason there is; its own words name a report that nobody has sent.
            rejected = NOTHING_TO_READ
        else:
            chars, url, title = len(article.text), article.url or url, article.title
    return TriedEntry(
        id=entry.guid or identity,
        url=url,
        title=title,
        published=entry.published_at or entry.updated_at,
        text_chars=chars,
        rejected=rejected,
    )

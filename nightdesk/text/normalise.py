"""Normalising: a report as its publisher wrote it becomes an article that can be read and compared.

Comes in: a `Report`.  Goes out: a `NormalisedReport`: clean text, language, bounded date, canonical
URL, and the keys by which the archive tells new articles, copies and revisions apart.  Pure; what
holds nothing to read raises PoisonMessage.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from nightdesk.errors import PoisonMessage
from nightdesk.ids import content_id
from nightdesk.text.clean import clean
from nightdesk.text.html import to_line, to_text
from nightdesk.text.identity import identity_keys, words_hash
from nightdesk.text.language import detect
from nightdesk.text.stamps import without_stamps
from nightdesk.text.urls import canonical_url
from schemas.article import Article
from schemas.deadletter import DeadLetterReason
from schemas.report import Report

LONGEST_TEXT = 100_000
LONGEST_DESCRIPTION = 5_000
LONGEST_TITLE = 1_000
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_FURTHEST_AHEAD = timedelta(days=1)


@dataclass(frozen=True)
class NormalisedReport:
    """What an article is made of.

    `content_hash` is over the words of title and text: space, case, quotes and punctuation do not
    count, nor do lines that only tell when the page was updated.
    `keys` are identity keys, strongest first, never none; `article_id` is the first one's.
    `boilerplate` counts the lines that were dropped.
    """

    title: str
    description: str
    text: str
    language: str
    published_at: datetime | None
    date_note: str | None
    url: str | None
    content_hash: str
    keys: tuple[str, ...]
    article_id: str
    boilerplate: int = 0
    text_from: Literal["feed", "page"] = "feed"

    def article(self, report: Report, *, name: str, revision: int = 1) -> Article:
        """Return `report`, which this was made of, as revision number `revision` of article `name`."""
        return Article(
            id=name,
            revision=revision,
            report=report.id,
            feed=report.feed,
            source=report.source,
            url=self.url,
            title=self.title,
            description=self.description,
            text=self.text,
            language=self.language,
            published_at=self.published_at,
            date_note=self.date_note,
            seen_at=report.seen_at,
            arrival=report.arrival,
            content_hash=self.content_hash,
            text_from=self.text_from,
        )


def normalise(report: Report) -> NormalisedReport:
    """Normalise one report.  Raises PoisonMessage (`nothing_to_read`) where no word is left."""
    title = to_line(report.title or "", LONGEST_TITLE)
    description, fewer = _readable(report.description, title, LONGEST_DESCRIPTION)
    text, dropped = _readable(report.content, title, LONGEST_TEXT)
    if not text:
        text, dropped = _readable(report.description, title, LONGEST_TEXT)
        fewer = 0
    if not any(char.isalnum() for char in title + text):
        raise PoisonMessage(
            DeadLetterReason.NOTHING_TO_READ,
            f"Report {report.id} of feed {report.feed!r} holds no word in title, summary or content.",
            hint="it may be a picture only; look at the feed's entry itself",
        )
    content_hash = content_hash_of(title, text)
    canonical = canonical_url(report.url)
    keys = identity_keys(
        source=report.source,
        entry=report.entry,
        guid=report.guid,
        canonical=canonical,
        content_hash=content_hash,
        text=text,
    )
    published_at, note = bounded_date(report.published_at or report.updated_at, report.seen_at)
    return NormalisedReport(
        title=title,
        description=description,
        text=text,
        language=detect(f"{title}\n{text}" if text else title, report.language),
        published_at=published_at,
        date_note=note,
        url=canonical,
        content_hash=content_hash,
        keys=keys,
        article_id=content_id("article", keys[0]),
        boilerplate=dropped + fewer,
        text_from=report.text_from,
    )


def content_hash_of(title: str, text: str) -> str:
    """Return the hash by which two versions of an article are known to say the same."""
    return words_hash(title, without_stamps(text))


def bounded_date(claim: datetime | None, seen_at: datetime) -> tuple[datetime | None, str | None]:
    """Return the publisher's claim where it can be believed, else None and why not.

    Believed from 1990 (before the Web there was no feed) to a day ahead of `seen_at` (time zones).
    """
    if claim is None:
        return None, "the publisher gives no date"
    if claim < _EARLIEST:
        return None, f"the publisher says {claim:%Y-%m-%d}: before 1990"
    if claim - seen_at > _FURTHEST_AHEAD:
        return None, f"the publisher says {claim:%Y-%m-%d}: more than a day in the future"
    return claim, None


def _readable(html: str | None, title: str, longest: int) -> tuple[str, int]:
    """Return the clean text of one field and how many lines were dropped."""
    if not html:
        return "", 0
    cleaned = clean(to_text(html), title)
    return cut(cleaned.text, longest), len(cleaned.dropped)


def cut(text: str, longest: int) -> str:
    """Return at most `longest` characters of `text`, cut where a word ends if one is near."""
    if len(text) <= longest:
        return text
    head = text[:longest]
    space = head.rfind(" ", longest - 200)
    return (head[:space] if space > 0 else head).rstrip()

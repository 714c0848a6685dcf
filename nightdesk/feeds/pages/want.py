"""Which reports of a poll want their page, in which order.  Pure.

Comes in: a feed, the reports of its document and what the archive has seen of it.  Goes out: the reports
whose page is worth a request, first things first, and how many are beyond the bound.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta

from nightdesk.feeds.pages.outcome import PageOutcome
from nightdesk.ids import succeeding
from nightdesk.text.identity import SHARED_PAGE, raw_words
from schemas.base import Arrival
from schemas.feed import Feed, FullText
from schemas.report import Report

SHORT_WORDS = 100
"""A teaser of fewer words is short.  Leads of news have 20 to 60, articles hardly ever fewer than 150."""

SHORT_CHARACTERS = 600
"""And no longer than this, for scripts that do not part words."""

MOST_PAGES = 10
"""Pages that one poll reads; with a second between two requests to one host it has time for no more."""

MOST_OLD_PAGES = 3
"""The same for what pages nobody: the first document of a feed, and back-fill after a long gap."""

MOST_SECONDS = timedelta(seconds=30)
"""How long one poll reads pages; its reports wait for as long, and its claim is longer by it."""


MOST_AGAIN = 3
"""Pages that failed before and are tried again by one poll, after those that are new."""

MOST_TRIES = 4
"""Polls that try the page of one entry, in all; a server that is down for longer keeps its pages."""

MOST_UNREAD = 20
"""Entries of one feed whose page is to be tried again, at most."""

_TRIED_AGAIN = frozenset(
    {PageOutcome.NO_TIME, PageOutcome.TIMEOUT, PageOutcome.FAILED, PageOutcome.UNLISTED}
)
"""What may be otherwise a few minutes later.  What a page says of itself is not."""


def reads_pages(feed: Feed) -> bool:
    """Tell whether the pages of `feed` are ever read."""
    return feed.full_text is not FullText.NEVER


def wanted(
    feed: Feed,
    reports: Sequence[Report],
    seen: Mapping[str, str],
    unread: Mapping[str, int] | None = None,
) -> tuple[list[Report], list[Report]]:
    """Return the reports that want their page, and those that would but for the bound.

    `seen` maps entries to the ids of their latest reports.  Only what is new wants one: live reports before
    old news; of each, entries never seen before edited ones (or an edit would take the text back to the
    teaser), the newest first.  After them, what is `unread` (entry -> tries) since its page failed.
    """
    if not reads_pages(feed):
        return [], []
    fresh = [
        report
        for report in reversed(reports)
        if _has_a_page(report) and _is_new(report, seen) and _is_due(feed, report)
    ]
    fresh.sort(key=lambda report: report.entry in seen)
    live = [report for report in fresh if report.arrival is Arrival.LIVE]
    old = [report for report in fresh if report.arrival is not Arrival.LIVE]
    chosen = (live + old[:MOST_OLD_PAGES])[:MOST_PAGES]
    beyond = (live + old)[len(chosen) :]
    failed = [
        report
        for report in reversed(reports)
        if report.entry in (unread or {}) and _has_a_page(report) and not _is_new(report, seen)
    ]
    return chosen + failed[: min(MOST_AGAIN, MOST_PAGES - len(chosen))], beyond


def still_unread(
    unread: Mapping[str, int],
    pages: Iterable[tuple[Report, PageOutcome]],
    here: Collection[str],
    *,
    partial: bool = False,
) -> dict[str, int]:
    """Return which entries have their page tried again, and how often each was tried, after `pages`.

    `here` are the entries of the document; what it no longer holds is given up, unless it is `partial`, as
    what a hub pushes.  Old news is not tried again: it pages nobody.
    """
    left = {entry: tries for entry, tries in unread.items() if partial or entry in here}
    for report, outcome in pages:
        tries = left.pop(report.entry, 0) + 1
        again = outcome in _TRIED_AGAIN and report.arrival is Arrival.LIVE
        if again and tries < MOST_TRIES:
            left[report.entry] = tries
    return dict(list(left.items())[-MOST_UNREAD:])


def _is_new(report: Report, seen: Mapping[str, str]) -> bool:
    before = seen.get(report.entry)
    return before is None or succeeding(report.id, before) != before


def _has_a_page(report: Report) -> bool:
    """Several entries that link to one page, as of a live blog, have no page of their own."""
    return bool(report.url) and not report.entry.startswith(SHARED_PAGE)


def _is_due(feed: Feed, report: Report) -> bool:
    return feed.full_text is FullText.ALWAYS or is_short(report)


def is_short(report: Report) -> bool:
    """Tell whether a report's own text is a teaser at most."""
    texts = [raw_words(report.description), raw_words(report.content)]
    longest = max(texts, key=len)
    return longest.count(" ") + 1 < SHORT_WORDS and len(longest) < SHORT_CHARACTERS

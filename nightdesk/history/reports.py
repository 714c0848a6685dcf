"""The story of one report up to its storylines: brought, normalised, named for some, decided, and by which
words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection

from nightdesk.alerts.members import words_of
from nightdesk.archive import articles, matches, reports
from nightdesk.archive.reports import RecordedReport
from nightdesk.history.events import Happened
from schemas import Alert, Article, Decision, Match


def of_change(conn: Connection, change: Alert) -> Iterator[Happened]:
    """Tell the story of the report that raised a change of an alert, as far as the archive holds it."""
    if change.raised_by is None or change.storyline is None:
        return
    number = next((a.revision for a in change.articles if a.id == change.raised_by), None)
    revision = articles.get(conn, change.raised_by, number)
    if revision is None:
        return
    yield from came(revision, reports.by_id(conn, [revision.report]))
    named = articles.nominated(conn, [(revision.id, revision.revision)])
    yield named_for(revision, named.get((revision.id, revision.revision)))
    for one in matches.of_article(conn, revision.id):
        if one.match.storyline != change.storyline:
            continue
        for match in matches.history(conn, one.match.id):
            if match.article.revision == revision.revision:
                yield from decided(match)


def came(revision: Article, brought: Sequence[RecordedReport]) -> Iterator[Happened]:
    """Tell which feed brought a revision, and what it was normalised to."""
    arrival = "" if revision.arrival.value == "live" else f", as {revision.arrival.value}"
    entry = f", entry {brought[0].entry}" if brought else ""
    yield Happened(revision.seen_at, "poll", f"brought by feed {revision.feed}{entry}{arrival}")
    if revision.revision == 1:
        length = len(revision.text) + len(revision.description)
        said = f"a new article of {revision.source}, {length} characters: “{revision.title}”"
    else:
        changes = revision.edit.changes if revision.edit else ()
        classes = ", ".join(dict.fromkeys(change.kind.value for change in changes))
        said = f"revision {revision.revision}: {classes or 'no word was changed'}"
    yield Happened(revision.seen_at, "normalise", said, 1)


def named_for(revision: Article, candidates: int | None) -> Happened:
    """Tell for how many storylines a revision was named."""
    of = f"revision {revision.revision}" if revision.revision > 1 else "it"
    if candidates is None:
        return Happened(None, "nominate", f"{of} was not looked at yet")
    if not candidates:
        return Happened(
            None,
            "nominate",
            f"{of} comes near to no storyline (`nightdesk explain` tells how near)",
        )
    storylines = "1 storyline" if candidates == 1 else f"{candidates} storylines"
    return Happened(None, "nominate", f"{of} was named for {storylines}")


def decided(match: Match) -> Iterator[Happened]:
    """Tell what a storyline decided, and by which words."""
    at_bar = f" (asked: {match.bar.fits:.2f})" if match.bar else ""
    yield Happened(
        match.decided_at,
        "decide",
        f"{match.storyline}: {match.decision.value}, {match.probability:.2f}{at_bar}: {match.reason}",
    )
    words = ", ".join(f"“{word}”" for word in words_of(match))
    if words and match.decision is not Decision.NOT:
        yield Happened(match.decided_at, "decide", f"by the words {words}", 1)

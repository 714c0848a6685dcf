"""The story of an article: polled, normalised, named for storylines, decided, and what it became part of."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from nightdesk.alerts.members import words_of
from nightdesk.archive import articles, matches, reports
from nightdesk.archive.matches import Decided
from nightdesk.history.alerts import of_alert
from nightdesk.history.events import Happened
from nightdesk.ids import content_id
from schemas import Article, Decision


def of_article(conn: Connection, article: str, subscription: str = "") -> Iterator[Happened]:
    """Tell what became of an article, to deliveries (to one subscription alone, if asked)."""
    history = articles.history(conn, article)
    brought = reports.of_article(conn, article)
    told = {revision.report for revision in history}
    for revision in history:
        yield from _came(revision, [row for row in brought if row.id == revision.report])
    for row in brought:
        if row.id not in told:
            reason = f": {row.reason}" if row.reason else ""
            yield Happened(row.seen_at, "normalise", f"{row.outcome}, from feed {row.feed}{reason}")
    named = articles.nominated(conn, [(r.id, r.revision) for r in history])
    for revision in history:
        yield _named(revision, named.get((revision.id, revision.revision)))
    decided = matches.of_article(conn, article)
    alerts: list[str] = []
    for one in decided:
        yield from _decided(conn, one)
        if one.development is not None:
            alerts.append(content_id("alert", one.match.storyline, one.development))
    for alert in dict.fromkeys(alerts):
        yield from of_alert(conn, alert, subscription, article=article)


def _came(revision: Article, brought: list[reports.RecordedReport]) -> Iterator[Happened]:
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


def _named(revision: Article, candidates: int | None) -> Happened:
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


def _decided(conn: Connection, one: Decided) -> Iterator[Happened]:
    for match in matches.history(conn, one.match.id):
        at_bar = f" (asked: {match.bar.fits:.2f})" if match.bar else ""
        yield Happened(
            match.decided_at,
            "decide",
            f"{match.storyline}: {match.decision.value}, {match.probability:.2f}{at_bar}: "
            f"{match.reason}",
        )
        words = ", ".join(f"“{word}”" for word in words_of(match))
        if words and match.decision is not Decision.NOT:
            yield Happened(match.decided_at, "decide", f"by the words {words}", 1)
    if one.outcome is not None:
        development = f", development {one.development}" if one.development else ""
        yield Happened(None, "alert", f"{one.outcome}{development}", 1)

"""Developments: one alert for each thing that happens in a storyline, told once and then edited.

Comes in: a match, the storyline's open developments, the storyline.  Goes out: what becomes of it:

    not a fit ─────────────────────────────────────────▶ held
    seen in this revision or a later one ──────────────▶ unchanged
    later revision: title or figures differ, much new ─▶ revised   (alert, revision)
                    else ──────────────────────────────▶ unchanged
    no development within the gap (event time) ────────▶ opened    (alert, new_development)
    else, it adds to what was told ────────────────────▶ grew      (alert, grown)
          another outlet, copy or not ─────────────────▶ echoed    (alert, more_of_the_same)
          the same outlet: a copy ─────────────────────▶ copy
                           else ───────────────────────▶ unchanged

Whether it adds is for `nightdesk.storylines.novelty` to say: against all that the storyline was told,
in this development and in those before.  Each alert is a higher sequence of the development's one
alert.  Pure: no clock but `now`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from nightdesk.alerts import grouping
from nightdesk.alerts.grouping import Development, Member
from nightdesk.alerts.reported import Reported
from nightdesk.ids import content_id
from nightdesk.storylines.novelty import ADDS
from nightdesk.storylines.rarity import Rarity
from nightdesk.text.copies import Sketch
from nightdesk.text.tokens import fold
from schemas import (
    Alert,
    AlertedArticle,
    AlertKind,
    Arrival,
    Article,
    ChangeClass,
    Decision,
    Match,
    Storyline,
)

__all__ = ["Development", "DevelopmentOutcome", "Outcome", "develop"]

Outcome = Literal["opened", "grew", "echoed", "copy", "revised", "held", "unchanged"]

_QUOTED = 8
_TOLD: Mapping[Outcome, AlertKind] = {
    "grew": AlertKind.GROWN,
    "echoed": AlertKind.MORE_OF_THE_SAME,
}


@dataclass(frozen=True)
class DevelopmentOutcome:
    """What became of a match.

    `development` is the one that it belongs to, changed or not (None if held); `alert` is there only
    where something is to be told.
    """

    outcome: Outcome
    development: Development | None
    alert: Alert | None
    reason: str


def develop(
    match: Match,
    open_developments: tuple[Development, ...] | list[Development],
    storyline: Storyline,
    *,
    now: datetime,
    rarity: Rarity,
) -> DevelopmentOutcome:
    """Say what a match means for the storyline's developments.

    `open_developments` should hold all that the report may join: those within `development_gap` of
    its event time, and the one that holds an earlier revision of it; and the last one before, whose
    knowledge a new one takes over.  Others do no harm.
    """
    article = match.article
    own = [d for d in open_developments if d.storyline == storyline.id]
    held = grouping.holder(own, article.id)
    if match.decision is not Decision.FITS:
        reason = f"decided {match.decision.value}: nothing is told"
        if held is not None:
            reason += ", what was told before stays"
        return DevelopmentOutcome("held", None, None, reason)
    signature = grouping.signature_of(article)
    if held is not None:
        if held.revision_of(article.id) >= article.revision:
            return DevelopmentOutcome("unchanged", held, None, "this revision took part already")
        return _revise(Reported.of(match, signature, held, rarity), held, storyline, now)
    gap = storyline.development_gap
    joined = grouping.nearest(own, article.event_time, gap, signature)
    if joined is not None:
        return _join(Reported.of(match, signature, joined, rarity), joined, storyline, now)
    before = grouping.before(own, article.event_time, gap)
    return _open(Reported.of(match, signature, before, rarity), storyline, now)


def _open(report: Reported, storyline: Storyline, now: datetime) -> DevelopmentOutcome:
    match = report.match
    article = match.article
    # A later revision that opens one must not take the id, and so the place, of a development that
    # an earlier revision opened and that is no longer at hand.
    opened_by = (article.id,) if article.revision == 1 else (article.id, article.revision)
    identity = content_id("development", storyline.id, *opened_by)
    development = Development(
        id=identity,
        storyline=storyline.id,
        alert=content_id("alert", storyline.id, identity),
        sequence=1,
        title=article.title or storyline.title,
        opened_at=article.event_time,
        latest_at=article.event_time,
        first_seen_at=article.seen_at,
        latest_seen_at=article.seen_at,
        members=(_member(match, report.signature, None),),
        known=((article.id, article.revision),),
        sources=(article.source,),
        told=report.told,
        spans=match.spans,
    )
    reason = f"new development, first told by {article.source}: {match.reason}"
    alert = _alert(development, report, storyline, AlertKind.NEW_DEVELOPMENT, reason, now)
    return DevelopmentOutcome("opened", development, alert, reason)


def _join(
    report: Reported, into: Development, storyline: Storyline, now: datetime
) -> DevelopmentOutcome:
    match = report.match
    article = match.article
    original = grouping.original(into, report.signature)
    outcome, reason = _what_it_means(report, into, original)
    is_told = outcome in _TOLD
    members = (*into.members, _member(match, report.signature, original))
    sources = into.sources
    if original is None and article.source not in sources:
        sources = (*sources, article.source)[: grouping.MOST_SOURCES]
    development = into.model_copy(
        update={
            "opened_at": min(into.opened_at, article.event_time),
            "latest_at": max(into.latest_at, article.event_time),
            "first_seen_at": min(into.first_seen_at, article.seen_at),
            "latest_seen_at": max(into.latest_seen_at, article.seen_at),
            "members": _bounded(members),
            "known": (*into.known, (article.id, article.revision))[-grouping.MOST_KNOWN :],
            "sources": sources,
            "told": report.told,
            "sequence": into.sequence + is_told,
        }
    )
    if not is_told:
        return DevelopmentOutcome(outcome, development, None, reason)
    alert = _alert(development, report, storyline, _TOLD[outcome], reason, now)
    return DevelopmentOutcome(outcome, development, alert, reason)


def _what_it_means(
    report: Reported, into: Development, original: Member | None
) -> tuple[Outcome, str]:
    """Say whether a further report is told, as what, and why."""
    source = report.match.article.source
    outlets = {member.told.source for member in into.members} | set(into.sources)
    told: Outcome = "grew" if report.adds else "echoed"
    if source not in outlets:
        if original is None:
            return told, f"{source} reports it too: source {len(into.sources) + 1}"
        return told, f"{source} carries the report of {original.told.source}: a copy or a rewrite"
    if source not in into.sources and original is None:
        return told, f"{source}, so far only with a copy, reports it independently"
    if report.adds:
        return "grew", f"{source} again, with more: {report.said}"
    if original is not None:
        return "copy", f"{source} again, a copy of “{original.told.title}”"
    return "unchanged", f"{source} again, with nothing new"


def _revise(
    report: Reported, held: Development, storyline: Storyline, now: datetime
) -> DevelopmentOutcome:
    match = report.match
    article = match.article
    known = tuple(
        (name, article.revision if name == article.id else revision)
        for name, revision in held.known
    )
    before = next((m for m in held.members if m.told.id == article.id), None)
    changes = _changes(before, report) if before and not _is_as_told(before, article) else []
    copy_of = before.told.copy_of if before else None
    edited = _member(match, report.signature, None, copy_of=copy_of)
    members = tuple(edited if member is before else member for member in held.members)
    opening = before is not None and before is held.members[0]
    development = held.model_copy(
        update={
            "known": known,
            "members": _bounded(members),
            "latest_seen_at": max(held.latest_seen_at, article.seen_at),
            "title": (article.title or held.title) if opening else held.title,
            "spans": match.spans if opening else held.spans,
            "told": report.told,
            "sequence": held.sequence + bool(changes),
        }
    )
    if not changes:
        reason = (
            f"{article.source} edited its report; title and figures are the same, little is new"
        )
        return DevelopmentOutcome("unchanged", development, None, reason)
    if before is not None and before.told.revision + 1 == article.revision:
        changes += _edited(article)
    reason = f"{article.source} edited its report: {'; '.join(changes)}"
    alert = _alert(development, report, storyline, AlertKind.REVISION, reason, now)
    return DevelopmentOutcome("revised", development, alert, reason)


def _is_as_told(before: Member, article: Article) -> bool:
    """Tell whether its publisher edited nothing since: the article's page could be read at last, and what it
    holds beyond the teaser is no news."""
    follows, edit = before.told.revision + 1 == article.revision, article.edit
    return follows and edit is not None and not edit.changes and article.text_from == "page"


def _changes(before: Member, report: Reported) -> list[str]:
    """Name what differs between what was told and the new revision: title, figures, much of the text."""
    article = report.match.article
    changes = []
    if fold(before.told.title) != fold(article.title):
        changes.append(f"the title was “{before.told.title}”")
    figures = grouping.figures_of(article)
    gone = sorted(set(before.figures) - set(figures))
    new = sorted(set(figures) - set(before.figures))
    if new:
        changes.append(f"new figures: {', '.join(new[:_QUOTED])}")
    if gone:
        changes.append(f"figures no longer there: {', '.join(gone[:_QUOTED])}")
    if report.novelty is not None and report.novelty.share >= ADDS:
        changes.append(f"{report.novelty.share:.0%} of it is new")
    return changes


def _edited(article: Article) -> list[str]:
    """Say who is said to have said it now, and what is said no more: the first of each."""
    told = {
        change.kind: change for change in reversed(article.edit.changes if article.edit else ())
    }
    said = []
    if change := told.get(ChangeClass.ATTRIBUTION):
        said.append(f"attributed otherwise: “{change.before}” became “{change.after}”")
    if (change := told.get(ChangeClass.REMOVAL)) and not change.after:
        said.append(f"no longer said: “{change.before}”")
    return said


def _member(
    match: Match, signature: Sketch, original: Member | None, *, copy_of: str | None = None
) -> Member:
    article = match.article
    return Member(
        told=AlertedArticle(
            id=article.id,
            revision=article.revision,
            source=article.source,
            title=article.title,
            url=article.url,
            language=article.language,
            published_at=article.published_at,
            seen_at=article.seen_at,
            arrival=article.arrival,
            probability=match.probability,
            words=_words(match),
            copy_of=original.told.id if original else copy_of,
        ),
        event_time=article.event_time,
        figures=grouping.figures_of(article),
        signature=signature.to_text(),
    )


def _words(match: Match) -> tuple[str, ...]:
    """Return the heaviest words that earned the match, as they stand in the article."""
    article = match.article
    texts = {"title": article.title, "description": article.description, "text": article.text}
    ranked = sorted(match.spans, key=lambda s: (-s.weight, s.field, s.start))
    quoted = (texts[span.field][span.start : span.end] for span in ranked if span.weight > 0)
    return tuple(dict.fromkeys(" ".join(words.split()) for words in quoted))[:_QUOTED]


def _bounded(members: tuple[Member, ...]) -> tuple[Member, ...]:
    """Keep the opening report and the newest; sketches of the opening one and the newest alone."""
    first, rest = members[0], members[1:][-grouping.MOST_ARTICLES :]
    old = len(rest) - grouping.MOST_SKETCHES
    return (
        first,
        *(
            member.model_copy(update={"signature": ""}) if at < old else member
            for at, member in enumerate(rest)
        ),
    )


def _alert(
    development: Development,
    report: Reported,
    storyline: Storyline,
    kind: AlertKind,
    reason: str,
    now: datetime,
) -> Alert:
    match = report.match
    return Alert(
        id=development.alert,
        sequence=development.sequence,
        kind=kind,
        storyline=storyline.id,
        storyline_title=storyline.title,
        storyline_version=match.storyline_version,
        development=development.id,
        title=development.title,
        reason=reason,
        articles=tuple(member.told for member in development.members),
        sources=len(development.sources),
        spans=development.spans,
        pages=match.article.arrival is Arrival.LIVE,
        first_seen_at=development.first_seen_at,
        latest_seen_at=development.latest_seen_at,
        raised_at=now,
        raised_by=match.article.id,
        novelty=report.novelty,
    )

"""Developments: one alert for each thing that happens in a storyline, told once and then edited.

Comes in: a match, the storyline's open developments and its pace, the storyline.  Goes out: what becomes of
it:

    not a fit ─────────────────────────────────────────▶ held
    seen in this revision or a later one ──────────────▶ unchanged
    later revision: title or figures differ, much new ─▶ revised   (alert, revision)
                    else ──────────────────────────────▶ unchanged
    no development within the gap (event time) ────────▶ opened    (alert, new_development)
      but a copy, within days, that tells nothing new ─▶ as below, of the development that is over
    else, it adds to what was told, or contradicts it ─▶ grew      (alert, grown)
          another outlet, copy or not: worth telling ──▶ echoed    (alert, more_of_the_same)
                                       waited for ─────▶ echoed    (the same, for those who wait)
                                       one of many ────▶ joined
          the same outlet: a copy ─────────────────────▶ copy
                           else ───────────────────────▶ unchanged
    a report that joins and makes a surge ─────────────▶ as above  (alert, surge)

Whether it adds is for `nightdesk.storylines.novelty` to say: against all that the storyline was told,
in this development and in those before.  Each alert is a higher sequence of the development's one
alert (`nightdesk.alerts.changes`).  Pure: no clock but `now`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from nightdesk.alerts import contradictions, echoes, grouping, surge
from nightdesk.alerts.changes import Cause, tell
from nightdesk.alerts.echoes import Awaited
from nightdesk.alerts.grouping import Development, Member
from nightdesk.alerts.members import bounded, member_of
from nightdesk.alerts.news import is_news
from nightdesk.alerts.reported import Reported
from nightdesk.alerts.revisions import changes_of
from nightdesk.alerts.surge import Pace
from nightdesk.ids import content_id
from nightdesk.storylines.rarity import Rarity
from schemas import Alert, AlertKind, AlertState, Arrival, Decision, Match, Storyline

__all__ = ["Development", "DevelopmentOutcome", "Outcome", "develop"]

Outcome = Literal["opened", "grew", "echoed", "joined", "copy", "revised", "held", "unchanged"]

_TOLD: Mapping[Outcome, AlertKind] = {
    "grew": AlertKind.GROWN,
    "echoed": AlertKind.MORE_OF_THE_SAME,
}

NOBODY_WAITS = Awaited()


@dataclass(frozen=True)
class DevelopmentOutcome:
    """What became of a match.

    `development` is the one that it belongs to, changed or not (None if held); `alert` is there only
    where something is to be told; `pace` is the storyline's after it.
    """

    outcome: Outcome
    development: Development | None
    alert: Alert | None
    reason: str
    pace: Pace


def develop(
    match: Match,
    open_developments: tuple[Development, ...] | list[Development],
    storyline: Storyline,
    *,
    now: datetime,
    rarity: Rarity,
    pace: Pace | None = None,
    awaited: Awaited = NOBODY_WAITS,
) -> DevelopmentOutcome:
    """Say what a match means for the storyline's developments.

    `open_developments` should hold all that the report may join: those within `development_gap` of
    its event time, and the one that holds an earlier revision of it; and the last one before, whose
    knowledge a new one takes over.  Others do no harm.  `pace` is how many reports the storyline gets,
    `awaited` which numbers of sources are waited for.
    """
    pace = pace or Pace()
    article = match.article
    own = [d for d in open_developments if d.storyline == storyline.id]
    held = grouping.holder(own, article.id)
    if match.decision is not Decision.FITS:
        reason = f"decided {match.decision.value}: nothing is told"
        if held is not None:
            reason += ", what was told before stays"
        return DevelopmentOutcome("held", None, None, reason, pace)
    signature = grouping.signature_of(article)
    if held is not None:
        if held.revision_of(article.id) >= article.revision:
            reason = "this revision took part already"
            return DevelopmentOutcome("unchanged", held, None, reason, pace)
        report = Reported.of(match, signature, held, rarity)
        return _revise(report, held, storyline, pace, now)
    gap = storyline.development_gap
    if article.arrival is Arrival.LIVE:
        # One that reaches far ahead, by a clock that was wrong, would take in all that comes till then.
        own = [d for d in own if d.latest_at <= article.seen_at + surge.AHEAD]
    joined = grouping.nearest(own, article.event_time, gap, signature)
    if joined is not None:
        report = Reported.of(match, signature, joined, rarity)
        return _join(report, joined, storyline, pace, now, awaited)
    before = grouping.before(own, article.event_time, gap)
    report = Reported.of(match, signature, before, rarity)
    if before is not None and report.is_old and grouping.is_late_copy(before, article, signature):
        return _join(report, before, storyline, pace, now, awaited)
    return _open(report, storyline, _counted(pace, match), now)


def _counted(pace: Pace, match: Match) -> Pace:
    """Return the pace with a report that copies none: live ones count, for only they say how fast news
    come."""
    article = match.article
    if not is_news(match):
        return pace
    # A clock that is wrong by hours must not move the window beyond what we saw.
    return pace.by_the_clock(article.seen_at).plus(
        min(article.event_time, article.seen_at), article.seen_at
    )


def _open(report: Reported, storyline: Storyline, pace: Pace, now: datetime) -> DevelopmentOutcome:
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
        sequence=0,
        title=article.title or storyline.title,
        opened_at=article.event_time,
        latest_at=article.event_time,
        first_seen_at=article.seen_at,
        latest_seen_at=article.seen_at,
        members=(member_of(match, report.signature, None),),
        known=((article.id, article.revision),),
        sources=(article.source,),
        outlets=(article.source,),
        told=report.told,
        spans=match.spans,
        statements=contradictions.stated((), article, report.counts),
    )
    reason = f"new development, first told by {article.source}: {match.reason}"
    cause = Cause(AlertKind.NEW_DEVELOPMENT, reason, match, report.novelty)
    return DevelopmentOutcome("opened", *tell(development, cause, storyline, now), reason, pace)


def _join(
    report: Reported,
    into: Development,
    storyline: Storyline,
    pace: Pace,
    now: datetime,
    awaited: Awaited,
) -> DevelopmentOutcome:
    match = report.match
    article = match.article
    original = grouping.original(into, report.signature)
    # A copy that comes late must not make what is over go on.
    is_near = into.distance(article.event_time) <= storyline.development_gap
    members = (*into.members, member_of(match, report.signature, original))
    sources, statements = into.sources, into.statements
    if original is None:
        sources = _with(sources, article.source)
        statements = contradictions.stated(statements, article, report.counts)
        pace = _counted(pace, match)
    development = into.model_copy(
        update={
            "opened_at": min(into.opened_at, article.event_time),
            "latest_at": max(into.latest_at, article.event_time) if is_near else into.latest_at,
            "first_seen_at": min(into.first_seen_at, article.seen_at),
            "latest_seen_at": max(into.latest_seen_at, article.seen_at),
            "members": bounded(members),
            "known": (*into.known, (article.id, article.revision))[-grouping.MOST_KNOWN :],
            "sources": sources,
            "outlets": _with(into.reporting(), article.source),
            "told": report.told,
        }
    )
    development, disputed = _stating(development, statements)
    live = is_news(match)
    first = live and not into.paged
    echo, asked = _echo(into, development, awaited, first)
    outcome, reason = _what_it_means(report, into, development, original, echo)
    if disputed:
        outcome, reason = "grew", f"{reason}; {disputed}"
    kind, also = _TOLD.get(outcome), tuple[AlertKind, ...]()
    surging = pace.surge() if original is None and live and not pace.rests() else None
    if surging is not None:
        also = (kind,) if kind is not None else ()
        kind, reason = AlertKind.SURGE, f"{reason}; surge: {surge.in_words(surging)}"
        pace = pace.model_copy(update={"told_at": pace.as_of})
    if kind is None:
        return DevelopmentOutcome(outcome, development, None, reason, pace)
    if first:
        # Nobody was told of it: to whoever is now, it is new.
        also = (*also, AlertKind.NEW_DEVELOPMENT)
    asked = asked and kind is AlertKind.MORE_OF_THE_SAME
    cause = Cause(kind, reason, match, report.novelty, surging, also, asked)
    return DevelopmentOutcome(outcome, *tell(development, cause, storyline, now), reason, pace)


def _with(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    return names if name in names else (*names, name)[: grouping.MOST_SOURCES]


def _stating(
    development: Development, statements: tuple[contradictions.Statement, ...]
) -> tuple[Development, str]:
    """Return the development with what its sources state now, and its new contradictions in words."""
    before = contradictions.disputes(development.statements)
    after = contradictions.disputes(statements)
    changed = development.model_copy(
        update={
            "statements": statements,
            "contradictions": tuple(dispute.told() for dispute in after),
        }
    )
    new = contradictions.fresh(before, after)
    return changed, "; ".join(contradictions.say(dispute.told()) for dispute in new)


def _what_it_means(
    report: Reported,
    into: Development,
    after: Development,
    original: Member | None,
    echo: Outcome,
) -> tuple[Outcome, str]:
    """Say whether a further report is told, as what, and why; `echo` is what it is where it adds nothing."""
    source = report.match.article.source
    told: Outcome = "grew" if report.adds else echo
    if source not in into.reporting():
        if original is None:
            reason = f"{source} reports it too: source {len(after.sources)}"
        else:
            whose = original.told.source
            reason = f"{source} carries the report of {whose}: a copy or a rewrite"
        if told != "joined":
            return told, reason
        following = echoes.next_told(len(after.outlets))
        many = f"; outlet {len(after.outlets)}, the next to be told of is {following}"
        return told, reason + (many if following else "")
    if source not in into.sources and original is None:
        return told, f"{source}, so far only with a copy, reports it independently"
    if report.adds:
        return "grew", f"{source} again, with more: {report.said}"
    if original is not None:
        return "copy", f"{source} again, a copy of “{original.told.title}”"
    return "unchanged", f"{source} again, with nothing new"


def _echo(
    into: Development, after: Development, awaited: Awaited, first: bool
) -> tuple[Outcome, bool]:
    """Say whether an outlet that adds nothing is told of: where it is the first live one or one of few,
    breaks a silence, or is waited for; and whether that is for those alone who wait for it."""
    sources = into.told_sources, len(after.sources)
    worth = echoes.is_told(outlets=(into.told_outlets, len(after.outlets)), sources=sources)
    if first or worth or into.state is AlertState.QUIET or awaited.by_snooze(into.alert, sources):
        return "echoed", False
    asked = awaited.by_subscription(sources)
    return ("echoed" if asked else "joined"), asked


def _revise(
    report: Reported, held: Development, storyline: Storyline, pace: Pace, now: datetime
) -> DevelopmentOutcome:
    match = report.match
    article = match.article
    known = tuple(
        (name, article.revision if name == article.id else revision)
        for name, revision in held.known
    )
    before = next((m for m in held.members if m.told.id == article.id), None)
    changes = changes_of(before, report) if before else []
    copy_of = before.told.copy_of if before else None
    edited = member_of(match, report.signature, None, copy_of=copy_of)
    members = tuple(edited if member is before else member for member in held.members)
    opening = before is not None and before is held.members[0]
    development = held.model_copy(
        update={
            "known": known,
            "members": bounded(members),
            "latest_seen_at": max(held.latest_seen_at, article.seen_at),
            "title": (article.title or held.title) if opening else held.title,
            "spans": match.spans if opening else held.spans,
            "told": report.told,
        }
    )
    # What is no longer at hand may have been a copy: it states nothing.
    if before is not None and copy_of is None:
        statements = contradictions.stated(held.statements, article, report.counts)
        development, disputed = _stating(development, statements)
        changes += [disputed] if disputed and changes else []
    if not changes:
        reason = (
            f"{article.source} edited its report; title and figures are the same, little is new"
        )
        return DevelopmentOutcome("unchanged", development, None, reason, pace)
    reason = f"{article.source} edited its report: {'; '.join(changes)}"
    cause = Cause(AlertKind.REVISION, reason, match, report.novelty)
    return DevelopmentOutcome("revised", *tell(development, cause, storyline, now), reason, pace)

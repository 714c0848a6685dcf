"""Settles: what a storyline remembers is judged again once it has learned more.

Comes in: a compiled storyline, its memory, the event time that it is now.  Goes out: the memory with new
opinions, and a `Change` for each report whose decision is another.  All remembered reports are judged at
once from the same memory, so their order does not matter; those older than the settling window keep
their decision.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from nightdesk.storylines.compile import CompiledStoryline
from nightdesk.storylines.judging import asked_of, bar_of, conclude, keep_mind, logistic, text_parts
from nightdesk.storylines.memory import Memory, Remembered
from nightdesk.storylines.model import Model, probabilities
from schemas import Bar, Contribution, Decision, StorylineKind

SETTLE_AFTER: Final = 8
"""Reports that came near, none of them believed, after which all are judged again anyway."""

_WINDOWS: Final = {
    StorylineKind.EVENT: timedelta(days=3),
    StorylineKind.SAGA: timedelta(days=30),
    None: timedelta(days=30),
}


@dataclass(frozen=True)
class Change:
    """A mind changed about a report that was decided before: a new version of its match."""

    article: str
    revision: int
    decision: Decision
    probability: float
    score: float
    bar: Bar
    contributions: tuple[Contribution, ...]
    reason: str


def settling_window(storyline: CompiledStoryline) -> timedelta:
    """Return for how long (event time) a decision may still change."""
    declared = storyline.definition.settling_window
    return _WINDOWS[storyline.definition.kind] if declared is None else declared


def settle(
    storyline: CompiledStoryline, memory: Memory, model: Model, *, at: datetime
) -> tuple[Memory, tuple[Change, ...]]:
    """Judge all reports in `memory` again, as of event time `at`."""
    reports = memory.reports
    if not reports or not storyline.profile:
        return replace(memory, unsettled=0), ()
    asked = asked_of(storyline, reports, memory.likeness, np.arange(len(reports)))
    impressed = model.impress(storyline.told, asked, memory.voters)
    impressions = np.round(probabilities(impressed.log_odds + memory.declared), 6)
    weighed = model.weigh(storyline.told, asked, memory.voters, impressions, impressed)
    window = settling_window(storyline)
    opened = [not (_settled(r, at, window) or _excluded(r.declared)) for r in reports]
    thought = [
        _thought(report, float(odds), float(impression), again=again)
        for report, odds, impression, again in zip(
            reports, weighed.log_odds, impressions, opened, strict=True
        )
    ]
    bar = bar_of(storyline, np.array([report.probability for report in thought]))
    renewed, changes = [], []
    for number, report in enumerate(thought):
        decision = report.decision
        if opened[number]:
            decision = keep_mind(report.decision, report.probability, bar)
        if decision is not report.decision:
            parts = (*text_parts(model, weighed, number), *report.declared)
            changes.append(_change(report, decision, parts, bar))
        renewed.append(replace(report, decision=decision))
    opinions = {report.article: report for report in renewed}
    late = [_settled(copy, at, window) for copy in memory.copies]
    copies, followed = _follow(memory.copies, late, opinions, bar)
    return memory.with_beliefs(renewed, copies), (*changes, *followed)


def _thought(report: Remembered, odds: float, impression: float, *, again: bool) -> Remembered:
    """Return the report with what is thought of it now; what is decided stays for the moment.

    One that is not judged again is still a neighbour to others, and so makes a new impression.
    """
    if not again:
        return replace(report, impression=impression)
    score = odds + report.worth
    return replace(
        report, score=score, probability=round(logistic(score), 6), impression=impression
    )


def _change(
    report: Remembered, decision: Decision, parts: tuple[Contribution, ...], bar: Bar
) -> Change:
    score, probability = conclude(parts)
    verb = "learned more" if decision is Decision.FITS else "judged again"
    reason = f"{verb}: was {report.decision.value}, now {decision.value}"
    return Change(report.article, report.revision, decision, probability, score, bar, parts, reason)


def _settled(report: Remembered, at: datetime, window: timedelta) -> bool:
    """Whether the report is so far in time that its decision stays."""
    return abs(at - report.event_time) > window


def _follow(
    copies: Sequence[Remembered],
    late: Sequence[bool],
    opinions: dict[str, Remembered],
    bar: Bar,
) -> tuple[list[Remembered], list[Change]]:
    """Let copies, but for those it is too `late` for, be thought of as their originals are."""
    renewed, changes = [], []
    for copy, settled in zip(copies, late, strict=True):
        original = opinions.get(copy.original)
        if settled or original is None or original.decision is copy.decision:
            renewed.append(copy)
            continue
        part = Contribution(
            name="copy",
            value=round(original.score, 6),
            detail=f"copy of “{original.title or original.article}” ({original.source})",
        )
        changes.append(_change(copy, original.decision, (part,), bar))
        renewed.append(
            replace(
                copy,
                decision=original.decision,
                score=original.score,
                probability=original.probability,
            )
        )
    return renewed, changes


def _excluded(declared: Sequence[Contribution]) -> bool:
    return any(part.name == "excluded" for part in declared)

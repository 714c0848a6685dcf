"""Settles: what a storyline remembers is judged again once it has learned more.

Comes in: a compiled storyline, its memory, the event time that it is now.  Goes out: the memory with new
opinions, and a `Change` for each report whose decision is another.  All remembered reports are judged at
once from the same memory, so their order does not matter; those older than the settling window keep
their decision.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nightdesk.numbers import side_by_side
from nightdesk.storylines.columns import DECISIONS, Columns
from nightdesk.storylines.compile import CompiledStoryline
from nightdesk.storylines.detailed import said_of, why_changed
from nightdesk.storylines.judging import bar_of, conclude, text_parts
from nightdesk.storylines.memory import Measure, Memory, Settled
from nightdesk.storylines.model import Model
from nightdesk.storylines.neighbourhood import TRUSTED, Neighbourhood, Opinions
from nightdesk.storylines.remembered import Remembered
from nightdesk.storylines.rethinking import believe, decide
from nightdesk.storylines.weights import MIND
from schemas import Bar, Contribution, Decision, StorylineKind

Floats = NDArray[np.float64]

SETTLE_AFTER: Final = 12
"""All are judged again after so many reports at the latest."""

SETTLE_SHARE: Final = 4
"""... and at the latest when there are so many times fewer of them than of settled ones."""

_DOUBTFUL: Final = (0.05, 0.95)
_SURE: Final = 0.5
"""A report whose probability is outside of these bounds teaches little, and counts as so much of one."""

_HORIZONS: Final = {
    StorylineKind.EVENT: timedelta(days=14),
    StorylineKind.SAGA: timedelta(days=365),
    None: timedelta(days=365),
}
"""Age at which a believed report is forgotten as readily as a new one that is not believed.  Who forgets his
near misses sooner takes the next ones for his own."""

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


def due(memory: Memory) -> bool:
    """Whether so much is pending that all should be judged again: the sooner, the less is known."""
    pending = len(memory.pending)
    if pending >= SETTLE_AFTER:
        return True
    least, most = _DOUBTFUL
    doubtful = 0
    for report in memory.pending:
        doubtful += least <= report.probability <= most
    taught = doubtful + (pending - doubtful) * _SURE
    return taught >= max(1, len(memory.settled) // SETTLE_SHARE)


def settle(
    storyline: CompiledStoryline, memory: Memory, model: Model, *, at: datetime
) -> tuple[Memory, tuple[Change, ...]]:
    """Judge all reports in `memory` again, as of event time `at`."""
    horizon = _HORIZONS[storyline.definition.kind]
    if not storyline.profile or not (memory.pending or len(memory.settled)):
        whole = (*memory.settled.whole(), *memory.pending)
        kept = Columns.of(whole).kept(horizon)
        return Memory(Settled.of([whole[n] for n in kept]), (), memory.copies), ()
    bare, everybody, shown, grid, columns = memory.gathered(storyline, horizon=horizon)
    told, crowd, worth = storyline.told, columns.crowd(shown, grid), columns.worth
    hood = Neighbourhood(told, crowd)
    impressed = model.impress_all(hood, crowd)
    # One that is not judged again is still a neighbour to others, and so makes a new impression.
    impressions, _ = _believed(impressed.log_odds, worth, bytearray(b"\1" * len(bare)))
    opinions = Opinions(told, crowd, impressions)
    weighed = model.weigh_all(opinions, crowd, impressed)
    window = settling_window(storyline)
    opened = columns.open_at(at, window)
    beliefs, scores = _believed(weighed.log_odds, worth, opened, columns)
    bar = bar_of(storyline, beliefs.tolist())
    before, decisions = columns.decisions, columns.decisions.copy()
    held, accepted = columns.beliefs, int(np.count_nonzero(beliefs >= TRUSTED))
    decide(side_by_side(beliefs), bar.fits, bar.possible, MIND, opened, side_by_side(decisions))
    changes = []
    for number in (decisions != before).nonzero()[0].tolist():
        brief, close = weighed.contexts[number].tolist()
        contexts, row = (brief, close), side_by_side(weighed.table[number])
        _, products = model.second.products(row, contexts)
        say = partial(said_of, row=row, accepted=accepted)
        parts = text_parts(model.parts(products, contexts), say)
        was, now = DECISIONS[int(before[number])], DECISIONS[int(decisions[number])]
        report = bare[number]
        parts = (*parts, *report.declared)
        why = why_changed(parts, held[number], beliefs[number], f"{accepted} of {len(bare)}")
        changes.append(_change(report, was, now, parts, bar, why))
    columns = columns.thought_of(decisions, scores, beliefs, impressions)
    # Newcomers meet what was just measured.
    measure = Measure(storyline, everybody, shown, hood, opinions, beliefs)
    settled = Settled(bare, columns, None, grid, measure)
    copies, followed = _follow(memory.copies, settled, at, window, bar)
    return Memory(settled, (), copies), (*changes, *followed)


def _believed(
    log_odds: Floats, worth: Floats, opened: bytearray, before: Columns | None = None
) -> tuple[Floats, Floats]:
    """Return the probabilities of reports and their scores; of those that are not `opened` as before."""
    beliefs = np.empty(len(opened)) if before is None else before.beliefs.copy()
    scores = np.empty(len(opened)) if before is None else before.scores.copy()
    declared = side_by_side(worth)
    believe(side_by_side(log_odds), declared, opened, side_by_side(scores), side_by_side(beliefs))
    return beliefs, scores


def _change(
    report: Remembered,
    was: Decision,
    now: Decision,
    parts: tuple[Contribution, ...],
    bar: Bar,
    why: str,
) -> Change:
    score, probability = conclude(parts)
    verb = "learned more" if now is Decision.FITS else "judged again"
    reason = f"{verb}: was {was.value}, now {now.value}; {why}"
    return Change(report.article, report.revision, now, probability, score, bar, parts, reason)


def _settled(report: Remembered, at: datetime, window: timedelta) -> bool:
    """Whether the report is so far in time that its decision stays."""
    return abs(at - report.event_time) > window


def _follow(
    copies: tuple[Remembered, ...], settled: Settled, at: datetime, window: timedelta, bar: Bar
) -> tuple[tuple[Remembered, ...], list[Change]]:
    """Let copies, but for those it is too late for, be thought of as their originals are."""
    renewed: list[Remembered] = []
    changes: list[Change] = []
    for copy in copies:
        place = settled.place(copy.original)
        if place is None or _settled(copy, at, window):
            renewed.append(copy)
            continue
        original = settled.report(place)
        if original.decision is copy.decision:
            renewed.append(copy)
            continue
        part = Contribution(
            name="copy",
            value=round(original.score, 6),
            detail=f"copy of “{original.title or original.article}” ({original.source})",
        )
        why = "as of what it copies"
        changes.append(_change(copy, copy.decision, original.decision, (part,), bar, why))
        renewed.append(
            copy._replace(
                decision=original.decision,
                score=original.score,
                probability=original.probability,
            )
        )
    return tuple(renewed), changes

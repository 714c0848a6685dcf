"""Decides: does a candidate fit its storyline, given what the storyline remembers?

Comes in: a candidate, the compiled storyline, its memory.  Goes out: a `Verdict`: the match, with
contributions that sum to its score and a reason in words, the memory after it, and changes of mind about
earlier reports.  A copy inherits its original's decision.  Deciding one by one or in batches is the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from math import fsum, log1p
from typing import Final

from nightdesk.dense.vectors import from_text
from nightdesk.ids import content_id
from nightdesk.numbers import side_by_side
from nightdesk.storylines.blend import MEANING
from nightdesk.storylines.compile import CompiledStoryline
from nightdesk.storylines.detailed import Details
from nightdesk.storylines.judging import Floats, bar_of, conclude, judge, text_parts
from nightdesk.storylines.meaning import standing_of
from nightdesk.storylines.memory import Memory
from nightdesk.storylines.model import Model, shipped_model
from nightdesk.storylines.nearness import Nearness
from nightdesk.storylines.neighbourhood import Newcomer
from nightdesk.storylines.packed import Packed
from nightdesk.storylines.quoting import explained, reason_of, words_of
from nightdesk.storylines.reading import Reading
from nightdesk.storylines.remembered import Remembered, shared
from nightdesk.storylines.rethinking import logistic
from nightdesk.storylines.score import declared_in
from nightdesk.storylines.settle import Change, due, settle
from nightdesk.storylines.weighing import rounded
from nightdesk.text.copies import Sketch, in_common, most_copied
from schemas import Candidate, Contribution, Decision, Likeness, Match

__all__ = ["Change", "Memory", "Verdict", "decide", "judge", "logistic", "match_id"]

_TITLE = 120

_NAN: Final = float("nan")

_COPY_LIKENESS = 0.2
"""Copies and rewrites have this much in common at the least, in words and their weights."""

_DECLARED_ALIKE = 1.0
"""... and their entities and cues add up to the same, or so nearly that no first cue lies between them."""


@dataclass(frozen=True)
class Verdict:
    """A decision, what the storyline remembers after it, and what it now thinks of earlier reports."""

    match: Match
    memory: Memory
    changes: tuple[Change, ...] = ()


def decide(
    candidate: Candidate,
    storyline: CompiledStoryline,
    memory: Memory,
    *,
    now: datetime,
    model: Model | None = None,
) -> Verdict:
    """Judge one candidate.  `memory` is unchanged; the verdict holds the one that follows it.

    An article's own earlier revisions have no vote; a revision older than the one remembered is
    judged and not remembered.
    """
    article = candidate.article
    model = model or shipped_model()
    report = _measured(candidate, storyline)
    known = memory.known(article.id)
    before = memory if known is None else memory.without(article.id)
    excluded = report.excluded
    measure = before.settled.measured(storyline) if storyline.profile else None
    met = measure.everybody.likeness(report.terms) if measure else None
    asked = None if met is None else newcomer(report, storyline, met)
    original = None if excluded else _original(report, storyline, before, asked)
    impression: float | None = None
    details: Details | None = None
    told: list[tuple[str, float]] = []
    parts = list(candidate.contributions) or [Contribution(name="static", value=candidate.score)]
    if original is not None:
        parts.append(_inherited(original, fsum(part.value for part in parts)))
    elif measure and asked is not None:
        opinion = model.judge(measure.hood, measure.opinions, asked)
        impression = logistic(opinion.impressed + report.worth)
        told = [*model.parts(opinion.products, opinion.contexts)]
        remembered, words, row = before.settled.bare, words_of(parts), opinion.row
        details = Details(words, storyline, remembered, measure, asked, row, candidate.rivals)
    score, probability = conclude(report.declared if details else parts, told)
    bar = bar_of(storyline, [*before.beliefs, probability], at_once=known is None)
    decision = Decision.NOT if excluded else judge(probability, bar)
    if original is not None and not excluded:
        decision = original.decision
    if details:
        # The rest takes time, and of what is refused hardly anybody reads it.
        say = details.named if decision is Decision.NOT else details.whole
        parts = [*text_parts(told, say), *report.declared]
    spans = candidate.spans
    if not spans and decision is not Decision.NOT:
        parts, spans = explained(parts, article, storyline, replace(report.terms, meaning=b""))
    match = Match(
        id=match_id(storyline.id, article.id),
        storyline=storyline.id,
        storyline_version=candidate.storyline_version,
        article=article,
        decision=decision,
        probability=probability,
        score=score,
        bar=bar,
        contributions=tuple(parts),
        spans=spans,
        reason=reason_of(parts),
        decided_at=now,
    )
    if known is not None and known.revision > article.revision:
        return Verdict(match, memory)
    after = before.remember(_with_opinion(report, match, original, impression), met)
    if original is not None or not due(after):
        return Verdict(match, after)
    return Verdict(match, *settle(storyline, after, model, at=article.event_time))


def match_id(storyline: str, article: str) -> str:
    """Return the id of the match of a storyline and an article, whatever is decided of them."""
    return content_id("match", storyline, article)


def _measured(candidate: Candidate, storyline: CompiledStoryline) -> Remembered:
    """Return the report as it would be remembered, undecided."""
    article = candidate.article
    likeness = candidate.likeness or _read(candidate, storyline)
    vector = from_text(likeness.dense)
    rival = max((rival.cosine for rival in candidate.rivals), default=None)
    cosine, rival = standing_of(storyline, likeness.cosine, rival, vector)
    return Remembered(
        article.id,
        article.revision,
        article.source,
        article.title[:_TITLE],
        article.event_time,
        article.published_at is not None,
        cosine,
        likeness.words,
        Packed.from_text(likeness.terms, vector),
        Sketch.from_text(likeness.sketch),
        rival,
        tuple(
            [
                shared(part.name, part.value, part.detail)
                for part in declared_in(candidate.contributions)
            ]
        ),
    )


def _read(candidate: Candidate, storyline: CompiledStoryline) -> Likeness:
    """Measure an article whose candidate does not say how near it comes: an older worker's."""
    return Nearness(Reading.of(candidate.article), storyline.rarity).likeness(storyline)


def newcomer(report: Remembered, storyline: CompiledStoryline, met: Floats) -> Newcomer:
    """Return a report as the model meets it; `met` is its likeness to the storyline's texts, then to all
    that has settled.
    """
    return Newcomer(
        report.cosine,
        side_by_side(met),
        storyline.shelf.size,
        log1p(report.words),
        report.days,
        _NAN if report.rival is None else report.rival,
    )


def _original(
    report: Remembered, storyline: CompiledStoryline, memory: Memory, asked: Newcomer | None
) -> Remembered | None:
    """Return the report that this one copies: no settled one whose words are others altogether, and none of
    other entities and cues, for "failed to agree" may be all that tells two reports apart.
    """
    settled, sketch = memory.settled, report.sketch
    # Words in common never count less than their share, whatever the meaning.
    least = _COPY_LIKENESS * (1.0 - MEANING) if report.terms.meaning else _COPY_LIKENESS
    near = [
        (settled.bare[place], runs, common)
        for place, runs, common in settled.columns.sketches.common(sketch)
        if asked is None or asked.met[asked.texts + place] >= least
    ]
    near += in_common(sketch, memory.pending)
    if near and storyline.phrases:
        worth = report.worth
        near = [one for one in near if abs(one[0].worth - worth) < _DECLARED_ALIKE]
    found = most_copied(sketch, report.event_time, near) if near else None
    return None if found is None else memory.known(found.article)


def _with_opinion(
    report: Remembered, match: Match, original: Remembered | None, impression: float | None
) -> Remembered:
    thought = report.thought_of(
        match.decision,
        match.score,
        rounded(match.probability),
        rounded(match.probability if impression is None else impression),
    )
    return thought if original is None else thought._replace(original=original.article)


def _inherited(original: Remembered, score: float) -> Contribution:
    detail = f"copy of “{original.title or original.article}” ({original.source}), which "
    detail += {
        Decision.FITS: "fits",
        Decision.POSSIBLE: "is possible",
        Decision.NOT: "does not fit",
    }[original.decision]
    return Contribution(name="copy", value=round(original.score - score, 6), detail=detail)

"""Nominates: one article meets all storylines, and the few that it might fit are named.

Comes in: an article and the index.  Goes out: candidates with a static score and its contributions; the
words that earned it are told where a decision needs them.  Tokenise once; find the phrases; ask the gate
which storylines could reach their floor; score only those.  Whether a storyline is named depends on that
storyline and the article alone.
"""

from __future__ import annotations

from datetime import datetime

from nightdesk.ids import content_id
from nightdesk.storylines import weights
from nightdesk.storylines.compile import CompiledStoryline, Role
from nightdesk.storylines.index import Index
from nightdesk.storylines.nearness import Nearness
from nightdesk.storylines.reading import Found, Place, Reading
from nightdesk.storylines.score import Assessment, Hit, assess
from nightdesk.text.entities import PhraseBook
from schemas import Article, Candidate


def nominate(article: Article, index: Index, *, now: datetime) -> tuple[Candidate, ...]:
    """Return the candidates of one article, ordered by storyline."""
    if not index.storylines:
        return ()
    reading = Reading.of(article)
    found = find_phrases(reading, index)
    gained = index.mentions.gained(found)
    nearness = Nearness(reading, index.rarity)
    reached = index.gate.open_to(reading, gained)
    if not reached:
        return ()
    mentioned = set(gained[0].tolist())
    candidates = []
    for place in reached:
        storyline = index.placed[place]
        if not admits(storyline, article):
            continue
        own = hits_of(storyline, found, index) if place in mentioned else []
        assessment = assess(reading, storyline, own, explain=False)
        excluded = any(role is Role.EXCLUSION for _, role, _ in own)
        if assessment.score - excluded * weights.EXCLUDED >= storyline.floor:
            candidate = _candidate(article, storyline, assessment, nearness, index, now)
            candidates.append(candidate)
    return tuple(sorted(candidates, key=lambda candidate: candidate.storyline))


def assess_article(article: Article, index: Index, storyline: str) -> Assessment:
    """Score an article for one storyline whether or not it would be nominated: for explanations."""
    reading = Reading.of(article)
    compiled = index.storylines[storyline]
    return assess(reading, compiled, hits_of(compiled, find_phrases(reading, index), index))


def find_phrases(reading: Reading, index: Index) -> dict[int, list[Place]]:
    """Return the phrases of the index that stand in the article, with their places in it."""
    return reading.find(index.mentions.book)


def assess_alone(article: Article, storyline: CompiledStoryline) -> Assessment:
    """Score and explain an article for a storyline that stands in no index."""
    reading = Reading.of(article)
    book = PhraseBook(phrase for phrase, _, _ in storyline.phrases)
    return assess(reading, storyline, _hits(storyline, reading.find(book), book))


def hits_of(storyline: CompiledStoryline, found: dict[int, list[Place]], index: Index) -> list[Hit]:
    """Return what the phrases found mean to a storyline, in reading order."""
    return _hits(storyline, found, index.mentions.book)


def admits(storyline: CompiledStoryline, article: Article) -> bool:
    """Whether window, languages and sources let this article in.  An unknown language may enter."""
    window = storyline.definition.window
    when = article.event_time
    if (window.since and when < window.since) or (window.until and when > window.until):
        return False
    if storyline.languages and article.language not in {*storyline.languages, "und"}:
        return False
    return not storyline.sources or article.source.casefold() in storyline.sources


def _hits(
    storyline: CompiledStoryline, found: dict[int, list[Place]], book: PhraseBook
) -> list[Hit]:
    hits = [
        (Found(*place), role, number)
        for phrase, role, number in storyline.phrases
        if (filed := book.number(phrase)) is not None and filed in found
        for place in found[filed]
    ]
    return sorted(hits) if len(hits) > 1 else hits


def _candidate(
    article: Article,
    storyline: CompiledStoryline,
    assessment: Assessment,
    nearness: Nearness,
    index: Index,
    now: datetime,
) -> Candidate:
    name, version = storyline.id, storyline.version
    return Candidate(
        id=content_id("candidate", name, version, article.id, article.revision),
        storyline=name,
        storyline_version=version,
        article=article,
        score=assessment.score,
        contributions=assessment.contributions,
        likeness=nearness.likeness(storyline),
        rivals=nearness.rivals(storyline, index.storylines),
        nominated_at=now,
    )

"""Nominates: one article meets all storylines, and the few that it might fit are named.

Comes in: an article and the index.  Goes out: candidates with a static score and its contributions, and
the words that earned it where it is likely to fit, since they have just been read.  Tokenise once; find
the firm phrases; ask the gate which storylines could reach their floor; score only those.  Whether a
storyline is named depends on that storyline and the article alone.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from math import inf

from nightdesk.ids import content_id
from nightdesk.storylines import weights
from nightdesk.storylines.compile import CompiledStoryline, Role
from nightdesk.storylines.index import Index
from nightdesk.storylines.mentions import Named
from nightdesk.storylines.nearness import Nearness
from nightdesk.storylines.reading import Found, Reading
from nightdesk.storylines.rivalry import beside_rivals
from nightdesk.storylines.score import Assessment, Hit, assess
from nightdesk.text.entities import Phrase, PhraseBook
from schemas import Article, Candidate


def nominate(article: Article, index: Index, *, now: datetime) -> tuple[Candidate, ...]:
    """Return the candidates of one article, ordered by storyline."""
    if not index.storylines:
        return ()
    reading = Reading.of(article)
    firm = index.mentions.find(reading, index.rarity.lexicon)
    reached = index.gate.open_to(reading, index.mentions.gained(firm))
    if not reached:
        return ()
    let_in = [s for place in reached if admits(s := index.placed[place], article)]
    found = index.mentions.named(reading, firm, let_in)
    nearness = Nearness(reading, index.rarity)
    assessed, named = {}, []
    for storyline in let_in:
        cosine = nearness.cosine(storyline)
        if cosine < storyline.least_cosine:
            continue
        own = hits_of(storyline, found)
        likely = bool(own) or cosine >= weights.QUOTED_NEAR * storyline.near
        quoted = weights.QUOTED if likely else inf
        assessed[storyline.id] = assessment = assess(reading, storyline, own, explained_from=quoted)
        excluded = any(role is Role.EXCLUSION for _, role, _ in own)
        if assessment.score - excluded * weights.EXCLUDED >= storyline.floor:
            named.append(storyline)
    candidates = [
        _candidate(article, s, beside_rivals(s, assessed), nearness, index, now) for s in named
    ]
    return tuple(sorted(candidates, key=lambda candidate: candidate.storyline))


def assess_article(article: Article, index: Index, storyline: str) -> Assessment:
    """Score an article for one storyline whether or not it would be nominated: for explanations."""
    return assess_alone(article, index.storylines[storyline])


def assess_alone(article: Article, storyline: CompiledStoryline) -> Assessment:
    """Score and explain an article for a storyline that need not stand in an index."""
    reading = Reading.of(article)
    return assess(reading, storyline, hits_in(reading, storyline))


def hits_in(reading: Reading, storyline: CompiledStoryline) -> list[Hit]:
    """Return where the phrases of one storyline stand in an article, in reading order."""
    book = _book(storyline.phrases)
    found = reading.find(book)
    return hits_of(storyline, {book.phrases[number]: places for number, places in found.items()})


@lru_cache(maxsize=256)
def _book(phrases: tuple[tuple[Phrase, Role, int], ...]) -> PhraseBook:
    return PhraseBook(phrase for phrase, _, _ in phrases)


def hits_of(storyline: CompiledStoryline, found: Named) -> list[Hit]:
    """Return what the phrases found mean to a storyline, in reading order."""
    hits = [
        (Found(*place), role, number)
        for phrase, role, number in storyline.phrases
        if phrase in found
        for place in found[phrase]
    ]
    return sorted(hits) if len(hits) > 1 else hits


def admits(storyline: CompiledStoryline, article: Article) -> bool:
    """Whether window, languages and sources let this article in.  An unknown language may enter."""
    window = storyline.definition.window
    when = article.event_time
    if (window.since and when < window.since) or (window.until and when > window.until):
        return False
    if storyline.languages and article.language not in {*storyline.languages, "und"}:
        return False
    return not storyline.sources or article.source.casefold() in storyline.sources


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
        spans=assessment.spans,
        likeness=nearness.likeness(storyline),
        rivals=nearness.rivals(storyline, index.storylines),
        nominated_at=now,
    )

"""One article and one storyline: what was decided, what would be, and why.

Comes in: an article and a storyline, and the archive where there is one.  Goes out: an `Explanation`:
the recorded match with all its versions if there is one; else what the definition makes of the
article, with what the storyline remembers, through the same nominate and decide.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from nightdesk.archive import definitions, matches
from nightdesk.archive import memory as checkpoints
from nightdesk.dense.encoder import Encoder
from nightdesk.errors import ArchiveError
from nightdesk.pipeline import rarity as rarities
from nightdesk.storylines.compile import CompiledStoryline, compile_storylines
from nightdesk.storylines.decide import Memory, decide, logistic, match_id
from nightdesk.storylines.index import Index
from nightdesk.storylines.meaning import encoded, with_meaning
from nightdesk.storylines.missing import Missing, missing
from nightdesk.storylines.nominate import assess_article, nominate
from nightdesk.storylines.quoting import explained
from nightdesk.storylines.rarity import Rarity, shipped_rarity
from schemas import Article, Candidate, Decision, Match, Storyline
from schemas.candidate import Rival


@dataclass(frozen=True)
class Explanation:
    """`match` is the last word; `history` all recorded versions of it, empty where it was computed.

    `definition` is the one that judged.  `named` is False where `nominate` passes the article over:
    then the score is that of the words alone, and lies below `floor` or something bars the way.
    `rivals` are the storylines that it names as rivals and that the article comes near to, `remembered`
    counts the reports that took part as neighbours; both are known only where the match was computed.
    `rarity` is what words were weighed with to say what is missing.
    """

    match: Match
    definition: Storyline
    missing: Missing
    named: bool
    floor: float
    history: tuple[Match, ...] = ()
    rivals: tuple[Rival, ...] = ()
    remembered: int = 0
    rarity: Rarity = field(default_factory=shipped_rarity, repr=False, compare=False)

    @property
    def barred(self) -> tuple[str, ...]:
        """Why it does not fit whatever its words are worth, in words; empty where that is up to them."""
        if self.match.decision is not Decision.NOT:
            return ()
        shut = () if self.named else self.missing.barred
        return *shut, *[
            f"it says “{phrase}”, which is excluded" for phrase in self.missing.excluded
        ]

    @property
    def recorded(self) -> bool:
        """Whether this was decided when the article came, and not computed now."""
        return bool(self.history)


def explain_recorded(
    connection: Connection, article: Article, storyline: str, rivals: Iterable[Storyline] = ()
) -> Explanation | None:
    """Return what was decided about `article`; None where nothing is recorded.  Raises ArchiveError."""
    history = matches.history(connection, match_id(storyline, article.id))
    if not history:
        return None
    match = history[-1]
    definition = _definition(connection, match)
    rarity = rarities.in_force(connection)
    index = _index(definition, match.storyline_version, rivals, rarity)
    return Explanation(
        match=_in_words(match, index.storylines[storyline]),
        definition=definition,
        missing=missing(match.article, index, storyline),
        named=True,
        floor=index.storylines[storyline].floor,
        history=tuple(history),
        rarity=rarity,
    )


def explain_anew(
    article: Article,
    storyline: Storyline,
    version: int,
    *,
    rivals: Iterable[Storyline] = (),
    memory: Memory | None = None,
    rarity: Rarity | None = None,
    encoder: Encoder | None = None,
    now: datetime,
) -> Explanation:
    """Return what `storyline` makes of `article`, remembering `memory` (nothing, if None).

    Words are weighed by `rarity`, by the shipped one if None.
    """
    rarity = rarity or shipped_rarity()
    index = _index(storyline, version, rivals, rarity)
    compiled = index.storylines[storyline.id]
    lacks = missing(article, index, storyline.id)
    remembered = memory or Memory()
    named = [c for c in nominate(article, index, now=now) if c.storyline == storyline.id]
    if encoder is not None and named:
        named, compiled = encoded(named, encoder), with_meaning(compiled, encoder)
    candidate = named[0] if named else None
    match = (
        _passed_over(article, index, storyline.id, lacks, now)
        if candidate is None
        else _in_words(decide(candidate, compiled, remembered, now=now).match, compiled)
    )
    return Explanation(
        match=match,
        definition=storyline,
        missing=lacks,
        named=candidate is not None,
        floor=compiled.floor,
        rivals=candidate.rivals if isinstance(candidate, Candidate) else (),
        remembered=len(remembered.reports),
        rarity=rarity,
    )


def memory_of(connection: Connection, storyline: str) -> Memory:
    """Return what a storyline remembers.  Raises ArchiveError where that cannot be read."""
    saved = checkpoints.load(connection, storyline)
    return Memory.from_bytes(saved[1]) if saved else Memory()


def _passed_over(
    article: Article, index: Index, storyline: str, lacks: Missing, now: datetime
) -> Match:
    """Return the `not` of an article that `nominate` passes over, which nobody ever records."""
    assessment = assess_article(article, index, storyline)
    why = "; ".join(lacks.barred) or "its words are too far from the storyline's to be looked at"
    return Match(
        id=match_id(storyline, article.id),
        storyline=storyline,
        storyline_version=index.storylines[storyline].version,
        article=article,
        decision=Decision.NOT,
        probability=logistic(assessment.score),
        score=assessment.score,
        contributions=assessment.contributions,
        spans=assessment.spans,
        reason=f"never named: {why}",
        decided_at=now,
    )


def _in_words(match: Match, storyline: CompiledStoryline) -> Match:
    """Return the match with words named and quoted, which is left out where nobody is told of it."""
    if match.spans:
        return match
    parts, spans = explained(match.contributions, match.article, storyline)
    return match.model_copy(update={"contributions": tuple(parts), "spans": spans})


def _index(
    storyline: Storyline, version: int, rivals: Iterable[Storyline], rarity: Rarity
) -> Index:
    others = [(rival, 1) for rival in rivals if rival.enabled and rival.id != storyline.id]
    return compile_storylines([(storyline, version), *others], rarity=rarity)


def _definition(connection: Connection, match: Match) -> Storyline:
    """Return the version of the storyline that judged `match`."""
    found = [
        stored.definition
        for stored in definitions.history(connection, "storyline", match.storyline)
        if stored.version <= match.storyline_version and isinstance(stored.definition, Storyline)
    ]
    if not found:
        raise ArchiveError(
            f"the archive holds a match of storyline {match.storyline!r}, but no definition of it",
            hint="definitions are never deleted by Nightdesk: bring the archive's copy back",
        )
    return found[-1]

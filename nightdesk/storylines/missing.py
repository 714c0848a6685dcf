"""What an article lacks to fit a storyline: who is not named, what is not said, what shuts it out.

Comes in: an article, an index, and the storyline's id.  Goes out: `Missing`.  What a mention would be
worth is not computed from weights but tried: the article is scored again by a storyline that goes by a
name, or a cue, which the article does hold.  So it is right for whatever the model makes of a mention.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from nightdesk.storylines.compile import CompiledStoryline, Role, compile_storyline
from nightdesk.storylines.index import Index
from nightdesk.storylines.nominate import hits_in
from nightdesk.storylines.rarity import Rarity
from nightdesk.storylines.reading import Reading
from nightdesk.storylines.score import Hit, assess
from nightdesk.text.written import plain
from schemas import Article, Storyline

_WORDS = 12
_TRIED = 5
"""Words of the article that are tried as a name or a cue: not every word can be one."""


@dataclass(frozen=True)
class Lack:
    """An entity, or all supporting cues: any one of `any_of` would do, and would add `gain` log-odds."""

    name: str
    any_of: tuple[str, ...]
    gain: float
    optional: bool = False


@dataclass(frozen=True)
class Missing:
    """What an article lacks, and what stands in its way.

    `words` are the heaviest words of the storyline's own texts that the article does not hold; `cue`
    is there where cues are declared and none is said.  `opposed` are opposing cues that it says,
    `excluded` exclusions, `barred` the reasons for which it is not even looked at.
    """

    entities: tuple[Lack, ...] = ()
    cue: Lack | None = None
    words: tuple[str, ...] = ()
    opposed: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    barred: tuple[str, ...] = ()


def missing(article: Article, index: Index, storyline: str) -> Missing:
    """Return what `article` lacks for `storyline`, which the index must hold."""
    compiled = index.storylines[storyline]
    definition = compiled.definition
    reading = Reading.of(article)
    hits = hits_in(reading, compiled)
    said = _said(hits)
    score = assess(reading, compiled, hits).score
    entities = tuple(
        Lack(
            entity.name,
            entity.any_of,
            _worth(reading, compiled, score, Role.ENTITY, number),
            entity.optional,
        )
        for number, entity in enumerate(definition.entities)
        if number not in said[Role.ENTITY]
    )
    cues = definition.cues.supporting
    cue = None
    if cues and not said[Role.SUPPORTING]:
        cue = Lack("a supporting cue", cues, _worth(reading, compiled, score, Role.SUPPORTING, 0))
    return Missing(
        entities=tuple(sorted(entities, key=lambda lack: (lack.optional, -lack.gain))),
        cue=cue,
        words=_absent_words(compiled, reading),
        opposed=tuple(definition.cues.opposing[n] for n in sorted(said[Role.OPPOSING])),
        excluded=tuple(definition.exclusions[n] for n in sorted(said[Role.EXCLUSION])),
        barred=tuple(barriers(compiled, article)),
    )


def barriers(storyline: CompiledStoryline, article: Article) -> list[str]:
    """Return, in words, why `admits` keeps this article out; empty where it does not."""
    definition, when = storyline.definition, article.event_time
    window, found = definition.window, []
    happened = "it happened" if article.published_at else "it has no date and was seen"
    if window.since and when < window.since:
        found.append(f"{happened} {_when(when)}, before the window opens {_when(window.since)}")
    if window.until and when > window.until:
        found.append(f"{happened} {_when(when)}, after the window closed {_when(window.until)}")
    if storyline.languages and article.language not in {*storyline.languages, "und"}:
        wanted = ", ".join(sorted(storyline.languages))
        found.append(f"its language is {article.language}, the storyline takes {wanted}")
    if storyline.sources and article.source.casefold() not in storyline.sources:
        wanted = ", ".join(definition.sources)
        found.append(f"its source is {article.source}, the storyline takes {wanted}")
    return found


def _when(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def _said(hits: Sequence[Hit]) -> dict[Role, set[int]]:
    """Return the numbers of the entities, cues and exclusions that the article mentions."""
    said: dict[Role, set[int]] = {role: set() for role in Role}
    for _, role, number in hits:
        said[role].add(number)
    return said


def _worth(
    reading: Reading, storyline: CompiledStoryline, score: float, role: Role, number: int
) -> float:
    """Return by how much a mention would raise the static `score`; 0 where nothing can be tried."""
    taken = {word for phrase, _, _ in storyline.phrases for word in plain(phrase)}
    held = (
        w for w in reading.counts if w.isalpha() and w not in taken and storyline.rarity.weight(w)
    )
    for word in islice(held, _TRIED):
        mentioned = compile_storyline(
            _with_phrase(storyline.definition, role, number, word),
            storyline.version,
            rarity=storyline.rarity,
        )
        hits = hits_in(reading, mentioned)
        if any((its, place) == (role, number) for _, its, place in hits):
            return assess(reading, mentioned, hits).score - score
    return 0.0


def _with_phrase(storyline: Storyline, role: Role, number: int, phrase: str) -> Storyline:
    """Return the storyline with one more name of an entity, or one more way to say a cue."""
    if role is Role.ENTITY:
        entities = tuple(
            e.model_copy(update={"any_of": (*e.any_of, phrase)}) if n == number else e
            for n, e in enumerate(storyline.entities)
        )
        return storyline.model_copy(update={"entities": entities})
    cues = list(storyline.cues.supporting)
    cues[number] = phrase
    update = {"supporting": tuple(cues)}
    return storyline.model_copy(update={"cues": storyline.cues.model_copy(update=update)})


def _absent_words(storyline: CompiledStoryline, reading: Reading) -> tuple[str, ...]:
    """Return the heaviest words of the exemplars that the article has in no form."""
    rarity, profile = storyline.rarity, storyline.profile
    absent = [term for term in profile if term not in reading.terms(rarity)]
    heaviest = sorted(absent, key=lambda term: (-profile[term], term))
    definition = storyline.definition
    texts = [Reading(e.title, e.description, e.text) for e in definition.exemplars]
    texts.append(Reading(definition.title, definition.description, ""))
    # A day has several terms, which are spelled alike.
    spelled = dict.fromkeys(_spelled(term, texts, rarity) for term in heaviest[: 2 * _WORDS])
    return tuple(islice(spelled, _WORDS))


def _spelled(term: str, texts: Sequence[Reading], rarity: Rarity) -> str:
    words = (text.spelled(rarity, term) for text in texts if term in text.terms(rarity))
    return next(words, term)

"""Aliases, cues and exclusions that cannot do their work: too common, too long, or repeated.

Comes in: the storylines of a file.  Goes out: findings.  Phrases are read as the engine reads them, so
that what it would ignore or find everywhere is told of.  A phrase that every article holds is an error, for
the storyline would match (or exclude) all the news there is; one that very many hold is a warning.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Sequence

from nightdesk.bundles.contract import Part
from nightdesk.bundles.contradictions import contradictions
from nightdesk.bundles.given import Given, given, phrases_of
from nightdesk.bundles.problems import Finding, Path, shorten
from nightdesk.storylines.rarity import Rarity
from nightdesk.storylines.spoken import UNTOLD, Spoken
from nightdesk.storylines.stop_words import LATIN, is_stop_word
from nightdesk.text.entities import LONGEST_PHRASE, Phrase
from nightdesk.text.folding import ACRONYMS
from nightdesk.text.tokens import fold
from nightdesk.text.written import Written
from schemas import Storyline

_LOOKED_AT = 3_000

LONGEST = 300
"""Characters of a phrase; what is longer is a sentence that no second report will repeat."""

MANY_CUES = 2.5
"""Nats of rarity up to which a cue of one word stands in too many reports: one in twelve."""

MANY_EXCLUSIONS = 3.5
"""The same for exclusions, which do more harm: one report in 33."""


def check_phrases(parts: Iterable[Part], rarity: Rarity) -> Iterator[Finding]:
    """Find the phrases of storylines that cannot do their work."""
    for part in parts:
        if isinstance(part.readable, Storyline):
            spoken = Spoken.of(part.readable)
            phrases = list(phrases_of(part.path, part.readable, spoken))
            yield from _too_common(phrases, rarity, spoken)
            yield from _too_long(phrases)
            yield from _repeated(phrases)
            yield from _same_name(part.path, part.readable)
            yield from contradictions(part.readable, phrases, spoken)


def why_too_common(phrase: str, languages: Collection[str] = UNTOLD) -> str | None:
    """Return why nearly every article in `languages` holds `phrase` (or none can), or None.

    "US", "WHO" and "IT" are names, "us", "who" and "it" are not: such acronyms are told by capitals.
    """
    return _why_too_common(given((), "alias", phrase, Spoken(tuple(languages))))


def _why_too_common(phrase: Given) -> str | None:
    if phrase.forms:
        return None
    words = fold(phrase.text[:_LOOKED_AT])
    if not words:
        return "holds no letter and no digit"
    if all(len(word) == 1 for word in words):
        return "is a single character" if len(words) == 1 else "holds only single characters"
    return "holds only words that nearly every article holds"


def _too_common(phrases: Iterable[Given], rarity: Rarity, spoken: Spoken) -> Iterator[Finding]:
    for one in phrases:
        path, what, text, forms = one
        if why := _why_too_common(one):
            effect = "exclude everything" if what == "exclusion" else "match everything"
            yield Finding(
                path,
                f"the {what} {shorten(text)} {why}: it would {effect}",
                _longer(what, text.strip(), spoken),
            )
        elif others := _common_elsewhere(forms, spoken):
            yield _everywhere_else(path, what, text, others, spoken)
        elif share := _share(what, text, forms, rarity):
            yield Finding(
                path,
                f"the {what} {shorten(text)} stands in about one report in {share} of any kind",
                "write it with the words around it that only this storyline has",
                "warning",
            )


def _everywhere_else(
    path: Path, what: str, text: str, others: Sequence[str], spoken: Spoken
) -> Finding:
    from nightdesk.text.language_codes import language_name

    return Finding(
        path,
        f"the {what} {shorten(text)} stands in nearly every report in"
        f" {', '.join(map(language_name, others))}; such reports are let in",
        f"say which languages count, as in `languages: [{', '.join(spoken.own)}]`, or write a longer"
        " phrase",
        "warning",
    )


def _common_elsewhere(forms: tuple[Phrase, ...], spoken: Spoken) -> list[str]:
    """Return the languages, not those of the storyline, whose reports come in and all hold a phrase."""
    if spoken.declared or isinstance(forms[0], Written):
        return []
    return [code for code in LATIN if all(is_stop_word(word, (code,)) for word in forms[0])]


def _longer(what: str, text: str, spoken: Spoken) -> str:
    from nightdesk.text.gazetteer import country_codes, english_name

    hint = "write a longer phrase"
    if not spoken.declared and spoken.own != UNTOLD:
        hint += f"; or declare `languages`, if they are others than {', '.join(spoken.own)}"
    if text.upper() in ACRONYMS:
        hint += f"; an acronym counts as one when it is in capitals: {text.upper()}"
    if what == "alias" and (code := text.upper()) in country_codes():
        hint += f'; all names of {english_name(code)} are `country: "{code}"`'
    return hint


def _share(what: str, text: str, forms: tuple[Phrase, ...], rarity: Rarity) -> int:
    """Return in every which report of news at large a one-word phrase stands, 0 where that is rare."""
    telling = [weight for word in forms[0] if (weight := rarity.weight(word))]
    if len(telling) != 1 or isinstance(forms[0], Written):
        return 0
    # A name may be in all the news and yet be a name: only small letters make a common word of it.
    most = {"exclusion": MANY_EXCLUSIONS, "alias": MANY_CUES if text.islower() else 0.0}
    return round(math.exp(telling[0])) if telling[0] <= most.get(what, MANY_CUES) else 0


def _too_long(phrases: Iterable[Given]) -> Iterator[Finding]:
    for path, what, text, forms in phrases:
        words = len(fold(text[:_LOOKED_AT]))
        if forms and words > LONGEST_PHRASE:
            long = (
                f"{words} words long; only the first {LONGEST_PHRASE} are looked for, in this order"
            )
        elif len(text) > LONGEST:
            long = f"{len(text):,} characters long; no report will hold it"
        else:
            continue
        yield Finding(
            path,
            f"the {what} {shorten(text)} is {long}",
            "write a few telling words; a whole report belongs into `exemplars`",
            "warning",
        )


def _repeated(phrases: Iterable[Given]) -> Iterator[Finding]:
    seen: set[tuple[Path, str, tuple[Phrase, ...]]] = set()
    for path, what, text, forms in phrases:
        entry = (path[:-1], _plain(text), forms[:1])
        if entry in seen:
            yield Finding(
                path,
                f"the {what} {shorten(text)} stands in this list already",
                "remove one of the two; capitals and spaces make no difference",
                "warning",
            )
        seen.add(entry)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _same_name(path: Path, storyline: Storyline) -> Iterator[Finding]:
    names: set[str] = set()
    for number, entity in enumerate(storyline.entities):
        name = _plain(entity.name)
        if name in names:
            yield Finding(
                (*path, "entities", number, "name"),
                f"two entities of this storyline are called {shorten(entity.name)}",
                "put all aliases into one entity, or give the second another name",
                "warning",
            )
        names.add(name)

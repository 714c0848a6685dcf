"""Aliases, cues and exclusions that cannot do their work: too common, repeated, or contradictory.

Comes in: the storylines of a file.  Goes out: findings.  Phrases are read as the engine reads them, so
that what it would ignore or find everywhere is told of.  A phrase that every article holds is an error, for
the storyline would match (or exclude) all the news there is; one that very many hold is a warning.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from nightdesk.bundles.contract import Part
from nightdesk.bundles.languages import told_in
from nightdesk.bundles.problems import Finding, Path, shorten
from nightdesk.bundles.stop_words import LATIN, is_stop_word
from nightdesk.storylines.rarity import Rarity, shipped_rarity
from nightdesk.text.entities import LONGEST_PHRASE, Phrase, PhraseBook, variants
from nightdesk.text.folding import ACRONYMS
from nightdesk.text.tokens import Tokens, fold
from schemas import Storyline

LONGEST = 300
"""Characters of a phrase; what is longer is a sentence that no second report will repeat."""

MANY_CUES = 2.5
"""Nats of rarity up to which a cue of one word stands in too many reports: one in twelve."""

MANY_EXCLUSIONS = 3.5
"""The same for exclusions, which do more harm: one report in 33."""


class _Given(NamedTuple):
    """A phrase of a storyline: where it stands, what it is there for, as written and as read."""

    path: Path
    what: str
    text: str
    forms: tuple[Phrase, ...]


def check_phrases(parts: Iterable[Part], rarity: Rarity) -> Iterator[Finding]:
    """Find the phrases of storylines that cannot do their work."""
    for part in parts:
        if isinstance(part.readable, Storyline):
            given = list(_phrases(part.path, part.readable))
            yield from _too_common(given, rarity, _languages(given, part.readable))
            yield from _too_long(given)
            yield from _repeated(given)
            yield from _same_name(part.path, part.readable)
            yield from _contradictory(part.readable, given)


def why_too_common(phrase: str, languages: Collection[str] = ()) -> str | None:
    """Return why nearly every article in `languages` holds `phrase` (or none can), or None.

    "US", "WHO" and "IT" are names, "us", "who" and "it" are not: such acronyms are told by capitals.
    """
    forms = variants(phrase)
    if not forms:
        return "holds no letter and no digit"
    words = forms[0]
    if all(len(word) == 1 for word in words):
        return "is a single character" if len(words) == 1 else "holds only single characters"
    weight = shipped_rarity().weight
    if not any(weight(word) and not is_stop_word(word, languages) for word in words):
        return "holds only words that nearly every article holds"
    return None


def _languages(given: Iterable[_Given], storyline: Storyline) -> Collection[str]:
    """Return the languages of a storyline where one of its phrases hangs on them, else none: to tell the
    language of a text loads a model, which takes half a second."""
    texts = (text for _, _, text, _ in given)
    hangs = any(why_too_common(text, LATIN) and not why_too_common(text) for text in texts)
    return told_in(storyline) if hangs else ()


def _phrases(path: Path, storyline: Storyline) -> Iterator[_Given]:
    for number, entity in enumerate(storyline.entities):
        for index, alias in enumerate(entity.any_of):
            yield _given((*path, "entities", number, "any_of", index), "alias", alias)
    for name, cues in (
        ("supporting", storyline.cues.supporting),
        ("opposing", storyline.cues.opposing),
    ):
        for index, cue in enumerate(cues):
            yield _given((*path, "cues", name, index), f"{name} cue", cue)
    for index, exclusion in enumerate(storyline.exclusions):
        yield _given((*path, "exclusions", index), "exclusion", exclusion)


def _given(path: Path, what: str, text: str) -> _Given:
    return _Given(path, what, text, variants(text))


def _too_common(
    given: Iterable[_Given], rarity: Rarity, languages: Collection[str]
) -> Iterator[Finding]:
    for path, what, text, forms in given:
        if why := why_too_common(text, languages):
            effect = "exclude everything" if what == "exclusion" else "match everything"
            yield Finding(
                path,
                f"the {what} {shorten(text)} {why}: it would {effect}",
                _longer(what, text.strip()),
            )
        elif share := _share(what, text, forms, rarity):
            yield Finding(
                path,
                f"the {what} {shorten(text)} stands in about one report in {share} of any kind",
                "write it with the words around it that only this storyline has",
                "warning",
            )


def _longer(what: str, text: str) -> str:
    from nightdesk.text.gazetteer import country_codes, english_name

    hint = "write a longer phrase"
    if text.upper() in ACRONYMS:
        hint += f"; an acronym counts as one when it is in capitals: {text.upper()}"
    if what == "alias" and (code := text.upper()) in country_codes():
        hint += f'; all names of {english_name(code)} are `country: "{code}"`'
    return hint


def _share(what: str, text: str, forms: tuple[Phrase, ...], rarity: Rarity) -> int:
    """Return in every which report of news at large a one-word phrase stands, 0 where that is rare."""
    telling = [weight for word in forms[0] if (weight := rarity.weight(word))]
    if len(telling) != 1:
        return 0
    # A name may be in all the news and yet be a name: only small letters make a common word of it.
    most = {"exclusion": MANY_EXCLUSIONS, "alias": MANY_CUES if text.islower() else 0.0}
    return round(math.exp(telling[0])) if telling[0] <= most.get(what, MANY_CUES) else 0


def _too_long(given: Iterable[_Given]) -> Iterator[Finding]:
    for path, what, text, forms in given:
        words = len(fold(text[: LONGEST * 10]))
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


def _repeated(given: Iterable[_Given]) -> Iterator[Finding]:
    seen: set[tuple[Path, str]] = set()
    for path, what, text, _ in given:
        entry = (path[:-1], _plain(text))
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


def _contradictory(storyline: Storyline, given: Iterable[_Given]) -> Iterator[Finding]:
    opposing = {g.forms[0] for g in given if g.what == "opposing cue" and g.forms}
    optional = {number for number, entity in enumerate(storyline.entities) if entity.optional}
    wanted: set[Phrase] = set()
    for place, what, text, forms in given:
        if what == "supporting cue" and forms and forms[0] in opposing:
            yield Finding(
                place,
                f"the cue {shorten(text)} is supporting and opposing at once",
                "remove it from one of the two lists",
            )
        if what == "supporting cue" or (what == "alias" and place[-3] not in optional):
            wanted.update(forms)
    exclusions = [g for g in given if g.what == "exclusion" and g.forms]
    if not exclusions:
        return
    held = _held(storyline, exclusions)
    for place, _, text, forms in exclusions:
        if wanted.intersection(forms):
            yield Finding(
                place,
                f"the exclusion {shorten(text)} is a phrase that the storyline looks for",
                "remove it here, or there",
            )
            continue
        for number in sorted({n for form in forms for n in held.get(form, ())}):
            yield Finding(
                place,
                f"the exclusion {shorten(text)} occurs in exemplars[{number}], "
                "which would be excluded itself",
                "narrow the exclusion, or choose another exemplar",
                "warning",
            )


def _held(storyline: Storyline, exclusions: Iterable[_Given]) -> dict[Phrase, list[int]]:
    """Return exclusion -> the exemplars that hold it, found as the engine finds it."""
    book = PhraseBook()
    forms = {book.add(form): form for given in exclusions for form in given.forms}
    held: dict[Phrase, list[int]] = {}
    for number, exemplar in enumerate(storyline.exemplars):
        for field in (exemplar.title, exemplar.description, exemplar.text):
            for occurrence in book.find(Tokens(field)):
                held.setdefault(forms[occurrence.phrase], []).append(number)
    return held

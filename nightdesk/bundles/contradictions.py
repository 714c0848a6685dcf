"""Storylines that look for what they rule out: cues for and against, exclusions of what is looked for.

Comes in: a storyline and its phrases.  Goes out: findings.  Phrases are compared in all the forms that they
are looked for in, and a country by all its names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from nightdesk.bundles.given import Given
from nightdesk.bundles.languages import told_in
from nightdesk.bundles.problems import Finding, Path, shorten
from nightdesk.bundles.resolve import with_country
from nightdesk.storylines.sought import sought
from nightdesk.storylines.spoken import Spoken
from nightdesk.text.entities import Phrase, PhraseBook
from nightdesk.text.tokens import Tokens
from schemas import Entity, Storyline


class _Wanted(NamedTuple):
    """What a storyline looks for: phrases of its own, those of countries, and those of their capitals."""

    own: set[Phrase]
    countries: dict[Phrase, str]
    capitals: dict[Phrase, str]


def contradictions(
    storyline: Storyline, phrases: Iterable[Given], spoken: Spoken
) -> Iterator[Finding]:
    """Find the cues and exclusions that something else in their storyline speaks against."""
    given = [one for one in phrases if one.forms]
    yield from _both(given)
    exclusions = [one for one in given if one.what == "exclusion"]
    if exclusions:
        wanted = _wanted(storyline, given, spoken)
        held = _held(storyline, exclusions)
        for one in exclusions:
            yield from _excluded(one, wanted, held)


def _both(given: Sequence[Given]) -> Iterator[Finding]:
    """Find the cues that speak for a storyline and against it."""
    opposing = {form for one in given if one.what == "opposing cue" for form in one.forms}
    for one in given:
        if one.what == "supporting cue" and not opposing.isdisjoint(one.forms):
            yield Finding(
                one.path,
                f"the cue {shorten(one.text)} is supporting and opposing at once",
                "remove it from one of the two lists; hyphens and endings make no difference",
            )


def _wanted(storyline: Storyline, given: Iterable[Given], spoken: Spoken) -> _Wanted:
    optional = {number for number, entity in enumerate(storyline.entities) if entity.optional}
    own = {
        form
        for one in given
        if one.what == "supporting cue"
        or (one.what == "alias" and _entity(one.path) not in optional)
        for form in one.forms
    }
    countries: dict[Phrase, str] = {}
    capitals: dict[Phrase, str] = {}
    needed = [entity for entity in storyline.entities if entity.country and not entity.optional]
    languages = told_in(storyline) if needed else ()
    for entity in needed:
        for known, capital in ((countries, False), (capitals, entity.capital)):
            for name in _names(entity, languages, capital=capital):
                known.update(dict.fromkeys(sought(name, spoken), str(entity.country)))
    return _Wanted(own, countries, capitals)


def _names(entity: Entity, languages: tuple[str, ...], *, capital: bool) -> tuple[str, ...]:
    bare = entity.model_copy(update={"any_of": (), "capital": capital})
    return with_country(bare, languages).any_of


def _entity(path: Path) -> str | int:
    """Return the number of the entity of which an alias stands at `path`."""
    return path[-3]


def _excluded(one: Given, wanted: _Wanted, held: dict[Phrase, list[int]]) -> Iterator[Finding]:
    path, _, text, forms = one
    if not wanted.own.isdisjoint(forms):
        yield Finding(
            path,
            f"the exclusion {shorten(text)} is a phrase that the storyline looks for",
            "remove it here, or there",
        )
    elif code := _country(forms, wanted.countries):
        yield Finding(
            path,
            f"the exclusion {shorten(text)} is a name of the country `{code}`, which the storyline"
            " looks for",
            "remove it here, or the country from `entities`",
        )
    elif code := _country(forms, wanted.capitals):
        yield Finding(
            path,
            f"the exclusion {shorten(text)} counts as a mention of the country `{code}`, which the"
            " storyline looks for",
            "write `capital: false` beside the country, or remove the exclusion",
            "warning",
        )
    else:
        for number in sorted({n for form in forms for n in held.get(form, ())}):
            yield Finding(
                path,
                f"the exclusion {shorten(text)} occurs in exemplars[{number}], "
                "which would be excluded itself",
                "narrow the exclusion, or choose another exemplar",
                "warning",
            )


def _country(forms: Iterable[Phrase], known: Mapping[Phrase, str]) -> str | None:
    """Return the first country that one of the forms names."""
    return next((known[form] for form in forms if form in known), None)


def _held(storyline: Storyline, exclusions: Iterable[Given]) -> dict[Phrase, list[int]]:
    """Return exclusion -> the exemplars that hold it, found as the engine finds it."""
    book = PhraseBook()
    forms = {book.add(form): form for given in exclusions for form in given.forms}
    held: dict[Phrase, list[int]] = {}
    for number, exemplar in enumerate(storyline.exemplars):
        for field in (exemplar.title, exemplar.description, exemplar.text):
            for occurrence in book.find(Tokens(field)):
                held.setdefault(forms[occurrence.phrase], []).append(number)
    return held

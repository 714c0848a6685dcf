"""Languages and countries of storylines: codes that exist, and examples in the languages that are read.

Comes in: the storylines of a file.  Goes out: findings; and for one storyline the languages that it is
told in, in which its countries are named.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nightdesk.bundles.contract import Part
from nightdesk.bundles.problems import Finding, Path, shorten
from nightdesk.text.language import UNKNOWN, detect
from schemas import Exemplar, Storyline

ENOUGH = 80
"""Letters of an exemplar from which on its language can be told well enough to warn."""

_LOOKED_AT = 1_000
_MISTAKEN = {"se": "sv", "kr": "ko", "br": "pt"}
"""Languages that hardly any news is written in, whose code is that of a country with another one."""


def told_in(storyline: Storyline) -> tuple[str, ...]:
    """Return the languages that `storyline` declares; else those of its texts; else English."""
    if storyline.languages:
        return storyline.languages
    texts = [_beginning(exemplar) for exemplar in storyline.exemplars if exemplar.has_words]
    texts += [f"{storyline.title}\n{storyline.description[:_LOOKED_AT]}"] if not texts else []
    found = dict.fromkeys(detect(text) for text in texts)
    return tuple(code for code in found if code != UNKNOWN) or ("en",)


def check_languages(parts: Iterable[Part]) -> Iterator[Finding]:
    """Find codes that nothing carries, and exemplars that do not fit the languages declared."""
    for part in parts:
        if isinstance(part.readable, Storyline):
            sound = list(_codes(part.path, part.readable))
            yield from sound
            yield from _countries(part.path, part.readable)
            if not sound and part.readable.languages:
                yield from _exemplars(part.path, part.readable)


def _codes(path: Path, storyline: Storyline) -> Iterator[Finding]:
    from nightdesk.text.language_codes import is_language, language_meant, language_name

    for index, code in enumerate(storyline.languages):
        place = (*path, "languages", index)
        if not is_language(code):
            meant = language_meant(code[:100])
            yield Finding(
                place,
                f"not a language code: {shorten(code)}; no article carries it",
                f"write `{meant}` for {language_name(meant)}"
                if meant
                else "write the two letters of ISO 639-1, as in en or es",
            )
        elif code in _MISTAKEN:
            other = _MISTAKEN[code]
            yield Finding(
                place,
                f"`{code}` is {language_name(code)}, which hardly any news is written in",
                f"write `{other}` for {language_name(other)}",
                "warning",
            )
        elif code in storyline.languages[:index]:
            yield Finding(place, f"`{code}` is given twice", "remove one of the two", "warning")


def _countries(path: Path, storyline: Storyline) -> Iterator[Finding]:
    named: dict[str, int] = {}
    for number, entity in enumerate(storyline.entities):
        if entity.country is None:
            continue
        place = (*path, "entities", number, "country")
        if not _is_country(entity.country):
            yield Finding(
                place, f"there is no country `{entity.country}`", code_meant(entity.country)
            )
        first = named.setdefault(entity.country, number)
        if first != number:
            yield Finding(
                place,
                f"entities[{first}] is the country `{entity.country}` already",
                "put all names into one entity: two are two things that a report must mention",
                "warning",
            )


def code_meant(name: str) -> str:
    """Return the hint which code of a country to write in place of what is none."""
    from nightdesk.text.gazetteer import country_of, english_name

    code = country_of(name)
    if code is None:
        return "write the two capital letters of ISO 3166-1, as in SY or US"
    return f"write {code} for {english_name(code)}"


def _is_country(code: str) -> bool:
    from nightdesk.text.gazetteer import country_codes

    return code in country_codes()


def _exemplars(path: Path, storyline: Storyline) -> Iterator[Finding]:
    from nightdesk.text.language_codes import language_name

    told: set[str] = set()
    unclear = False
    for number, exemplar in enumerate(storyline.exemplars):
        text = _beginning(exemplar)
        language = detect(text) if sum(map(str.isalpha, text)) >= ENOUGH else UNKNOWN
        unclear |= language == UNKNOWN
        told.add(language)
        if language not in {UNKNOWN, *storyline.languages}:
            yield Finding(
                (*path, "exemplars", number),
                f"this exemplar is written in {language_name(language)} (`{language}`), and"
                f" `languages` lets only {', '.join(storyline.languages)} in",
                f"add `{language}` to `languages`, or choose another exemplar",
                "warning",
            )
    if unclear or not told:
        return
    for index, code in enumerate(storyline.languages):
        if code not in told:
            yield Finding(
                (*path, "languages", index),
                f"no exemplar is in {language_name(code)} (`{code}`): reports in it share no words"
                " with the exemplars, and can fit by entities and cues only",
                f"add an exemplar in {language_name(code)}, and aliases and cues as it writes them",
                "warning",
            )


def _beginning(exemplar: Exemplar) -> str:
    parts = (exemplar.title[:_LOOKED_AT], exemplar.description[:_LOOKED_AT], exemplar.text)
    return "\n".join(parts)[:_LOOKED_AT]

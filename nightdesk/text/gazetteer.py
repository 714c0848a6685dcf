"""Countries by all the names that news gives them: name, people, capital and seat of government.

Comes in: an ISO 3166-1 code and languages.  Goes out: phrases to look for.  Names in many languages and
those of capitals are CLDR's (Babel), English demonyms and capitals are countryinfo's; `data/countries.tsv`
mends both and adds demonyms in further languages.  The packages are imported on first use only: whoever
never asks for a country pays nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from nightdesk.text.entities import Phrase, variants
from nightdesk.text.tokens import fold

ENGLISH = "en"
_NO_COUNTRIES = frozenset(["AC", "CP", "CQ", "DG", "EA", "EZ", "IC", "QO", "TA", "XA", "XB", "ZZ"])
_FURTHER_SCRIPTS = {"zh": ("zh_Hant",)}
_PARENTHESES = re.compile(r"^(.+?)\s*[(（](.+?)[)）]$")
_TWO_NAMES = frozenset(["CC", "CI", "MM", "TL"])
"""Countries with another name in parentheses: Myanmar (Burma).  Elsewhere these hold whom it belongs to
("Виргинские о-ва (США)", "RAE de Hong Kong (China)") or its capital."""

_GERMAN_ENDINGS = ("", "e", "en", "er", "es", "em")
_ARABIC_ENDINGS = ("", "ة", "ين", "ون")


@dataclass(frozen=True)
class _Mended:
    """What the table says of one country in one language."""

    more: tuple[str, ...] = ()
    seats: tuple[str, ...] = ()
    wrong: frozenset[str] = frozenset()


def country_names(code: str, languages: Iterable[str], *, capital: bool = True) -> tuple[str, ...]:
    """Return what the country `code` (ISO 3166-1 alpha-2, EU and UN too) is called in `languages`.

    Name first, then its people; with `capital` also the capital and the seats that stand for its
    government (Moscow, Kremlin).  What a shorter name of the list finds too is left out.  Empty for
    an unknown code.
    """
    if code not in country_codes():
        return ()
    found: dict[str, None] = {}
    for language in dict.fromkeys(languages):
        mended = _table().get((code, language), _Mended())
        wrong = mended.wrong | _table().get((code, ENGLISH), _Mended()).wrong
        names = [*_names(code, language), *_peoples(code, language)]
        names += (form for stem in mended.more for form in _forms(stem, language))
        if capital:
            names += _capitals(code, language)
            names += mended.seats
        found.update(dict.fromkeys(name for name in names if name not in wrong))
    return _without_repeats(found)


@cache
def country_codes() -> frozenset[str]:
    """Return the codes that `country_names` knows."""
    there = _territories(ENGLISH)
    return frozenset(c for c in there if len(c) == 2 and c.isalpha()) - _NO_COUNTRIES


def english_name(code: str) -> str:
    """Return what English calls the country `code`; the code itself where it is unknown."""
    if code not in country_codes():
        return code
    names = _names(code, ENGLISH)
    return next((name for name in names if " - " not in name), code)


def country_of(name: str) -> str | None:
    """Return the code that `name` means: a code in any letters, or what English calls a country."""
    if name.upper() in country_codes():
        return name.upper()
    return countries_by_phrase(ENGLISH).get(fold(name)) or _by_three_letters(name)


@cache
def countries_by_phrase(language: str, *, capital: bool = True) -> Mapping[Phrase, str]:
    """Return folded phrase -> code, for the names of all countries; what two share is left out.

    The name of one country beats the people or capital of another.  `capital` as in `country_names`.
    """
    found: dict[Phrase, str] = {}
    for only_names in (True, False):
        claimed: dict[Phrase, set[str]] = {}
        for code in sorted(country_codes()):
            names: Iterable[str] = _names(code, language)
            if not only_names:
                names = country_names(code, [language], capital=capital)
            for name in names:
                for phrase in variants(name):
                    claimed.setdefault(phrase, set()).add(code)
        for phrase, codes in claimed.items():
            if len(codes) == 1:
                found.setdefault(phrase, *codes)
    return found


def _without_repeats(names: Iterable[str]) -> tuple[str, ...]:
    """Drop each name that another one finds wherever it stands: Syrian Arab Republic, of Syrian."""
    kept: dict[str, Phrase] = {}
    seen: set[Phrase] = set()
    for name in names:
        phrase = fold(name)
        if phrase and phrase not in seen:
            seen.add(phrase)
            kept[name] = phrase
    return tuple(name for name, phrase in kept.items() if not _holds_another(phrase, seen))


def _holds_another(phrase: Phrase, others: set[Phrase]) -> bool:
    return any(
        phrase[start:end] in others
        for start in range(len(phrase))
        for end in range(start + 1, len(phrase) + 1)
        if end - start < len(phrase)
    )


def _names(code: str, language: str) -> list[str]:
    """Return the country's own names: CLDR's, and in English that of countryinfo."""
    found: list[str] = []
    for locale in (language, *_FURTHER_SCRIPTS.get(language, ())):
        name = _territories(locale).get(code)
        if name is not None and "SAR" not in name.split():
            parts = _PARENTHESES.match(name)
            if parts is None or len(parts[2]) == 1:
                found.append(name)
            else:
                found += [parts[1], parts[2]] if code in _TWO_NAMES else [parts[1]]
    if language == ENGLISH and (info := _info(code)) and "," not in info[0]:
        found.append(_PARENTHESES.sub(r"\1", info[0]).removeprefix("The "))
    return found


def _peoples(code: str, language: str) -> list[str]:
    info = _info(code) if language == ENGLISH else None
    return [name.strip() for name in info[1].split(",") if name.strip()] if info else []


def _capitals(code: str, language: str) -> list[str]:
    """Return the capital's name: CLDR knows it where the capital names a time zone."""
    english = _capital(code)
    if english is None:
        return []
    if language == ENGLISH:
        return [english]
    there = _cities(language).get(_zone_key(english))
    return [there] if there else [english] if _is_latin(language) else []


def _capital(code: str) -> str | None:
    mended = _table().get((code, ENGLISH), _Mended())
    info = _info(code)
    if info and info[2] and info[2] not in mended.wrong:
        return info[2]
    return next(iter(mended.seats), None)


def _is_latin(language: str) -> bool:
    name = _territories(language).get("SY", "")
    return unicodedata.name(name[:1], "").startswith("LATIN") if name else False


def _forms(stem: str, language: str) -> Iterator[str]:
    """Spell out what folding does not: German and Arabic endings, French and Spanish need none."""
    if language == "de" and stem.islower():
        yield from (stem + ending for ending in _GERMAN_ENDINGS)
    elif language == "de" and stem.endswith("er"):
        yield from (stem, f"{stem}n", f"{stem}in", f"{stem}innen")
    elif language == "ar" and stem.endswith("ي") and " " not in stem:
        yield from (stem + ending for ending in _ARABIC_ENDINGS)
    elif language == "es" and stem.islower() and stem[-1] in "sílr":
        yield from (stem, f"{stem}es")
    else:
        yield stem


@cache
def _table() -> Mapping[tuple[str, str], _Mended]:
    text = resources.files("nightdesk.text").joinpath("data", "countries.tsv").read_text("utf-8")
    head, *rows = (line.split("\t") for line in text.splitlines())
    found: dict[tuple[str, str], _Mended] = {}
    for code, *cells in rows:
        for language, cell in zip(head[1:], cells, strict=True):
            forms = [] if cell == "." else cell.split(", ")
            found[code, language] = _Mended(
                tuple(form for form in forms if form[0] not in "*-"),
                tuple(form[1:] for form in forms if form[0] == "*"),
                frozenset(form[1:] for form in forms if form[0] == "-"),
            )
    return found


@cache
def _territories(locale: str) -> Mapping[str, str]:
    from babel import Locale, UnknownLocaleError

    try:
        return dict(Locale.parse(locale).territories)
    except (UnknownLocaleError, ValueError):
        return {}


@cache
def _cities(language: str) -> Mapping[str, str]:
    """Return city as zones are called (`sao paulo`) -> its name in `language`."""
    from babel import Locale, UnknownLocaleError

    try:
        zones = Locale.parse(language).time_zones
    except (UnknownLocaleError, ValueError):
        return {}
    return {_zone_key(zone): names["city"] for zone, names in zones.items() if "city" in names}


_OTHER_ZONES = {"kyiv": "kiev", "kathmandu": "katmandu", "yangon": "rangoon"}


def _zone_key(city: str) -> str:
    last = city.rsplit("/", 1)[-1].replace("_", " ")
    key = " ".join(fold(last))
    return _OTHER_ZONES.get(key, key)


@cache
def _info(code: str) -> tuple[str, str, str] | None:
    """Return name, demonyms and capital as countryinfo has them."""
    from countryinfo import CountryInfo
    from countryinfo.exceptions import CountryNotFoundError

    try:
        country = CountryInfo(code)
        return country.name(), country.demonym() or "", country.capital() or ""
    except CountryNotFoundError:
        return None


def _by_three_letters(name: str) -> str | None:
    from countryinfo import CountryInfo
    from countryinfo.exceptions import CountryNotFoundError

    if len(name) != 3 or not name.isascii() or not name.isalpha():
        return None
    try:
        code = CountryInfo(name).iso(2)
    except CountryNotFoundError:
        return None
    return code if isinstance(code, str) and code in country_codes() else None

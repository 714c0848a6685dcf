"""Countries by all their names; codes of languages by what people write for them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from nightdesk.text.entities import PhraseBook, variants
from nightdesk.text.gazetteer import (
    countries_by_phrase,
    country_codes,
    country_names,
    country_of,
    english_name,
)
from nightdesk.text.language_codes import is_language, language_meant, language_name
from nightdesk.text.tokens import Tokens, fold


def mentions(code: str, language: str, text: str, *, capital: bool = True) -> list[str]:
    book = PhraseBook(
        phrase
        for name in country_names(code, [language], capital=capital)
        for phrase in variants(name)
    )
    tokens = Tokens(text)
    spans = tokens.spans()
    places = dict.fromkeys((o.start, o.end) for o in book.find(tokens))
    return [text[spans[start][0] : spans[end - 1][1]] for start, end in places]


@pytest.mark.parametrize(
    ("code", "language", "text"),
    [
        ("SY", "en", "Syrians"),
        ("SY", "en", "Syria's"),
        ("SY", "en", "the Syrian Arab Republic"),
        ("US", "en", "the United States"),
        ("US", "en", "U.S.-led"),
        ("US", "en", "Americans"),
        ("GB", "en", "Britain"),
        ("GB", "en", "the U.K."),
        ("TR", "en", "Turkey"),
        ("TR", "en", "Türkiye"),
        ("CD", "en", "DR Congo"),
        ("CI", "en", "Cote d'Ivoire"),
        ("SY", "fr", "les rebelles syriens"),
        ("SY", "fr", "l'opposition syrienne"),
        ("GB", "fr", "la Grande-Bretagne"),
        ("FR", "es", "los franceses"),
        ("US", "es", "los estadounidenses"),
        ("SY", "de", "syrischer Rebellen"),
        ("RU", "de", "Russlands"),
        ("UA", "ru", "украинскими войсками"),
        ("SY", "ru", "сирийских повстанцев"),
        ("US", "ru", "в США"),
        ("RU", "ru", "российского"),
        ("SY", "ar", "المعارضة السورية"),
        ("RU", "ar", "الطيران الروسي"),
        ("SY", "zh", "俄罗斯空袭叙利亚北部"),
        ("SY", "zh", "敘利亞"),
        ("US", "zh", "美国官员说"),
        ("KP", "ja", "北朝鮮のミサイル"),
        ("UA", "uk", "в Україні"),
    ],
)
def test_a_country_is_found_by_any_of_its_names(code: str, language: str, text: str) -> None:
    assert mentions(code, language, text)


@pytest.mark.parametrize(
    ("code", "language", "text"),
    [
        ("RU", "en", "the Kremlin"),
        ("US", "en", "Washington"),
        ("GB", "en", "Downing Street"),
        ("SY", "ar", "دمشق"),
        ("CN", "zh", "北京"),
        ("RU", "ru", "в Москве"),
        ("SY", "es", "Damasco"),
        ("US", "fr", "Washington"),
    ],
)
def test_the_capital_stands_for_the_country_unless_that_is_not_wanted(
    code: str, language: str, text: str
) -> None:
    assert mentions(code, language, text)
    assert not mentions(code, language, text, capital=False)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("US", "they told us so"),
        ("MV", "a male suspect"),
        ("JE", "New Jersey"),
        ("RE", "French troops"),
        ("HK", "Chinese troops"),
        ("KR", "North Korean troops"),
        ("NE", "Nigerian troops"),
        ("SS", "Sudanese troops"),
        ("CG", "Equatorial Guinea"),
    ],
)
def test_a_country_is_not_found_by_what_means_another_thing(code: str, text: str) -> None:
    assert not mentions(code, "en", text)


def test_names_come_in_the_languages_asked_for_and_none_finds_what_another_one_does() -> None:
    names = country_names("SY", ["en", "ar"])
    assert names[:3] == ("Syria", "Syrian", "Damascus")
    assert "سوريا" in names
    assert "Syrie" not in names
    assert "Syrian Arab Republic" not in country_names("SY", ["en"])
    assert country_names("ZZ", ["en"]) == ()
    assert country_names("SY", ["tlh"]) == ()


@pytest.mark.parametrize("language", ["en", "es", "fr", "de", "ru", "ar", "zh", "tr", "fa", "ja"])
def test_every_country_has_a_name_in_every_language_and_no_name_is_a_common_word(
    language: str,
) -> None:
    for code in country_codes():
        names = country_names(code, [language])
        assert names, code
        assert all(any(len(word) > 1 for phrase in variants(n) for word in phrase) for n in names)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Syria", "SY"),
        ("syrian", "SY"),
        ("Burma", "MM"),
        ("Holland", "NL"),
        ("SYR", "SY"),
        ("sy", "SY"),
        ("Washington", "US"),
        ("Congo", None),
        ("Atlantis", None),
    ],
)
def test_what_somebody_calls_a_country_leads_to_its_code(name: str, code: str | None) -> None:
    assert country_of(name) == code


@pytest.mark.parametrize(
    ("name", "language", "code", "other"),
    [
        ("США", "ru", "US", "VI"),
        ("Великобритания", "ru", "GB", "VG"),
        ("China", "es", "CN", "HK"),
        ("Chiny", "pl", "CN", "MO"),
    ],
)
def test_whom_a_country_belongs_to_is_no_name_of_it(
    name: str, language: str, code: str, other: str
) -> None:
    assert countries_by_phrase(language).get(fold(name)) == code
    assert name not in country_names(other, [language])
    assert "Burma" in country_names("MM", ["en"])


def test_english_names_are_those_of_headlines() -> None:
    assert english_name("CD") == "Democratic Republic of the Congo"
    assert english_name("GB") == "United Kingdom"
    assert english_name("Q1") == "Q1"


def test_a_name_that_two_countries_share_leads_to_neither() -> None:
    phrases = countries_by_phrase("en")
    assert ("congolese",) not in phrases
    assert phrases["niger",] == "NE"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("English", "en"),
        ("español", "es"),
        ("en-GB", "en"),
        ("ENG", "en"),
        ("jp", "ja"),
        ("ua", "uk"),
        ("русский", "ru"),
        ("xx", None),
        ("klingon", None),
    ],
)
def test_what_somebody_calls_a_language_leads_to_its_code(text: str, code: str | None) -> None:
    assert language_meant(text) == code


def test_codes_of_languages() -> None:
    assert is_language("en")
    assert not any(map(is_language, ("xx", "und", "English", "eng", "EN", "")))
    assert language_name("ar") == "Arabic"


def test_the_packages_are_imported_only_by_who_asks_for_a_country() -> None:
    code = (
        "import sys, nightdesk.text.gazetteer, nightdesk.text.language_codes, nightdesk.bundles;"
        "print(sorted({'babel', 'countryinfo'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

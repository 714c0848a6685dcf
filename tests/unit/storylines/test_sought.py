"""Phrases are looked for in their storyline's own languages, and where they must as they are written."""

from __future__ import annotations

from typing import Any

import pytest

from nightdesk.storylines.nominate import nominate
from nightdesk.storylines.sought import sought
from nightdesk.storylines.spoken import Spoken
from tests.unit.storylines.build import NOON, make_article, make_index, make_storyline


def forms(text: str, *languages: str) -> tuple[tuple[str, ...], ...]:
    return sought(text, Spoken(languages))


@pytest.mark.parametrize(
    ("phrase", "language", "other"),
    [
        ("war", "en", "de"),
        ("die", "en", "de"),
        ("hat", "en", "de"),
        ("car", "en", "fr"),
        ("Not", "de", "en"),
        ("but", "fr", "en"),
        ("van", "en", "nl"),
    ],
)
def test_a_function_word_of_one_language_is_a_word_of_another(
    phrase: str, language: str, other: str
) -> None:
    assert forms(phrase, language)
    assert not forms(phrase, other)
    assert not forms(phrase, language, other)


@pytest.mark.parametrize("phrase", ["the", "of the", "THE", "it", "SO", "a b", "x", "7", "!", "в"])
def test_what_says_nothing_is_not_looked_for(phrase: str) -> None:
    assert forms(phrase) == forms(phrase, "en") == ()


@pytest.mark.parametrize(
    ("phrase", "looked_for"),
    [
        ("AT&T", {("AT", "&T")}),
        ("E.ON", {("E", ".ON")}),
        ("A-10", {("A", "-10"), ("a10",)}),
        ("A10", {("a10",)}),
        ("9/11", {("9", "11")}),
        ("in 2016", {("in", "2016")}),
        ("F-16", {("F", "-16"), ("f", "16"), ("f16",), ("f", "16s")}),
    ],
)
def test_what_says_nothing_by_its_words_is_looked_for_as_it_is_written(
    phrase: str, looked_for: set[tuple[str, ...]]
) -> None:
    assert set(forms(phrase)) == looked_for
    assert set(forms(phrase, "de")) == looked_for


@pytest.mark.parametrize(
    ("phrase", "languages", "form"),
    [
        ("ICE", [], ("ICE",)),
        ("ICE", ["en"], ("ICE",)),
        ("AID", ["en"], ("AID",)),
        ("CAR", ["en"], ("CAR",)),
        ("NATO", [], ("nato",)),
        ("UDW", [], ("udw",)),
        ("UNO", [], ("UNO",)),
        ("UNO", ["de"], ("uno",)),
    ],
)
def test_an_acronym_that_is_a_word_is_looked_for_in_capitals(
    phrase: str, languages: list[str], form: tuple[str, ...]
) -> None:
    assert forms(phrase, *languages) == (form,)


def matches(text: str, **parts: Any) -> bool:
    index = make_index(make_storyline(**parts), make_storyline(id="other", description="Herring"))
    return any(c.storyline == "s" for c in nominate(make_article(text), index, now=NOON))


@pytest.mark.parametrize(
    ("cue", "said", "unsaid"),
    [
        ("war", "A war broke out.", "Peace broke out."),
        ("AT&T", "AT&T cut prices.", "Prices were cut at T-Mobile."),
        ("E.ON", "E.ON cut prices.", "Vitamin E. On Monday prices fell."),
        ("CAR", "Rebels in CAR fled.", "Rebels in a car fled."),
        ("US", "Troops of the U. S. left.", "Troops that left us."),
        ("ceasefire", "Both want to cease fire.", "Fire that will not cease."),
        ("AT&T and the", "So say AT&T and the others.", "Look at t and the others."),
    ],
)
def test_the_engine_finds_such_phrases_among_others(cue: str, said: str, unsaid: str) -> None:
    assert matches(said, languages=["en"], cues={"supporting": [cue]})
    assert not matches(unsaid, languages=["en"], cues={"supporting": [cue]})

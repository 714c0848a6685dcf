"""Figures are numbers with what they count; dates, ages, clocks and model numbers are none."""

from __future__ import annotations

import pytest

from nightdesk.storylines.rarity import shipped_rarity
from nightdesk.text.figures import figures
from nightdesk.text.tokens import Tokens

RARITY = shipped_rarity()


def read(text: str) -> list[tuple[str, str]]:
    tokens = Tokens(text)
    spans = tokens.spans()
    found = figures(text, tokens.words, spans, lambda word: RARITY.weight(word) > 0)
    return [(text[spans[f.start][0] : spans[f.end - 1][1]], f.key) for f in found]


def keys(text: str) -> list[str]:
    return [key for _, key in read(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Blasts left at least 12 killed near the port.", [("at least 12 killed", "12e0")]),
        ("The blast killed at least 12 Thursday.", [("killed at least 12", "12e0")]),
        ("It cost more than $3.5 billion.", [("more than $3.5 billion", "3.5e9$")]),
        ("Some 200 000 residents fled.", [("Some 200 000 residents", "200000e0")]),
        ("Nearly 1,200 homes burned.", [("Nearly 1,200 homes", "1200e0")]),
        ("A rise of 30 percent was seen.", [("30 percent", "30e0%")]),
        ("Three ferries sank.", [("Three ferries", "3e0 ferry")]),
        ("Погибли 42 человека.", [("42 человека", "42e0")]),
        ("قتل ٤٢ شخصا", [("٤٢ شخصا", "٤٢e0")]),
    ],
)
def test_figures(text: str, expected: list[tuple[str, str]]) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "It happened on July 14 at 14:30.",
        "On 14 July 2016 the pier burned.",
        "The pier was built in 1987.",
        "An F-16 and an MH-17 flew over.",
        "A search for Flight 370 began.",
        "The mayor, Olin Marsh, 47, resigned.",
        "A 32-year-old sailor swam.",
        "They came in 3rd.",
        "He and one of the two went.",
        "Half, ½ and ⅓.",
    ],
)
def test_what_is_no_figure(text: str) -> None:
    assert keys(text) == []


def test_large_numbers_are_known_whatever_they_count_and_small_ones_are_not() -> None:
    assert keys("12 people dead") == keys("twelve bodies")
    assert keys("3 people dead") != keys("3 ships lost")
    assert keys("30 percent") == keys("30% of it") != keys("30 ships")

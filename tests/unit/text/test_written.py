"""Acronyms that are words, and words that signs join, count as they are written."""

from __future__ import annotations

import pytest

from nightdesk.text.entities import PhraseBook
from nightdesk.text.tokens import Tokens
from nightdesk.text.written import as_written, in_capitals, plain


def found(phrase: str, text: str) -> bool:
    written = as_written(phrase)
    assert written is not None
    return bool(PhraseBook([written]).find(Tokens(text)))


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("AT&T", "AT&T’s network, by AT & T"),
        ("S&P", "the S&P"),
        ("M & S", "M&S"),
        ("E.ON", "an E.ON plant"),
        ("B-2", "a B‑2 bomber"),
        ("AT&T's", "AT&T"),
        ("at&t", "at&t"),
        ("the S&P", "the S&P"),
        ("A-10 and so on", "an A-10 and so on"),
    ],
)
def test_what_signs_join_is_found_behind_these_signs(phrase: str, text: str) -> None:
    assert found(phrase, text)


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("AT&T", "a job at T-Mobile, at T"),
        ("AT&T", "look at&t"),
        ("S&P", "s p, S-P, S and P"),
        ("E.ON", "vitamin E. On Monday"),
        ("E.ON", "E on"),
        ("B-2", "vitamin b 2, B 2"),
    ],
)
def test_it_is_not_found_where_other_signs_stand(phrase: str, text: str) -> None:
    assert not found(phrase, text)


@pytest.mark.parametrize("text", ["a b", "and/or", "d'un", "a-t-il", "up-to-date", "AT", "& T", ""])
def test_other_phrases_are_looked_for_as_ever(text: str) -> None:
    assert as_written(text) is None


@pytest.mark.parametrize(
    ("text", "words", "capitals"),
    [
        ("ICE", ("ice",), ("ICE",)),
        (" E.U. ", ("eu",), ("EU",)),
        ("AIDS", ("aid",), ("AID",)),
        ("Ice", ("ice",), None),
        ("US", ("US",), None),
        ("TREATY", ("treaty",), None),
        ("ICE CAR", ("ice", "car"), None),
        ("США", ("сша",), None),
    ],
)
def test_two_to_five_capitals_may_be_an_acronym(
    text: str, words: tuple[str, ...], capitals: tuple[str, ...] | None
) -> None:
    found = in_capitals(text, words)
    assert found == capitals
    assert found is None or plain(found) == words

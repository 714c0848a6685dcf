"""Numbers of stems: kept for good once filed, and found again whatever vocabulary a text was read with."""

from __future__ import annotations

import pickle

import pytest

from nightdesk.storylines import lexicon as numbering
from nightdesk.storylines.rarity import Rarity
from nightdesk.storylines.reading import Reading
from nightdesk.text import tokens

TEXT = "Zorvans meet in Kelmar; 2016 Zorvan, 1999 and the Kelmar of harbours"


def rarity() -> Rarity:
    return Rarity({"the": 0.0, "of": 0.0, "and": 0.0, "in": 0.0, "meet": 3.0, "harbour": 8.0})


def said(known: Rarity, text: str = TEXT) -> list[int]:
    return Reading("", "", text).said(known.lexicon).tolist()


def test_words_of_one_stem_have_one_number_and_strangers_one_below_zero() -> None:
    zorvan, meet, in_, kelmar, year, again, other, _, _, too, _, harbour = said(rarity())
    assert (zorvan, kelmar) == (again, too)
    assert len({zorvan, kelmar}) == 2
    assert max(zorvan, kelmar) < 0 < min(meet, harbour)
    assert (zorvan % 2, year % 2, other % 2) == (0, 1, 1)
    assert in_ == 0


def test_a_stranger_is_none_any_more_once_its_stem_is_filed() -> None:
    known = rarity()
    assert said(known)[0] < 0
    number = known.lexicon.number("zorva")
    assert said(known)[0] == number > 0


def test_another_vocabulary_changes_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    known = rarity()
    before = said(known)
    monkeypatch.setattr(tokens._Shared, "current", tokens._new_vocabulary())
    assert [number for number in said(known) if number >= 0] == [n for n in before if n >= 0]


def test_strangers_are_forgotten_between_texts_and_never_in_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(numbering, "_MOST_STRANGERS", 3)
    known = rarity()
    many = [f"qx{a}{b}w" for a in "abcdef" for b in "abcdef"]
    for _ in range(3):
        numbers = said(known, " ".join(many))
        assert len({*numbers}) == len(many)
        assert max(numbers) < 0


def test_it_goes_to_another_process() -> None:
    known = rarity()
    expected = Reading("", "", TEXT).weights(known)
    sent = pickle.loads(pickle.dumps(known))
    assert Reading("", "", TEXT).weights(sent) == expected
    assert sent.lexicon.number("harbo") == known.lexicon.number("harbo")

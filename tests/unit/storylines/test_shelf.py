"""A shelf: how like its texts and another are, and texts that come and go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from nightdesk.storylines.packed import UNIT, Packed
from nightdesk.storylines.shelf import Shelf, Texts

Words = Mapping[str, int]

WORDS = st.dictionaries(st.sampled_from("abcdefghij"), st.integers(1, UNIT), max_size=8)


DAYS = ["may03", "may04", "=may"]
TEXTS = st.dictionaries(st.sampled_from([*"abcde", *DAYS]), st.integers(1, UNIT), max_size=8)


def packed(words: Words) -> Packed:
    said = list(words)

    def told(places: NDArray[np.intp]) -> Iterable[str]:
        return map(said.__getitem__, places.tolist())

    return Packed.of(told, np.array([*words.values()], np.float64), float(UNIT))


def likeness(one: Words, other: Words) -> float:
    both = one.keys() & other.keys()
    words = sum(one[word] * other[word] for word in both - set(DAYS))
    days = sum(one[word] * other[word] for word in both & set(DAYS))
    return min(1.0, (words + min(words, days)) / UNIT**2)


@given(st.lists(TEXTS, max_size=6), st.lists(TEXTS, max_size=6))
def test_a_text_is_like_others_by_the_words_that_both_have(
    kept: list[Words], asked: list[Words]
) -> None:
    shelf, texts = Shelf([packed(words) for words in kept]), [packed(words) for words in asked]
    expected = np.array([[likeness(one, other) for other in kept] for one in asked])
    whole = shelf.likenesses(texts)
    assert whole.shape == (len(asked), len(kept))
    assert whole.ravel().tolist() == pytest.approx(expected.ravel().tolist(), abs=1e-12)
    assert shelf.all().among().tolist() == shelf.likenesses(shelf.texts()).tolist()
    for row, text in zip(whole, texts, strict=True):
        assert shelf.likeness(text).tolist() == row.tolist()


@given(st.lists(WORDS, max_size=6), st.lists(WORDS, max_size=4), st.data())
def test_texts_that_come_and_go_leave_the_shelf_of_those_that_are_there(
    before: list[Words], more: list[Words], data: st.DataObject
) -> None:
    texts, further = [packed(words) for words in before], [packed(words) for words in more]
    whole = texts + further
    places = range(len(whole))
    kept = [at for at in places if data.draw(st.booleans())]
    assert Shelf(texts).texts() == texts
    assert Shelf(texts).changed(Texts.of(further)).texts() == whole
    assert Shelf(texts).changed(Texts.of(further), kept) == Shelf([whole[at] for at in kept])
    assert Shelf(whole).only(kept) == Shelf([whole[at] for at in kept])

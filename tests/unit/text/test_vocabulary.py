"""A vocabulary numbers words for good, remembers so much and no more, and holds when threads share it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from nightdesk.text import tokens as reading
from nightdesk.text import vocabulary as remembering
from nightdesk.text.polynomial import Polynomial
from nightdesk.text.tokens import Tokens
from nightdesk.text.vocabulary import Vocabulary


def said(vocabulary: Vocabulary, text: str) -> list[str]:
    return [vocabulary.words[number] for number in vocabulary.read(text).numbers.tolist()]


def test_a_word_keeps_its_number() -> None:
    vocabulary = Vocabulary(str.split)
    assert vocabulary.read("one two one").numbers.tolist() == [0, 1, 0]
    assert vocabulary.read("two").numbers.tolist() == [1]
    assert vocabulary.number("two") == 1
    assert vocabulary.number("three") == -1


def test_the_first_words_have_the_first_numbers_before_any_text_says_them() -> None:
    vocabulary = Vocabulary(str.split, ["may", "june", "may"])
    assert vocabulary.first == 2
    assert vocabulary.read("in june or may").numbers.tolist() == [2, 1, 3, 0]
    assert Vocabulary(str.split).first == 0


def test_a_chunk_of_several_words_or_none_says_where_each_begins() -> None:
    vocabulary = Vocabulary(lambda chunk: [part for part in chunk.split("-") if part])
    for _ in range(2):
        assert said(vocabulary, "a-b - c") == ["a", "b", "c"]
        assert vocabulary.read("a-b - c").firsts.tolist() == [0, 2, 2]


def test_what_is_long_has_no_key_and_is_read_each_time() -> None:
    folded: list[str] = []

    def fold(chunk: str) -> list[str]:
        folded.append(chunk)
        return [chunk[:3]]

    vocabulary, text = Vocabulary(fold), "short " + "x" * 65
    assert said(vocabulary, text) == said(vocabulary, text) == ["short"[:3], "xxx"]
    assert folded == ["short", "x" * 65, "x" * 65]


def test_a_null_character_makes_another_chunk() -> None:
    vocabulary, text = Vocabulary(lambda chunk: [chunk]), "a a\0 a\0\0 \0a"
    for _ in range(2):
        assert said(vocabulary, text) == text.split()


def test_a_chunk_that_is_no_word_and_one_of_many_are_remembered_and_those_too_long_are_not() -> (
    None
):
    folded: list[str] = []

    def fold(chunk: str) -> list[str]:
        folded.append(chunk)
        return [part for part in chunk.split("-") if part]

    vocabulary, text = Vocabulary(fold), f"- a-b {'c-' * 40} d"
    expected = ["a", "b", *["c"] * 40, "d"]
    for _ in range(2):
        assert said(vocabulary, text) == expected
        assert said(vocabulary, "a-b -") == ["a", "b"]
    assert folded == ["-", "a-b", "c-" * 40, "d", "c-" * 40]


def test_chunks_that_share_a_place_of_the_table_are_told_apart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(remembering, "_BITS", 6)
    monkeypatch.setattr(remembering, "_ROOM", 48)
    vocabulary = Vocabulary(str.split)
    text = " ".join(f"w{number}" for number in range(200))
    for _ in range(3):
        assert said(vocabulary, text) == text.split()


def test_where_too_much_was_met_a_new_one_begins_and_old_texts_still_have_their_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old = Tokens("Assad's cease-fire")
    assert len(old) == 3
    monkeypatch.setattr(remembering, "_MOST_WORDS", 0)
    new = Tokens("Assad's cease-fire in Aleppo")
    assert new.words == ["assad", "cease", "fire", "in", "aleppo"]
    assert new.vocabulary is not old.vocabulary
    assert old.words == ["assad", "cease", "fire"]


def test_threads_that_read_at_once_read_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading._Shared, "current", reading._new_vocabulary())
    texts = [" ".join(f"word{(7 * n + at) % 997}x" for at in range(300)) for n in range(60)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda text: Tokens(text).words, texts * 3))
    assert found == [text.split() for text in texts * 3]


def test_a_long_text_has_the_words_of_its_parts() -> None:
    sentence = "The U.S.-led strikes hit Assad's bases, 白宫否认 said. "
    times = 150_000 // len(sentence)
    assert Tokens(sentence * times).words == Tokens(sentence).words * times


def test_equal_stretches_have_one_hash_wherever_they_stand() -> None:
    data = np.tile(np.arange(1, 8, dtype=np.uint8), 60_000)
    starts = np.arange(0, len(data) - 7, 7)
    hashes = Polynomial(0x9E3779B97F4A7C15).hashes(data, starts, starts + 7)
    assert len({*hashes.tolist()}) == 1
    whole = Polynomial(3).hashes(data, np.array([0, 7]), np.array([len(data) - 7, len(data)]))
    assert whole[0] == whole[1]

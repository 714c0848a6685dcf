"""Texts read in one pass have the words that reading them one by one finds, at the same places."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from nightdesk.text.folding import RAW_WORD, folded_parts
from nightdesk.text.tokens import Tokens, fold

SPACES = " \n\u2028\u3000\x1c\".,-–'’“”…\0\ud800"
WORDS = "a U.S. US us U.S.-led Assad's cease-fire isn't 1,000 e\u0301 白宫否认 Лукʼянівка سوريا"
LONG = ("x" * 63, "y" * 64, "z" * 65, "word-" * 30)

pieces = st.one_of(
    st.sampled_from([*SPACES, ", ", ". ", "a\0", *WORDS.split(), *LONG]), st.text(max_size=8)
)
texts = st.lists(pieces, max_size=25).map("".join)


def one_by_one(text: str) -> list[tuple[str, int, int]]:
    return [
        (word, match.start() + start, match.start() + end)
        for match in RAW_WORD.finditer(text)
        for word, start, end in folded_parts(match.group())
    ]


def check(tokens: Tokens, text: str) -> None:
    expected = one_by_one(text)
    assert tokens.words == [word for word, _, _ in expected]
    assert len(tokens) == len(expected)
    assert tokens.spans() == [(start, end) for _, start, end in expected]
    assert [tokens.span(n) for n in range(len(tokens))] == tokens.spans()


@given(texts)
@example('He said: "No. ". , then,, left.. "U.S." , ')
@example("a\0 a a\0 \0a")
@settings(max_examples=300)
def test_the_words_of_a_text_are_those_found_one_by_one(text: str) -> None:
    check(Tokens(text), text)
    check(Tokens(text), text)
    assert fold(text) == tuple(word for word, _, _ in one_by_one(text) if word != "_")


@given(st.lists(texts, min_size=1, max_size=4))
@settings(max_examples=200)
def test_texts_that_are_read_together_are_what_each_is_alone(several: list[str]) -> None:
    for tokens, text in zip(Tokens.together(several), several, strict=True):
        check(tokens, text)
        assert tokens.joined == Tokens(text).joined

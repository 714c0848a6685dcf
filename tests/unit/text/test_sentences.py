"""Sentences end where readers end them, in any script."""

from __future__ import annotations

import pytest

from nightdesk.text.sentences import LONGEST, sentences
from nightdesk.text.tokens import Tokens


def cut(text: str) -> list[str]:
    spans = Tokens(text).spans()
    return [text[spans[first][0] : spans[last - 1][1]] for first, last in sentences(text, spans)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The pier burned. Nobody was hurt!", ["The pier burned", "Nobody was hurt"]),
        ("Who paid? “Not we.” He left.", ["Who paid", "Not we", "He left"]),
        ("A line\nAnother line", ["A line", "Another line"]),
        ("Gen. Olin met J. Marsh on Monday.", ["Gen. Olin met J. Marsh on Monday"]),
        ("In the U.S. Senate they wait.", ["In the U.S. Senate they wait"]),
        ("It cost 3.5 million. e.g. for tugs", ["It cost 3.5 million. e.g. for tugs"]),
        ("Причал сгорел. Никто не пострадал.", ["Причал сгорел", "Никто не пострадал"]),
        ("احترق الرصيف؟ لم يصب أحد.", ["احترق الرصيف", "لم يصب أحد"]),
        ("码头着火了。没有人受伤。", ["码头着火了", "没有人受伤"]),
        ("", []),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert cut(text) == expected


def test_a_page_without_marks_is_cut_all_the_same() -> None:
    spans = Tokens("word " * 200).spans()
    ranges = sentences("word " * 200, spans)
    assert [last - first for first, last in ranges] == [LONGEST, LONGEST, 40]

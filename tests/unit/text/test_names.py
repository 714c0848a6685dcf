"""Names are told by their capitals, where capitals tell."""

from __future__ import annotations

import pytest

from nightdesk.storylines.rarity import shipped_rarity
from nightdesk.text.names import LONGEST, capitalised, names, share_of_capitals
from nightdesk.text.sentences import sentences
from nightdesk.text.tokens import Tokens

RARITY = shipped_rarity()
FILL = " and then all of them went back to the long quiet pier to wait for news of the boat"


def read(text: str) -> list[str]:
    tokens = Tokens(text)
    spans = tokens.spans()
    ranges = sentences(text, spans)
    share = share_of_capitals(text, tokens.words, spans, ranges)
    found = names(text, tokens.words, spans, ranges, RARITY.weight, share=share)
    return [text[spans[n.start][0] : spans[n.end - 1][1]] for n in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Yesterday the envoy Olin Marsh spoke", ["Olin Marsh"]),
        ("The mayor of Port Lindane, J. F. Olin, spoke", ["Port Lindane", "J. F. Olin"]),
        ("A crowd of the al-Marsha Front met Omar bin Olin", ["Marsha Front", "Omar bin Olin"]),
        ("Then on Monday the Tuesday talks began", []),
        ("In the hall “We wait,” they told NATO and Mr. Olin", ["NATO", "Olin"]),
        ("As the crowd went by, READ MORE was shown to @Olin", []),
        ("Вчера посол Олин Марш сказал, что они ждут в порту", ["Олин Марш"]),
        ("它们在码头等待", []),
        ("انتظروا في الميناء", []),
    ],
)
def test_names(text: str, expected: list[str]) -> None:
    assert read(text + FILL) == expected


def test_a_lone_word_at_the_head_of_a_sentence_is_a_name_only_if_it_is_one_elsewhere() -> None:
    assert read("Fishermen waited" + FILL) == []
    assert read("Olin waited" + FILL + ". They saw Olin" + FILL) == ["Olin", "Olin"]


def test_a_headline_that_capitalises_each_word_and_shouting_have_no_names() -> None:
    assert read("Mayor Of Port Lindane Resigns After Ferry Fire") == []
    assert read("MAYOR OF PORT LINDANE RESIGNS") == []


def test_where_all_nouns_have_capitals_only_two_in_a_row_are_a_name() -> None:
    told = (
        "Gestern hat der Minister Olin Marsh in der Stadt über den Hafen und das Schiff gesprochen"
    )
    assert read(told) == ["Minister Olin Marsh"]


def test_names_are_bounded_and_capitals_are_all_found() -> None:
    long = " ".join(["Aa", "Bb", "Cc", "Dd", "Ee", "Ff", "Gg"])
    [name] = read(f"They say that {long} is here" + FILL)
    assert len(name.split()) == LONGEST
    tokens = Tokens("The Pier of olin, Marsh")
    assert list(capitalised(tokens.text, tokens.words, tokens.spans())) == ["the", "pier", "marsh"]

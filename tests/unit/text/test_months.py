"""Months by their names, as dates and texts tell them."""

from __future__ import annotations

import pytest

from nightdesk.text.months import IN_TEXTS, MONTHS
from nightdesk.text.tokens import Tokens


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("Janvier", 1),
        ("марта", 3),
        ("MAI", 5),
        ("Août", 8),
        ("Sept.", 9),
        ("grudnia", 12),
        ("ديسمبر", 12),
    ],
)
def test_a_text_names_a_month_in_whatever_spelling(text: str, month: int) -> None:
    tokens = Tokens(f"it was {text} then")
    (at,) = tokens.months()
    assert at == 2
    assert IN_TEXTS[tokens.word(at)] == month


@pytest.mark.parametrize("word", ["out", "set", "mag", "ago", "sub", "tem"])
def test_what_is_mostly_another_word_names_a_month_in_a_date_alone(word: str) -> None:
    assert word in MONTHS
    assert not Tokens(f"it was {word} then").months()


def test_each_month_has_names() -> None:
    assert set(MONTHS.values()) == set(IN_TEXTS.values()) == set(range(1, 13))

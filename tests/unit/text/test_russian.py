"""Russian nouns are found in the genitive plural, and by it; surnames in -ов stay what they are."""

from __future__ import annotations

import pytest

from nightdesk.text.entities import PhraseBook, variants
from nightdesk.text.tokens import Tokens


def finds(phrase: str, text: str) -> bool:
    return bool(PhraseBook(variants(phrase)).find(Tokens(text)))


@pytest.mark.parametrize(
    "forms",
    [
        "переговоры переговоров переговорам переговорами переговорах",
        "выборы выборов выборам выборах",
        "удар удары ударов ударами",
        "беженец беженцы беженцев беженцам",
        "боевик боевики боевиков боевиками",
        "забастовка забастовки забастовок забастовку забастовками",
        "ошибка ошибок ошибки",
        "случай случаи случаев",
        "рынок рынки рынков рынка",
        "санкция санкции санкций санкциям санкциями санкциях",
        "Переговоры переговоры",
    ],
)
def test_each_form_of_a_noun_finds_each_other(forms: str) -> None:
    words = forms.split()
    assert [(a, b) for a in words for b in words if not finds(a, f"… {b} …")] == []


@pytest.mark.parametrize(
    ("phrase", "other"),
    [
        ("Песков", "песка"),
        ("Иван", "Иванов"),
        ("Волков", "волк"),
        ("остров", "острый"),
        ("Китай", "Китаев"),
        ("мирный", "миров"),
        ("вызов", "выз"),
    ],
)
def test_names_and_words_that_only_end_alike_stay_apart(phrase: str, other: str) -> None:
    assert not finds(phrase, other)

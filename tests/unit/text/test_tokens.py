"""Words are folded so that spelling does not hide them, and each knows its place."""

from __future__ import annotations

import pytest

from nightdesk.text.tokens import MAX_CHARACTERS, Tokens, fold


def quoted(text: str) -> list[tuple[str, str]]:
    tokens = Tokens(text)
    spans = tokens.spans()
    return [(w, text[a:b]) for w, (a, b) in zip(tokens.words, spans, strict=True)]


@pytest.mark.parametrize(
    "spelling", ["US", "U.S.", "U.S", "USA", "U.S.A.", "u.s.", "U.S.'s", "US's"]
)
def test_the_country_is_one_word_however_it_is_spelt(spelling: str) -> None:
    assert fold(spelling)[0] == "US"


@pytest.mark.parametrize("spelling", ["us", "Us"])
def test_the_pronoun_is_not_the_country(spelling: str) -> None:
    assert fold(f"told {spelling} so")[1] == "us"


def test_possessives_plurals_case_and_accents_fold() -> None:
    assert fold("Russia's") == fold("RUSSIA’S") == fold("russia")
    assert fold("strikes countries denies") == ("strike", "country", "deny")
    assert fold("Élysée Straße İstanbul") == ("elysee", "strasse", "istanbul")
    assert fold("isn't isn’t") == ("isnt", "isnt")
    assert fold("news famous series")[:2] == ("news", "famous")


def test_hyphens_split_and_keep_the_joined_form_beside() -> None:
    tokens = Tokens("A cease-fire in a U.S.-Russian deal with al-Qaeda-linked groups")
    assert tokens.words[1:3] == ["cease", "fire"]
    assert tokens.joined == ("ceasefire",)


def test_a_letter_and_a_number_have_a_joined_form_too() -> None:
    assert Tokens("an F-16 and a cease–fire, 10-15 of A-b").joined == ("f16", "ceasefire")


def test_apostrophes_that_count_as_letters_part_words_all_the_same() -> None:
    assert fold("Лукʼянівка Syriaʼs Oʻzbekiston") == fold("Лук’янівка Syria's O'zbekiston")


def test_half_width_letters_are_pairs_of_the_usual_ones_at_their_own_places() -> None:
    assert fold("ｶﾞｻﾞ地区") == fold("ガザ地区")
    assert quoted("ｶﾞｻﾞ地区") == [("ガザ", "ｶﾞｻﾞ"), ("ザ地", "ｻﾞ地"), ("地区", "地区")]
    assert quoted("ｶﾞ") == [("ガ", "ｶﾞ")]


def test_numbers_keep_their_value() -> None:
    assert fold("1,000 25.5 12-year-old 2016") == ("1000", "25.5", "12", "year", "old", "2016")


def test_places_point_at_the_words_as_they_stand() -> None:
    text = "“U.S.-led” strikes: Assad's cease-fire, Aleppo,Syria"
    assert quoted(text) == [
        ("US", "U.S"),
        ("led", "led"),
        ("strike", "strikes"),
        ("assad", "Assad"),
        ("cease", "cease"),
        ("fire", "fire"),
        ("aleppo", "Aleppo"),
        ("syria", "Syria"),
    ]


def test_scripts_without_spaces_become_pairs() -> None:
    assert quoted("白宫否认BBC") == [
        ("白宫", "白宫"),
        ("宫否", "宫否"),
        ("否认", "否认"),
        ("bbc", "BBC"),
    ]


@pytest.mark.parametrize(
    "forms",
    [("Россия", "России", "Россией"), ("Москва", "Москве", "Москвой"), ("سوريا", "سُوريا")],
)
def test_forms_of_one_name_fold_to_one_word(forms: tuple[str, ...]) -> None:
    assert len({fold(form) for form in forms}) == 1


def test_the_arabic_article_is_no_part_of_the_word() -> None:
    assert fold("البيت الأبيض") == fold("بيت أبيض")


@pytest.mark.parametrize("text", ["", " ", "___", "'s", "-.-", "\u0301", "\ud800", "a_b", "''s"])
def test_odd_texts_are_read_without_harm(text: str) -> None:
    tokens = Tokens(text)
    assert len(tokens.spans()) == len(tokens.words)


def test_only_so_much_of_a_text_is_read() -> None:
    tokens = Tokens("word " * MAX_CHARACTERS)
    assert len(tokens) == MAX_CHARACTERS // 5
    assert len(Tokens("x" * 10_000_000).words[0]) < 100

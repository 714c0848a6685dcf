"""Phrases are found whole, in any spelling that folds alike, at a cost that their number does not set."""

from __future__ import annotations

import pytest

from nightdesk.text.entities import PhraseBook, variants
from nightdesk.text.tokens import Tokens


def find(phrase: str, text: str) -> list[str]:
    book = PhraseBook(variants(phrase))
    tokens = Tokens(text)
    spans = tokens.spans()
    places = dict.fromkeys((o.start, o.end) for o in book.find(tokens))
    return [text[spans[start][0] : spans[end - 1][1]] for start, end in places]


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("White House", "The White House's spokesman", ["White House"]),
        ("White House", "a white household", []),
        ("US", "The United States and the U.S. told us", ["United States", "U.S"]),
        ("United States", "US-led", ["US"]),
        ("us", "the US told us", ["us"]),
        (
            "US forces",
            "United States forces and U.S. forces; US-led forces",
            ["United States forces", "U.S. forces"],
        ),
        ("forces of the United States of America", "forces of the U.S", ["forces of the U.S"]),
        ("UN convoy", "a United Nations convoy", ["United Nations convoy"]),
        (
            "cease-fire",
            "a ceasefire, a cease-fire, a cease fire",
            ["ceasefire", "cease-fire", "cease fire"],
        ),
        ("ceasefire", "a ceasefire and a cease-fire", ["ceasefire", "cease-fire"]),
        ("not coordinating", "is NOT  coordinating", ["NOT  coordinating"]),
        ("叙利亚", "白宫否认在叙利亚军事协调", ["叙利亚"]),
        ("Белый дом", "представитель Белого дома", ["Белого дома"]),
        ("البيت الأبيض", "نفى البيت الأبيض التنسيق", ["البيت الأبيض"]),
        ("سوريا", "روسيا وسوريا وقوات بسوريا ودعم لسوريا", ["وسوريا", "بسوريا", "لسوريا"]),
        ("القوات الروسية", "والقوات الروسية وقوات روسية", ["والقوات الروسية", "وقوات روسية"]),
        ("Україна", "в Україні, з Україною", ["Україні", "Україною"]),
        ("Assad", "Assad's regime, Assads, Assadi", ["Assad", "Assads"]),
        ("Élysée", "ELYSEE and elysée’s", ["ELYSEE", "elysée"]),
        ("al-Nusra", "al Nusra, Al-Nusra Front", ["al Nusra", "Al-Nusra"]),
        ("モスクワ", "ロシアのモスクワで", ["モスクワ"]),
        ("서울", "서울 시청, 서울에서 서울의", ["서울", "서울에서", "서울의"]),
        ("दिल्ली", "नई दिल्ली में", ["दिल्ली"]),
        ("תל אביב", "תל אביב, בתל אביב", ["תל אביב", "בתל אביב"]),
        ("Suriye", "Suriye'nin kuzeyinde", ["Suriye"]),
        ("...", "anything", []),
        ("ceasefire", "a cease–fire holds", ["cease–fire"]),
        ("Ukra\u00adine", "in Ukraine", ["Ukraine"]),
        ("cease\u00adfire", "a ceasefire", ["ceasefire"]),
        ("F-16", "F-16, F16 and F-16s", ["F-16", "F16", "F-16s"]),
        ("F16", "F-16, F16 and F-16s", ["F-16", "F16", "F-16s"]),
        ("G7", "the G-7 and the G7", ["G-7", "G7"]),
        ("Covid-19", "COVID19 and Covid 19", ["COVID19", "Covid 19"]),
        ("1-2", "12", []),
        ("usa", "the USA and the U.S. told us", ["USA", "U.S"]),
        ("us", "the USA", []),
        ("US", "U S forces", ["U S"]),
        ("US", "U. S. forces; plan u. S. is off", ["U. S"]),
        ("U. S.", "the US, the U.S. and the U. S", ["US", "U.S", "U. S"]),
        ("EU", "EU-Gipfel, the E.U. and the European Union", ["EU", "E.U", "European Union"]),
        ("EU", "Eu acho que eu vou", []),
        ("European Union", "Eu acho; the EU", ["EU"]),
        ("European Union summit", "an EU summit", ["EU summit"]),
        ("eu", "eu acho; the EU", ["eu", "EU"]),
        ("ICE", "ICE agents, ice, Ice and ICE's", ["ICE", "ICE"]),
        ("переговоры", "раунд переговоров, на переговорах", ["переговоров", "переговорах"]),
        ("мирные переговоры", "мирных переговоров", ["мирных переговоров"]),
        ("санкции", "под санкциями, без санкций", ["санкциями", "санкций"]),
        ("UAE", "the United Arab Emirates’ army", ["United Arab Emirates"]),
        ("United Arab Emirates", "U.A.E.", ["U.A.E"]),
        ("Лук'янівка", "Лукʼянівка і Лук’янівку", ["Лукʼянівка", "Лук’янівку"]),
        ("Syria", "Syriaʼs army", ["Syria"]),
        ("Lodz", "w Łódź", ["Łódź"]),
        ("Ørsted", "Orsted", ["Orsted"]),
        ("Diyarbakir", "DİYARBAKIR, Diyarbakır'da", ["DİYARBAKIR", "Diyarbakır"]),
        ("Đà Nẵng", "Da Nang", ["Da Nang"]),
        ("sœur", "soeurs", ["soeurs"]),
        ("ایران", "في ايران وإيران", ["ايران", "وإيران"]),
        ("ガザ", "ｶﾞｻﾞ地区、ガザ", ["ｶﾞｻﾞ", "ガザ"]),
        ("モスクワ", "ﾓｽｸﾜ", ["ﾓｽｸﾜ"]),
        ("US", "ＵＳ軍", ["ＵＳ"]),
        ("서울", "서울까지, 서울에서는", ["서울까지", "서울에서는"]),
    ],
)
def test_a_phrase_is_found_in_any_spelling(phrase: str, text: str, found: list[str]) -> None:
    assert find(phrase, text) == found


def test_overlapping_phrases_are_all_found_in_the_order_of_the_text() -> None:
    book = PhraseBook([("joint", "air", "strike"), ("air", "strike"), ("strike",)])
    found = book.find(Tokens("Joint air strikes"))
    assert [(o.start, o.end) for o in found] == [(0, 3), (1, 3), (2, 3)]


def test_a_phrase_counts_as_it_is_written_beside_one_that_counts_in_any_writing() -> None:
    book = PhraseBook([*variants("ICE"), ("ice",), *variants("European Union")])
    found = {(o.start, book.phrases[o.phrase]) for o in book.find(Tokens("ICE, ice and EU"))}
    assert found == {(0, ("ICE",)), (0, ("ice",)), (1, ("ice",)), (3, ("EU",))}
    assert book.number(("eu",)) is None
    assert book.holds(("eu",))
    assert book.add(("eu",)) == len(book) - 1
    assert len(book.copy().find(Tokens("EU"))) == 2


def test_a_phrase_has_one_number_however_often_it_is_given() -> None:
    book = PhraseBook()
    assert book.add(("white", "house")) == book.add(("white", "house")) == 0
    assert book.add(("kremlin",)) == 1


@pytest.mark.parametrize("text", ["air strike", "strike air"])
def test_a_phrase_that_the_text_cuts_short_is_not_found(text: str) -> None:
    book = PhraseBook([("strike", "force"), ("joint", "strike"), ("strike",)])
    assert [number for _, _, number in book.find(Tokens(text))] == [2]


def test_a_copy_of_a_book_grows_alone() -> None:
    book = PhraseBook([("white", "house")])
    copy = book.copy()
    assert copy.add(("house", "white")) == 1
    assert book.number(("house", "white")) is None
    assert book.find(Tokens("house white")) == []
    assert len(copy.find(Tokens("the white house white"))) == 2


@pytest.mark.parametrize("others", [1, 500])
def test_a_phrase_is_found_once_whatever_other_phrases_share_its_words(others: int) -> None:
    # Each of the others is filed under "syrian", the first one under its longer word.
    book = PhraseBook([("syrian", "observatory"), *(("syrian", f"n{n}") for n in range(others))])
    found = book.find(Tokens("the Syrian Observatory and the Syrian n0"))
    assert [(o.start, o.end, o.phrase) for o in found] == [(1, 3, 0), (5, 7, 1)]

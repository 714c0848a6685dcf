"""Names count more than other words, whether or not they stand with a capital where they are compared."""

from __future__ import annotations

import pytest

from nightdesk.storylines.rarity import NUMBER, Rarity, shipped_rarity
from nightdesk.storylines.reading import Reading
from nightdesk.storylines.tables import parse_tenths
from nightdesk.storylines.traits import NAMES, shipped_traits
from nightdesk.text.stems import stem
from nightdesk.text.tokens import fold


def share(word: str) -> float:
    return shipped_traits(NAMES)[stem(fold(word)[0])]


def test_names_are_told_from_other_words_and_from_days() -> None:
    assert min(map(share, ("Syria", "Ebola", "Merkel", "Kiev", "Obama"))) == 1.0
    assert max(map(share, ("killed", "spokesman", "Tuesday", "September"))) <= 0.1
    assert 0.1 < share("court") < 0.9


def test_a_name_counts_more_than_a_word_that_is_as_rare() -> None:
    rarity = Rarity({"kelmar": 6.0, "harbour": 6.0}, names={"kelma": 1.0, "harbo": 0.0})
    assert rarity.weight("kelmar") == rarity.weight("harbour")
    assert rarity.stem_weight("kelma") == pytest.approx(1.5 * rarity.stem_weight("harbo"))


def test_what_nobody_counted_is_held_for_a_name_and_a_number_for_none() -> None:
    rarity = Rarity({"zorvan": 6.0})
    held = NAMES.factor(NAMES.unheard)
    assert rarity.stem_weight("zorva") == pytest.approx(6.0 * held)
    assert rarity.stem_weight("kelma") == rarity.stranger > rarity.unknown * held
    assert rarity.stem_weight("2016") == NUMBER


@pytest.mark.parametrize("text", ["Zorvan kelmar abba", "zorvan Kelmar ABBA"])
def test_a_stem_weighs_the_same_before_and_after_it_is_filed(text: str) -> None:
    rarity = Rarity({"the": 0.0}, names=shipped_traits(NAMES))
    before, norm = Reading("", "", text).weights(rarity)
    rarity.lexicon.file(["zorva", "kelma", "abba"])
    assert Reading("", "", text).weights(rarity) == (before, norm)
    assert before["zorva"] == rarity.stem_weight("zorva")


def test_capitals_of_a_headline_change_nothing() -> None:
    rarity = shipped_rarity()
    plain = Reading("", "", "Envoys of Iran and Oman meet on the gulf").weights(rarity)
    assert Reading("", "", "Envoys Of IRAN And Oman Meet On The Gulf").weights(rarity) == plain


def test_a_table_is_read_by_tenths() -> None:
    assert parse_tenths("0\tkille polic\n7\tcourt\n") == {"kille": 0.0, "polic": 0.0, "court": 0.7}

"""Words that come in bursts count more than words that are as rare and of all weeks."""

from __future__ import annotations

import pytest

from nightdesk.storylines.own_counts import Tally, learned
from nightdesk.storylines.rarity import NUMBER, Rarity, shipped_rarity
from nightdesk.storylines.reading import Reading
from nightdesk.storylines.tables import parse_tenths
from nightdesk.storylines.traits import BURSTS, NAMES, shipped_traits
from nightdesk.text.stems import stem
from nightdesk.text.tokens import fold


def burst(word: str) -> float:
    return shipped_traits(BURSTS).get(stem(fold(word)[0]), 0.0)


def test_words_of_stories_are_told_from_words_of_all_weeks() -> None:
    assert min(map(burst, ("Ebola", "Gaza", "Egypt", "shutdown", "hurricane"))) >= 0.5
    assert max(map(burst, ("police", "officials", "spokesman", "September"))) <= 0.2


def test_a_burst_counts_more_than_a_word_that_is_as_rare() -> None:
    rarity = Rarity({"kelmar": 6.0, "harbour": 6.0}, bursts={"kelma": 1.0})
    assert rarity.weight("kelmar") == rarity.weight("harbour")
    assert rarity.stem_weight("kelma") == pytest.approx(1.5 * rarity.stem_weight("harbo"))


def test_a_stem_that_some_table_has_bursts_only_where_it_says_so() -> None:
    rarity = Rarity({"harbour": 6.0}, names={"harbo": 0.0, "kelma": 0.0})
    assert rarity.stem_weight("kelma") == rarity.unknown
    assert rarity.stem_weight("harbo") == pytest.approx(6.0)


def test_what_nobody_counted_is_held_for_a_name_of_one_story_and_a_number_for_none() -> None:
    rarity = Rarity({}, bursts={"zorva": 0.0})
    name = rarity.unknown * NAMES.factor(NAMES.unheard)
    assert rarity.stranger == rarity.stem_weight("kelma") == name * BURSTS.factor(BURSTS.unheard)
    assert rarity.stem_weight("zorva") == name
    assert rarity.stem_weight("2016") == NUMBER


def test_a_stem_of_the_table_of_bursts_alone_weighs_the_same_before_and_after_it_is_filed() -> None:
    rarity = Rarity({"the": 0.0}, bursts={"zorva": 2.0})
    before = Reading("", "", "Zorvan kelmar").weights(rarity)
    assert before[0] == {key: rarity.stem_weight(key) for key in ("zorva", "kelma")}
    rarity.lexicon.file(["zorva", "kelma"])
    assert Reading("", "", "Zorvan kelmar").weights(rarity) == before


def test_a_table_is_read_by_tenths() -> None:
    assert parse_tenths("3\tegypt\n12\tebola\n") == {"egypt": 0.3, "ebola": 1.2}


def test_own_counts_leave_bursts_as_they_are() -> None:
    shipped = shipped_rarity()
    assert learned(shipped, Tally().counts()).bursts == shipped.bursts

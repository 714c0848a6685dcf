"""What a desk's own articles teach of the rarity of words, and how far they may go."""

from __future__ import annotations

import math

import pytest

from nightdesk.storylines.own_counts import (
    LEAST_ELSEWHERE,
    MOST_MOVED,
    Counted,
    Counts,
    Tally,
    from_bytes,
    learned,
    moved,
    to_bytes,
)
from nightdesk.storylines.rarity import LEAST, NUMBER, UNKNOWN, Rarity, shipped_rarity

PRIOR = Rarity({"the": 0.0, "president": 2.0, "ferry": 6.0, "2016": 5.0})


def counts(articles: int = 10_000, language: str = "en", **words: int) -> Counts:
    return Counts({language: Counted(articles, words)})


def test_a_common_word_weighs_less_and_a_rare_one_as_before() -> None:
    rarity = learned(PRIOR, counts(articles=10_000, ferry=300, lindane=3))
    assert PRIOR.weight("ferry") - MOST_MOVED <= rarity.weight("ferry") < PRIOR.weight("ferry")
    assert rarity.weight("lindane") == rarity.weight("unheard") == UNKNOWN


def test_a_word_that_a_desk_hardly_hears_weighs_more() -> None:
    rarity = learned(PRIOR, counts(articles=100_000, president=300))
    assert rarity.weight("president") == PRIOR.weight("president") + MOST_MOVED


def test_the_prior_counts_as_two_thousand_articles_of_its_own_language() -> None:
    rarity = learned(PRIOR, counts(articles=2_000, ferry=20))
    share = (20 + 2_000 * math.exp(-6.0)) / 4_000
    assert rarity.weight("ferry") == pytest.approx(-math.log(share), abs=1 / 16)


def test_function_words_go_on_weighing_nothing() -> None:
    heard = Counts({"en": Counted(10_000, {"the": 5}), "xx": Counted(500, {"the": 9})})
    assert learned(PRIOR, heard).weight("the") == 0.0


def test_numbers_keep_their_weight_and_are_not_counted() -> None:
    tally = Tally()
    for _ in range(200):
        tally.add("en", ["2026", "7", "x", "ferry"])
    heard = tally.counts()
    assert set(heard.languages["en"].words) == {"ferry"}
    rarity = learned(PRIOR, heard)
    assert (rarity.weight("2026"), rarity.weight("2016")) == (NUMBER, 5.0)


def test_a_word_that_languages_share_weighs_by_the_one_in_which_it_is_commonest() -> None:
    heard = Counts({"xx": Counted(5_000, {"sol": 150}), "yy": Counted(5_000, {"sol": 12})})
    both = learned(PRIOR, heard)
    alone = learned(PRIOR, Counts({"yy": heard.languages["yy"]}))
    assert both.weight("sol") < alone.weight("sol") < UNKNOWN
    # What one language has no word of tells nothing of the word.
    more = Counts({**heard.languages, "zz": Counted(50_000, {"mar": 100})})
    assert learned(PRIOR, more).weight("sol") == both.weight("sol")


def test_another_language_does_not_make_a_word_of_ours_rarer() -> None:
    heard = Counts({"xx": Counted(50_000, {"president": 3})})
    assert learned(PRIOR, heard).weight("president") == 2.0


def test_a_language_of_a_few_articles_teaches_nothing() -> None:
    heard = counts(articles=60, language="xx", sol=30)
    assert heard.telling == []
    assert learned(PRIOR, heard).weights == PRIOR.weights


@pytest.mark.parametrize("language", ["en", "xx"])
def test_a_burst_leaves_its_own_words_telling(language: str) -> None:
    # A wreck fills every tenth report of the window.
    rarity = learned(PRIOR, counts(articles=5_000, language=language, lindane=500, ferry=500))
    least = LEAST_ELSEWHERE if language == "xx" else UNKNOWN - MOST_MOVED
    assert rarity.weight("lindane") >= least
    assert rarity.weight("ferry") >= PRIOR.weight("ferry") - MOST_MOVED


def test_what_stands_in_most_reports_of_an_unknown_language_is_a_function_word() -> None:
    rarity = learned(PRIOR, counts(articles=5_000, language="xx", bir=4_000, ve=4_900))
    assert rarity.weight("bir") == rarity.weight("ve") == LEAST


def test_nothing_weighs_less_than_the_least_or_more_than_the_unknown() -> None:
    for language in ("en", "xx"):
        heard = counts(articles=1_000, language=language, president=1_000, word=1_000, rare=3)
        weights = learned(PRIOR, heard).weights
        assert all(LEAST <= weight <= UNKNOWN for weight in weights.values() if weight)


def test_an_article_counts_a_word_once_and_of_no_language_not_at_all() -> None:
    tally = Tally()
    for _ in range(4):
        tally.add("en", ["ferry", "ferry", "aground"])
    tally.add("en", ["once"])
    tally.add("und", ["ferry"])
    assert tally.counts() == Counts({"en": Counted(5, {"aground": 4, "ferry": 4})})


def test_counts_come_back_from_bytes_as_they_were() -> None:
    heard = Counts({"en": Counted(7, {"ferry": 3}), "ar": Counted(9, {"سفينة": 4})})
    assert from_bytes(to_bytes(heard)) == heard
    for broken in (b"", b"counts", to_bytes(heard)[:-9]):
        with pytest.raises(ValueError, match="no counts of words"):
            from_bytes(broken)


def test_the_words_that_moved_most_come_first() -> None:
    heard = Counts({"xx": Counted(5_000, {"gobierno": 900, "plaza": 40, "raro": 3})})
    found = moved(shipped_rarity(), heard, 2)["xx"]
    assert [one.word for one in found] == ["gobierno", "plaza"]
    assert all(one.before == UNKNOWN > one.after for one in found)

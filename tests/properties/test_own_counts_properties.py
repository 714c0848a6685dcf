"""Counting words is a sum: order and division do not matter, and weights stay within their bounds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nightdesk.storylines.own_counts import (
    MOST_MOVED,
    Counted,
    Counts,
    Tally,
    from_bytes,
    learned,
    to_bytes,
)
from nightdesk.storylines.rarity import LEAST, Rarity

WORDS = ["the", "president", "ferry", "sol", "plaza", "mar", "2026"]
ARTICLES = st.lists(
    st.tuples(st.sampled_from(["en", "es", "und"]), st.lists(st.sampled_from(WORDS), max_size=6)),
    max_size=40,
)
PRIOR = Rarity({"the": 0.0, "president": 2.5, "ferry": 6.0})


@st.composite
def counted(draw: st.DrawFn) -> Counts:
    languages = {}
    for name in draw(st.sets(st.sampled_from(["en", "es", "tr"]))):
        articles = draw(st.integers(1, 100_000))
        words = draw(st.dictionaries(st.sampled_from(WORDS[:-1]), st.integers(1, articles)))
        languages[name] = Counted(articles, words)
    return Counts(languages)


def tally(articles: list[tuple[str, list[str]]]) -> Tally:
    made = Tally()
    for language, words in articles:
        made.add(language, words)
    return made


@given(ARTICLES, st.randoms(use_true_random=False))
def test_the_order_of_articles_does_not_matter(
    articles: list[tuple[str, list[str]]], random: object
) -> None:
    shuffled = list(articles)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = tally(articles).counts(), tally(shuffled).counts()
    assert to_bytes(one) == to_bytes(other)


@given(ARTICLES, ARTICLES)
def test_merged_counts_are_those_counted_together(
    first: list[tuple[str, list[str]]], second: list[tuple[str, list[str]]]
) -> None:
    merged = tally(first)
    merged.merge(tally(second))
    assert to_bytes(merged.counts()) == to_bytes(tally([*first, *second]).counts())


@given(counted())
def test_weights_keep_within_their_bounds_and_come_back_the_same(counts: Counts) -> None:
    rarity = learned(PRIOR, counts)
    for word, before in PRIOR.weights.items():
        after = rarity.weight(word)
        assert abs(after - before) <= MOST_MOVED
        assert (after == 0.0) == (before == 0.0)
    for word in WORDS:
        assert rarity.weight(word) in {0.0} or LEAST <= rarity.weight(word) <= rarity.unknown
    assert learned(PRIOR, from_bytes(to_bytes(counts))).weights == rarity.weights


@given(counted(), counted())
def test_more_of_a_word_never_makes_it_weigh_more(one: Counts, other: Counts) -> None:
    for name in set(one.languages) & set(other.languages):
        articles = one.languages[name].articles
        few = Counts({name: Counted(articles, {"sol": 1})})
        many = Counts({name: Counted(articles, {"sol": min(articles, 1 + other.articles)})})
        assert learned(PRIOR, many).weight("sol") <= learned(PRIOR, few).weight("sol")

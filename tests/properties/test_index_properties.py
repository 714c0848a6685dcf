"""An index that grew names what a new one names; its bounds never shut out a score that suffices."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nightdesk.storylines.compile import compile_storylines
from nightdesk.storylines.index import Index
from nightdesk.storylines.nominate import assess_article, nominate
from nightdesk.storylines.postings import Postings
from nightdesk.storylines.profiles import Profiles
from nightdesk.storylines.rarity import shipped_rarity
from nightdesk.storylines.reading import Reading
from nightdesk.storylines.refresh import refresh
from nightdesk.storylines.vectors import Terms
from schemas import Article, Storyline
from tests.properties.test_storylines_properties import (
    WORDS,
    articles,
    bundles,
    phrases,
    storylines,
    wild,
)
from tests.unit.storylines.build import NOON, make_storyline

RARITY = shipped_rarity()

profiles = st.lists(
    st.dictionaries(st.sampled_from(WORDS), st.floats(0.01, 1.0), max_size=6), max_size=8
)
SIZE = 12
"""Storylines of the first catalogue: of so many, a few may change before all is built anew."""

changes = st.lists(
    st.tuples(st.integers(0, SIZE), st.one_of(st.none(), storylines())), min_size=1, max_size=5
)


@given(
    st.lists(storylines(), min_size=SIZE, max_size=SIZE),
    changes,
    st.lists(articles(), min_size=1, max_size=3),
)
@settings(max_examples=60, deadline=None)
def test_a_refreshed_index_names_the_same_as_a_new_one(
    first: list[Storyline],
    later: list[tuple[int, Storyline | None]],
    reports: list[Article],
) -> None:
    declared = {number: (storyline, 1) for number, storyline in enumerate(first)}
    index = _refreshed(None, declared)
    for version, (number, storyline) in enumerate(later, start=2):
        declared.pop(number, None)
        if storyline is not None:
            declared[number] = (storyline, version)
        index = _refreshed(index, declared)
        fresh = _refreshed(None, declared)
        assert index.storylines.keys() == fresh.storylines.keys()
        for report in reports:
            assert nominate(report, index, now=NOON) == nominate(report, fresh, now=NOON)


def _refreshed(index: Index | None, declared: dict[int, tuple[Storyline, int]]) -> Index:
    pairs = [(s.model_copy(update={"id": f"s{n}"}), v) for n, (s, v) in declared.items()]
    return refresh(index, pairs, rarity=RARITY)


@given(bundles, st.lists(articles(), min_size=1, max_size=3))
@settings(max_examples=100, deadline=None)
def test_the_gate_lets_in_every_score_that_suffices(
    bundle: tuple[Storyline, ...], reports: list[Article]
) -> None:
    index = compile_storylines([(s, 1) for s in bundle], rarity=RARITY)
    for report in reports:
        reading = Reading.of(report)
        gained = index.mentions.gained(index.mentions.find(reading, RARITY.lexicon))
        let_in = {index.placed[place].id for place in index.gate.open_to(reading, gained)}
        for name, storyline in index.storylines.items():
            parts = assess_article(report, index, name).contributions
            cosine, _ = reading.meets(RARITY, storyline.profile)
            suffices = sum(p.value for p in parts if p.name != "excluded") >= storyline.floor
            if suffices and cosine >= storyline.least_cosine:
                assert name in let_in


@given(
    profiles,
    profiles,
    st.lists(st.sampled_from(WORDS), max_size=40),
    st.integers(0, 3),
    st.lists(st.floats(0.0, 1.0), min_size=16, max_size=16),
)
@example([{"White": 0.5, "Russia's": 1.0}], [], ["White"], 0, [0.0] * 16)
@example(
    [{"White": 1.0, "House": 1.0, "Russia's": 1.0, "Russian": 0.5}], [], ["White"], 0, [0.0] * 16
)
@settings(max_examples=150)
def test_bounds_are_never_too_low_and_too_high_by_what_is_left_out_and_rounded_at_most(
    first: list[dict[str, float]],
    more: list[dict[str, float]],
    words: list[str],
    wide: int,
    leeway: list[float],
) -> None:
    unit = [_folded(profile) for profile in (*first, *more)]
    built = Profiles.of(unit[: len(first)], leeway[: len(first)], RARITY.lexicon, wide_from=wide)
    grown = built.with_more(unit[len(first) :], leeway[len(first) : len(unit)])
    reading = Reading("", "", " ".join(words))
    article = reading.told(RARITY.lexicon)
    bounds = grown.bounds(article)
    for place, (profile, most) in enumerate(zip(unit, leeway, strict=False)):
        exact, share = _exact(profile, reading)
        assert exact - 1e-6 <= bounds[place] <= exact + most + _rounding(profile, reading) + 1e-6
        ((cosine, met),) = grown.meet([place], article, reading, RARITY)
        assert abs(cosine - exact) < 1e-9
        assert abs(met - share) < 1e-9


@given(st.lists(st.tuples(phrases, wild), min_size=1, max_size=6), wild, wild)
@settings(max_examples=150)
def test_the_sieve_lets_through_every_phrase_that_is_there(
    given_: list[tuple[str, str]], title: str, text: str
) -> None:
    lexicon = RARITY.lexicon
    index = compile_storylines(
        [
            (make_storyline(id=f"s{n}", cues={"supporting": [cue, other.strip() or cue]}), 1)
            for n, (cue, other) in enumerate(given_)
        ],
        rarity=RARITY,
    )
    reading = Reading(title, "", text)
    sifted = index.mentions.find(reading, lexicon)
    assert sifted == reading.find(index.mentions.book)


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 99))),
    st.lists(st.tuples(st.integers(0, 8), st.integers(0, 99))),
    st.lists(st.integers(0, 8)),
)
def test_postings_hold_what_was_filed_in_the_order_of_filing(
    first: list[tuple[int, int]], more: list[tuple[int, int]], asked: list[int]
) -> None:
    def columns(pairs: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
        table = np.array(pairs, np.int64).reshape(-1, 2)
        return table[:, 0], table[:, 1]

    postings = Postings.of(6, *columns(first)).with_more(9, *columns(more))
    entries, lengths = postings.take(np.array(asked, np.int64))
    expected = [[entry for row, entry in (*first, *more) if row == wanted] for wanted in asked]
    assert lengths.tolist() == [len(entries) for entries in expected]
    assert entries.tolist() == [entry for entries in expected for entry in entries]


def _exact(profile: Terms, reading: Reading) -> tuple[float, float]:
    """Return the cosine and the share of the title, word by word."""
    article, norm = reading.weights(RARITY)
    product = sum(value * article.get(word, 0.0) for word, value in profile.items())
    return product / norm if norm else 0.0, reading.title_share(RARITY, profile)


def _rounding(profile: Terms, reading: Reading) -> float:
    """Return the bounds that `_table` and `_entries` derive, all terms of the profile taken for both."""
    terms, (_, norm) = reading.terms(RARITY), reading.weights(RARITY)
    shared = sum(1.0 + math.log(times) for term, times in terms.items() if term in profile)
    told = sum(RARITY.stem_weight(term) ** 2 for term in profile.words) ** 0.5
    steps = told / (255 - len(profile)) + told / 255
    return shared / norm * steps if norm else 0.0


def _folded(profile: dict[str, float]) -> Terms:
    weighed = {w: v for words, v in profile.items() for w in Reading(words, "", "").counts}
    weighed = {word: value for word, value in weighed.items() if RARITY.weight(word)}
    length = sum(value * value for value in weighed.values()) ** 0.5
    return Terms({word: value / length for word, value in weighed.items()}, RARITY.lexicon)

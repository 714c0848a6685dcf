"""An article's words are counted, weighed and looked up by compiled loops as by interpreted ones."""

from __future__ import annotations

from array import array
from types import ModuleType

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nightdesk.storylines import tallies
from tests.support.interpreted import interpreted

PLAIN = interpreted(tallies)
SIZE = 20
"""Numbers of the lexicon, and places."""

words = st.lists(st.integers(-6, SIZE - 1), max_size=60)
weights = st.lists(st.floats(0.0, 9.0), min_size=SIZE, max_size=SIZE)
rows = st.lists(st.integers(0, 2 * SIZE), max_size=30)
entries = st.lists(st.integers(0, (SIZE << 8) - 1), min_size=3, max_size=60)


def told(
    module: ModuleType,
    said: list[int],
    twice: int,
    rare: list[float],
    wanted: list[int],
    lists: list[int],
) -> list[object]:
    """Return all that is said of words."""
    slots = np.full(1 << len(said).bit_length(), -1, np.int32)
    numbers, firsts, times = (np.empty(len(said), np.int32) for _ in range(3))
    given_ = np.array(said, np.int32)
    distinct = module.count(given_.data, twice, slots.data, numbers.data, firsts.data, times.data)
    numbers, firsts, times = numbers[:distinct], firsts[:distinct], times[:distinct]
    logs, values = np.empty(distinct), np.empty(distinct)
    module.weigh(
        numbers.data,
        times.data,
        np.arange(4.0).data,
        np.array(rare).data,
        np.array([0.5, 0.25]).data,
        logs.data,
        values.data,
    )
    met, at = np.empty(len(wanted), np.int32), np.empty(len(wanted), np.int32)
    found = module.find(
        numbers.data, slots.data, np.array(wanted, np.int32).data, met.data, at.data
    )
    own, profile = (numbers.data, slots.data, values.data, logs.data), array("i", wanted)
    plain = distinct // 2
    nearness = module.meet(*own, plain, profile, array("d", [0.3 * row for row in wanted]))
    starts = np.array([0, 0, 1, len(lists)], np.int64)
    sums = np.zeros(SIZE)
    filed = np.array(lists, np.uint32)
    module.add_up(numbers.data, logs.data, 1.7, starts.data, filed.data, sums.data)
    arrays = slots, numbers, firsts, times, logs, values, met[:found], at[:found], sums
    return [nearness, *(each.tolist() for each in arrays)]


@given(words, st.integers(0, 70), weights, rows, entries)
def test_words_come_to_the_same_compiled_and_interpreted(
    said: list[int], twice: int, rare: list[float], wanted: list[int], lists: list[int]
) -> None:
    found = told(tallies, said, twice, rare, wanted, lists)
    assert found == told(PLAIN, said, twice, rare, wanted, lists)
    counted = {n: sum(1 + (at < twice) for at, m in enumerate(said) if m == n) for n in said if n}
    assert found[2:5] == [
        list(counted),
        [said.index(number) for number in counted],
        list(counted.values()),
    ]


def sifted(module: ModuleType, said: list[int], sought: list[tuple[int, int]]) -> list[object]:
    """Return which words get through a sieve of pairs, and of single words of odd numbers."""
    alone = np.array([number % 2 for number in range(SIZE // 2)], np.uint8)
    flags = np.zeros(16, np.uint8)
    flags[[module.mixed(one, other, 15) for one, other in sought]] = 1
    pairs = np.array(sorted(module.paired(one, other) for one, other in sought), np.int64)
    singles: list[int] = []
    firsts: list[int] = []
    words = np.array(said, np.int32)
    module.sift(words.data, alone.data, flags.data, pairs.data, singles, firsts)
    return [singles, firsts, flags.tolist(), pairs.tolist()]


@given(words, st.lists(st.tuples(st.integers(0, SIZE), st.integers(0, SIZE)), max_size=9))
def test_words_are_sifted_the_same_compiled_and_interpreted(
    said: list[int], sought: list[tuple[int, int]]
) -> None:
    found = sifted(tallies, said, sought)
    assert found == sifted(PLAIN, said, sought)
    assert found[0] == [at for at, n in enumerate(said) if 0 <= n < SIZE // 2 and n % 2]
    assert found[1] == [at for at in range(len(said) - 1) if (said[at], said[at + 1]) in sought]

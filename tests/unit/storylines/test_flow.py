"""What reaches a report from its storyline, through the reports between them."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from nightdesk.storylines.flow import WALKS, flows

Floats = NDArray[np.float64]


def drawn(seed: int, size: int) -> tuple[Floats, Floats]:
    """Links to the storyline, and likenesses of `size` reports among each other."""
    chance = np.random.default_rng(seed)
    half = chance.uniform(0, 1, (size, size))
    return chance.uniform(0.03, 1, size), (half + half.T) / 2


def settled(links: Floats, likeness: Floats) -> Floats:
    return flows(links, likeness, links, likeness, np.arange(len(links)))


def test_of_two_events_of_one_kind_the_walk_stays_in_its_own() -> None:
    """Two of our reports are near to the exemplar; all others as near as the other event's."""
    ours, size = 6, 12
    links, likeness = drawn(1, size)
    links, likeness = 0.2 + links / 20, likeness / 20 + 0.15
    likeness[:ours, :ours] += 0.35
    likeness[ours:, ours:] += 0.35
    links[:2] = 0.4
    for column in settled(links, likeness).T:
        assert column[:ours].min() > column[ours:].max() + 0.4


@given(seed=st.integers(0, 10**6), size=st.integers(2, 12))
def test_one_report_alone_gets_what_it_gets_among_all(seed: int, size: int) -> None:
    links, likeness = drawn(seed, size)
    together = settled(links, likeness)
    for own in range(size):
        others = np.arange(size) != own
        new = flows(
            links[others],
            likeness[np.ix_(others, others)],
            links[own : own + 1],
            likeness[own : own + 1, others],
            np.array([-1]),
        )
        known = flows(
            links, likeness, links[own : own + 1], likeness[own : own + 1], np.array([own])
        )
        np.testing.assert_allclose(new[0], together[own], atol=1e-9)
        if size > 1:
            np.testing.assert_allclose(known[0], together[own], atol=1e-9)


@given(seed=st.integers(0, 10**6), size=st.integers(2, 12))
def test_the_order_of_what_is_remembered_does_not_matter(seed: int, size: int) -> None:
    links, likeness = drawn(seed, size)
    order = np.random.default_rng(seed + 1).permutation(size)
    turned = settled(links[order], likeness[np.ix_(order, order)])
    np.testing.assert_allclose(turned, settled(links, likeness)[order], atol=1e-9)


def test_the_first_report_of_all_gets_everything() -> None:
    alone = flows(np.zeros(0), np.zeros((0, 0)), np.array([0.2]), np.zeros((1, 0)), np.array([-1]))
    assert alone.shape == (1, len(WALKS))
    np.testing.assert_allclose(alone, 0.0, atol=0.06)


def test_what_resembles_nothing_gets_next_to_nothing_and_no_warning() -> None:
    likeness = np.zeros((3, 3))
    likeness[0, 1] = likeness[1, 0] = 0.5
    with np.errstate(all="raise"):
        found = settled(np.array([0.4, 0.3, 0.0]), likeness)
    assert np.isfinite(found).all()
    assert (found[2] < found[:2].min(axis=0) - 2).all()

"""What reaches a report from its storyline, through the reports between them."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from nightdesk.numbers import side_by_side
from nightdesk.storylines.flow import WALKS, Walked, walked

Floats = NDArray[np.float64]


def drawn(seed: int, size: int) -> tuple[Floats, Floats]:
    """Links to the storyline, and likenesses of `size` reports among each other."""
    chance = np.random.default_rng(seed)
    half = chance.uniform(0, 1, (size, size))
    return chance.uniform(0.03, 1, size), (half + half.T) / 2


def two_events(size: int, ours: int) -> tuple[Floats, Floats]:
    """Two of our reports are near to the exemplar; all others as near as the other event's."""
    links, likeness = drawn(1, size)
    links, likeness = 0.2 + links / 20, likeness / 20 + 0.15
    likeness[:ours, :ours] += 0.35
    likeness[ours:, ours:] += 0.35
    links[:2] = 0.4
    return links, likeness


def walks(links: Floats, likeness: Floats) -> list[Walked]:
    return [walked(walk, side_by_side(links), side_by_side(likeness)) for walk in WALKS]


def reached(walks: list[Walked], link: float, near: Floats) -> Floats:
    """What reaches a newcomer by each walk."""
    top = np.sort(np.array([link, *near, *np.zeros(8)]))[::-1][:8]
    return np.array(
        [walk.newcomer(link, side_by_side(near), 0, side_by_side(top)) for walk in walks]
    )


def settled(links: Floats, likeness: Floats) -> Floats:
    """What reaches each of the reports (k, walks)."""
    return np.array([list(walk.members()) for walk in walks(links, likeness)]).T


def test_of_two_events_of_one_kind_the_walk_stays_in_its_own() -> None:
    links, likeness = two_events(12, 6)
    for column in settled(links, likeness).T:
        assert column[:6].min() > column[6:].max() + 0.4


def test_a_newcomer_gets_what_its_own_event_has() -> None:
    links, likeness = two_events(14, 7)
    known = np.array([n for n in range(14) if n not in (6, 13)])
    links, likeness, among = links[known], likeness[:, known], likeness[np.ix_(known, known)]
    found, members = walks(links, among), settled(links, among)[:6]
    ours, theirs = (reached(found, 0.2, likeness[new]) for new in (6, 13))
    assert (ours > theirs + 0.4).all()
    assert (members.min(axis=0) - 0.5 < ours).all()
    assert (ours < members.max(axis=0) + 0.5).all()


@given(seed=st.integers(0, 10**6), size=st.integers(2, 12))
def test_the_order_of_what_is_remembered_does_not_matter(seed: int, size: int) -> None:
    links, likeness = drawn(seed, size)
    order = np.random.default_rng(seed + 1).permutation(size)
    turned = settled(links[order], likeness[np.ix_(order, order)])
    np.testing.assert_allclose(turned, settled(links, likeness)[order], atol=1e-9)
    near = np.random.default_rng(seed + 2).uniform(0, 1, size)
    one = reached(walks(links, likeness), 0.3, near)
    other = walks(links[order], likeness[np.ix_(order, order)])
    np.testing.assert_allclose(one, reached(other, 0.3, near[order]), atol=1e-9)


def test_the_first_report_of_all_gets_everything() -> None:
    found = walks(np.zeros(0), np.zeros((0, 0)))
    assert [len(walk.members()) for walk in found] == [0, 0]
    assert (abs(reached(found, 0.2, np.zeros(0))) < 0.06).all()


def test_what_resembles_nothing_gets_next_to_nothing() -> None:
    links, likeness = np.array([0.4, 0.3, 0.0]), np.zeros((3, 3))
    likeness[0, 1] = likeness[1, 0] = 0.5
    found = settled(links, likeness)
    strange = reached(walks(links, likeness), 0.0, np.zeros(3))
    assert np.isfinite(found).all()
    assert (found[2] < found[:2].min(axis=0) - 2).all()
    assert (strange < found[:2].min(axis=0) - 2).all()


@given(seed=st.integers(0, 10**6), size=st.integers(1, 30))
def test_what_each_has_of_a_walk_solves_its_equations(seed: int, size: int) -> None:
    """Solved here by another's code, of all edges that either end keeps."""
    links, likeness = drawn(seed, size)
    np.fill_diagonal(likeness, 1.0)
    edges = np.zeros((size + 1, size + 1))
    edges[1:, 1:] = likeness - np.eye(size)
    edges[0, 1:] = edges[1:, 0] = links
    for walk, found in zip(WALKS, walks(links, likeness), strict=True):
        least = (
            np.sort(edges, axis=1)[:, -walk.nearest] if size > walk.nearest else np.zeros(size + 1)
        )
        sharp = np.where(edges >= np.minimum.outer(least, least), edges**walk.sharpness, 0.0)
        root = 1.0 / np.sqrt(sharp.sum(axis=1) + 1e-9)
        start = np.eye(size + 1)[0]
        spread = np.linalg.solve(np.eye(size + 1) - walk.on * sharp * np.outer(root, root), start)
        np.testing.assert_allclose(list(found.spread), spread, atol=1e-9)

"""What is measured of a report among those that its storyline remembers."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from nightdesk.numbers import side_by_side
from nightdesk.storylines.neighbourhood import (
    CONTEXTS,
    FIRST,
    SECOND,
    Crowd,
    Neighbourhood,
    Newcomer,
    Opinions,
    Told,
)
from nightdesk.storylines.widened import Widened, widened

Floats = NDArray[np.float64]

TOLD = Told(exemplars=2, log_words=4.0, mass=1.7, days=np.array([100.0]), alike=0.3)


def texts(seed: int, size: int) -> Floats:
    """Vectors of length one: an exemplar's, another exemplar's, then `size` reports'."""
    drawn = np.random.default_rng(seed).uniform(0, 1, (size + 2, 9)) ** 3
    result: Floats = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
    return result


def crowd(seed: int, size: int) -> tuple[Crowd, Floats]:
    vectors = texts(seed, size)
    profile = vectors[:2].sum(axis=0)
    reports = vectors[2:]
    days = np.random.default_rng(seed).uniform(100, 110, size)
    days[::4] = np.nan
    return (
        Crowd(
            cosine=reports @ profile / np.linalg.norm(profile),
            exemplars=reports @ vectors[:2].T,
            likeness=reports @ reports.T,
            log_words=np.full(size, 3.0),
            days=days,
            rivals=np.full(size, np.nan),
        ),
        vectors,
    )


def without(whole: Crowd, place: int) -> tuple[Crowd, Newcomer]:
    """Part a crowd into all but one, and that one as a newcomer."""
    kept = np.arange(len(whole.cosine)) != place
    rest = Crowd(
        whole.cosine[kept],
        whole.exemplars[kept],
        whole.likeness[np.ix_(kept, kept)],
        whole.log_words[kept],
        whole.days[kept],
        whole.rivals[kept],
    )
    one = Newcomer(
        float(whole.cosine[place]),
        side_by_side(np.concatenate((whole.exemplars[place], whole.likeness[place, kept]))),
        whole.exemplars.shape[1],
        float(whole.log_words[place]),
        float(whole.days[place]),
        float("nan"),
    )
    return rest, one


def first_of_all(hood: Neighbourhood, whole: Crowd) -> tuple[Floats, Floats]:
    """The rows of the crowd, begun, and its contexts."""
    rows = np.full((len(whole.cosine), len(SECOND)), 7.0)
    contexts = np.empty((len(whole.cosine), len(CONTEXTS)))
    hood.first_of_all(whole, side_by_side(rows), side_by_side(contexts))
    return rows, contexts


def first_of(hood: Neighbourhood, one: Newcomer) -> tuple[Floats, tuple[float, float]]:
    """The row of a newcomer, begun, and its contexts."""
    row = np.full(len(SECOND), 7.0)
    return row, hood.first_of(one, side_by_side(row))


def by(mass: float, cosine: Floats, likeness: Floats, weights: Floats) -> Widened:
    return widened(mass, side_by_side(cosine), side_by_side(likeness), side_by_side(weights))


@given(seed=st.integers(0, 10**6), size=st.integers(1, 9))
def test_the_widened_profile_is_the_sum_of_all_others(seed: int, size: int) -> None:
    vectors = texts(seed, size)
    profile = vectors[:2].sum(axis=0)
    mass = float(np.linalg.norm(profile))
    reports = vectors[2:]
    weights = np.random.default_rng(seed).uniform(0, 1, size)
    cosine, likeness = reports @ profile / mass, reports @ reports.T
    found = by(mass, cosine, likeness, weights)
    members = found.members(side_by_side(cosine), side_by_side(likeness))
    for place, report in enumerate(reports):
        others = np.arange(size) != place
        whole = profile + weights[others] @ reports[others]
        expected = report @ whole / np.linalg.norm(whole)
        assert abs(members[place] - expected) < 1e-9
        rest = reports[others]
        apart = by(mass, rest @ profile / mass, rest @ rest.T, weights[others])
        met = side_by_side(np.concatenate(([9.0], rest @ report)))
        assert abs(apart.newcomer(float(report @ profile / mass), met, 1) - expected) < 1e-9


@given(seed=st.integers(0, 10**6), size=st.integers(2, 9), place=st.integers(0, 8))
def test_a_newcomer_is_measured_as_those_are_who_have_settled(
    seed: int, size: int, place: int
) -> None:
    """What follows from the report and the others alone is the same, whoever asks."""
    place %= size
    whole, _ = crowd(seed, size)
    rest, one = without(whole, place)
    rows, contexts = first_of_all(Neighbourhood(TOLD, whole), whole)
    row, context = first_of(Neighbourhood(TOLD, rest), one)
    held = np.random.default_rng(seed).uniform(0, 1, size)
    kept = np.arange(size) != place
    Opinions(TOLD, whole, held).second_of_all(
        whole, side_by_side(np.zeros(size)), side_by_side(rows)
    )
    Opinions(TOLD, rest, held[kept]).second_of(one, 0.0, side_by_side(row))
    for name in (
        "likeness",
        "two_exemplars",
        "two_alike",
        "more_alike",
        "best",
        "standing",
        "rival",
        "vote",
        "time_gap",
        "time_density",
        "before_odds",
    ):
        at = SECOND.index(name)
        assert abs(rows[place, at] - row[at]) < 1e-9
    np.testing.assert_allclose(contexts[place], context)


def test_rows_have_a_number_for_each_name_and_all_are_finite() -> None:
    for size in (0, 1, 2, 30):
        whole, _ = crowd(size, size)
        hood, opinions = Neighbourhood(TOLD, whole), Opinions(TOLD, whole, np.full(size, 0.7))
        rows, contexts = first_of_all(hood, whole)
        assert (rows[:, len(FIRST) :] == 7.0).all()
        opinions.second_of_all(whole, side_by_side(np.zeros(size)), side_by_side(rows))
        one = Newcomer(0.0, side_by_side(np.zeros(2 + size)), 2, 0.0, float("nan"), 0.3)
        row, context = first_of(hood, one)
        assert (row[len(FIRST) :] == 7.0).all()
        opinions.second_of(one, -50.0, side_by_side(row))
        for numbers in (rows, contexts, row, context):
            assert np.isfinite(numbers).all()
            assert not (np.asarray(numbers) == 7.0).any()


def test_a_rival_speaks_against_alone() -> None:
    whole, _ = crowd(3, 6)
    rest, one = without(whole, 2)
    hood = Neighbourhood(TOLD, rest)

    def rival(cosine: float) -> float:
        return float(first_of(hood, one._replace(rival=cosine))[0][FIRST.index("rival")])

    assert rival(float("nan")) == rival(one.cosine / 2) == 0.0
    assert rival(one.cosine * 1.5) < 0.0

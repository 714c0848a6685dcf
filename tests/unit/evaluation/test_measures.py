"""Measures agree with hand-computed cases, with scikit-learn, and with trying every threshold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.measures import (
    Flags,
    Floats,
    average_precision,
    calibration_error,
    measure,
    oracle_threshold,
    oracle_thresholds,
    reliability,
)

LEVELS = (0.0, 0.1, 0.3, 0.5, 0.7, 1.0)


def flags(*rows: str) -> Flags:
    return np.array([[letter == "1" for letter in row] for row in rows])


def test_a_story_by_hand() -> None:
    # Of 3 targets 2 are accepted, of 5 others 1; the last report is not judged.
    truth, accepted = flags("111000001"), flags("110100000")
    judged = flags("111111110")
    told = measure(truth, judged, accepted, np.linspace(0.9, 0.1, 9)[None, :], calibrated=False)
    means = told.means()
    assert told.stories == 1
    assert means["precision"] == pytest.approx(2 / 3)
    assert means["recall"] == pytest.approx(2 / 3)
    assert means["f1"] == pytest.approx(2 / 3)
    assert means["cost"] == pytest.approx(1 / 3 + 4.9 * 1 / 5)
    assert means["average_precision"] == pytest.approx(1.0)
    assert np.isnan(means["calibration_error"])


def test_stories_count_alike_and_accepting_nothing_costs_one() -> None:
    truth, judged = flags("1000", "1110"), flags("1111", "1111")
    accepted = flags("1000", "0000")
    told = measure(truth, judged, accepted, accepted.astype(float), calibrated=True)
    assert told.f1.tolist() == [1.0, 0.0]
    assert told.cost.tolist() == [0.0, 1.0]
    assert told.precision.tolist() == [1.0, 0.0]
    assert told.calibration_error.tolist() == [0.0, 0.75]
    assert told.means()["f1"] == 0.5
    assert told.spreads()["f1"] == 0.5


def test_equal_scores_come_at_once() -> None:
    assert average_precision(flags("10")[0], np.array([0.5, 0.5])) == 0.5
    assert average_precision(flags("01")[0], np.array([0.5, 0.5])) == 0.5
    assert average_precision(flags("00")[0], np.array([0.5, 0.1])) == 0.0
    assert average_precision(flags("")[0], np.zeros(0)) == 0.0


def test_a_reliability_diagram_by_hand() -> None:
    told = np.array([0.0, 0.04, 0.95, 1.0, 0.95, 0.55])
    bins = reliability(flags("000110")[0], told)
    assert [each.count for each in bins] == [2, 0, 0, 0, 0, 1, 0, 0, 0, 3]
    assert bins[9].predicted == pytest.approx(2.9 / 3)
    assert bins[9].observed == pytest.approx(2 / 3)
    error = (2 * 0.02 + 1 * 0.55 + 3 * (2.9 / 3 - 2 / 3)) / 6
    assert calibration_error(flags("000110")[0], told) == pytest.approx(error)


@st.composite
def tables(draw: st.DrawFn) -> tuple[Flags, Flags, Floats]:
    """Draw truth, judged and scores with ties; each story has a target that is judged."""
    shape = draw(st.integers(1, 4)), draw(st.integers(2, 12))
    cells = shape[0] * shape[1]
    truth = np.array(draw(st.lists(st.booleans(), min_size=cells, max_size=cells))).reshape(shape)
    judged = np.array(draw(st.lists(st.booleans(), min_size=cells, max_size=cells))).reshape(shape)
    scores = draw(st.lists(st.sampled_from(LEVELS), min_size=cells, max_size=cells))
    truth[:, 0] = judged[:, 0] = True
    return truth, judged, np.array(scores).reshape(shape)


@given(tables())
@settings(max_examples=100, deadline=None)
def test_the_oracles_find_the_best_of_all_thresholds(drawn: tuple[Flags, Flags, Floats]) -> None:
    truth, judged, scores = drawn

    def f1(threshold: Floats) -> Floats:
        return measure(truth, judged, scores >= threshold, scores, calibrated=False).f1

    tried = np.array([f1(np.array(level)) for level in LEVELS])
    best = f1(np.array(oracle_threshold(truth, judged, scores)))
    assert best.mean() == pytest.approx(tried.mean(axis=1).max())
    own = f1(oracle_thresholds(truth, judged, scores)[:, None])
    assert own.tolist() == pytest.approx(tried.max(axis=0).tolist())


@given(tables())
@settings(max_examples=100, deadline=None)
def test_measures_agree_with_scikit_learn(drawn: tuple[Flags, Flags, Floats]) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    truth, judged, scores = drawn
    accepted = scores >= 0.5
    told = measure(truth, judged, accepted, scores, calibrated=False)
    for row in range(len(truth)):
        seen = judged[row]
        answers, taken = truth[row, seen], accepted[row, seen]
        for ours, name in (
            (told.f1, "f1_score"),
            (told.precision, "precision_score"),
            (told.recall, "recall_score"),
        ):
            expected = getattr(metrics, name)(answers, taken, zero_division=0)
            assert ours[row] == pytest.approx(expected)
        expected = metrics.average_precision_score(answers, scores[row, seen])
        assert told.average_precision[row] == pytest.approx(expected)

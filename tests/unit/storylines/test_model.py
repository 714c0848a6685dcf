"""The model: log-odds in straight lines with bends, which each feature answers for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightdesk.numbers import side_by_side
from nightdesk.storylines.model import NUMBERS, Layer, format_model, parse_model, shipped_model
from nightdesk.storylines.neighbourhood import FIRST, SECOND
from nightdesk.storylines.weighing import BENDS

VALUES = st.floats(-5, 5, allow_subnormal=False)


def layer(*features: list[float], base: float = 0.0) -> Layer:
    rows = [[base], *features]
    weights = np.array([row + [0.0] * (NUMBERS - len(row)) for row in rows])
    return Layer(tuple(f"feature {n}" for n in range(len(features))), weights)


def log_odds(told: Layer, *values: float, contexts: tuple[float, float] = (0.0, 0.0)) -> float:
    return told.products(side_by_side(np.array(values)), contexts)[0]


@pytest.mark.parametrize(
    ("value", "expected"), [(-1.0, -2.0), (0.5, 1.0), (1.0, 2.0), (2.0, 7.0), (3.0, 8.0)]
)
def test_beyond_a_bend_a_feature_counts_by_another_weight(value: float, expected: float) -> None:
    bent = layer([2.0, 0.0, 0.0, 1.0, 3.0, 2.0, -4.0])
    assert log_odds(bent, value) == pytest.approx(expected)


def test_contexts_change_the_weight_before_all_bends_and_the_base() -> None:
    bent = layer([2.0, 10.0, 0.0, 1.0, 3.0], base=0.5)
    assert log_odds(bent, 2.0, contexts=(1.0, 0.0)) == pytest.approx(0.5 + 2 * 12.0 + 3.0)


@given(st.lists(st.tuples(VALUES, VALUES), min_size=13, max_size=13), VALUES, VALUES)
def test_what_features_add_sums_to_the_log_odds_of_one_and_of_all(
    values: list[tuple[float, float]], brief: float, close: float
) -> None:
    first, table = shipped_model().first, np.array(values).T.copy()
    contexts = np.array([[brief, close]] * 2)
    alone, products = first.products(side_by_side(table[1]), (brief, close))
    assert sum(products) == pytest.approx(alone)
    assert first.log_odds(table, contexts)[1] == alone


def test_the_model_is_read_as_it_is_written() -> None:
    written = format_model(shipped_model())
    again = parse_model(written.splitlines())
    assert format_model(again) == written
    assert again.first.names == FIRST
    assert again.second.names == SECOND
    assert np.array_equal(again.second.weights, shipped_model().second.weights)


@pytest.mark.parametrize("numbers", ["1", "1\t0", "1\t0\t0\t2", "1\t0\t0" + "\t2\t1" * (BENDS + 1)])
def test_a_line_with_too_few_or_too_many_numbers_is_refused(numbers: str) -> None:
    with pytest.raises(ValueError, match="numbers for first base"):
        parse_model([f"first\tbase\t{numbers}"])
    with pytest.raises(KeyError):
        parse_model(["first\tbase\t1\t0\t0"])

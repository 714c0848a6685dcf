"""The fit finds weights, and where a feature counts otherwise, bends."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from evaluation.lessons import Scene
from evaluation.living import Lived
from evaluation.regression import gathered, regress
from nightdesk.storylines.rethinking import logistic

NAMES = ("bent", "flag", "constant")


def lived(rows: int = 4_000) -> Lived:
    """Log-odds rise with the first feature up to 1, and no further; the others say nothing."""
    chance = np.random.default_rng(7)
    bent, flag = chance.uniform(-3, 5, rows), chance.integers(0, 2, rows)
    table = np.stack([bent, flag, np.ones(rows)], axis=1)
    truth = chance.uniform(size=rows) < [logistic(2 * min(value, 1.0)) for value in bent]
    return Lived([table], [np.zeros((rows, 2))], [truth], truth, truth)


def test_a_feature_that_stops_to_matter_has_a_bend() -> None:
    told = lived()
    lesson = SimpleNamespace(scene=Scene("made-up", "whole", False), labels=told.labels[0])
    layer = regress(gathered([lesson], [[told]]), NAMES, 1.0)  # type: ignore[list-item]
    values = np.array([[-2.0, 0, 1], [0.0, 0, 1], [2.5, 0, 1], [4.5, 0, 1]])
    low, middle, high, highest = layer.log_odds(values, np.zeros((4, 2)))
    assert low == pytest.approx(-4, abs=0.8)
    assert middle == pytest.approx(0, abs=0.6)
    assert high == pytest.approx(2, abs=0.6)
    assert highest == pytest.approx(high, abs=0.6)


def test_no_feature_bends_at_its_least_or_greatest_value() -> None:
    told = lived()
    lesson = SimpleNamespace(scene=Scene("made-up", "whole", False), labels=told.labels[0])
    layer = regress(gathered([lesson], [[told]]), NAMES, 1.0)  # type: ignore[list-item]
    _, bent, flag, constant = layer.weights[:, 3:]
    assert np.count_nonzero(bent[1::2]) == 3
    assert not flag.any()
    assert not constant.any()

"""Regressions over what storylines met: the layers of the model, and what its parts usually add.

Comes in: lessons, and what they showed when they were lived through.  Goes out: a `Layer` of logistic
regression, and the level that each group of features is told beside.  Files count by how far their labels
can be trusted, and in each all scenes and all stories count alike.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from evaluation.lessons import Lesson
from evaluation.living import Lived
from nightdesk.storylines.model import BASE, GROUPS, NUMBERS, STRAIGHT, Layer, Model

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_SOFTEN = 3.0
"""Added to a story's number of reports, so that tiny stories do not outweigh all."""

_TRUST = {"stories": 0.5, "twins": 2.0}
"""What a file counts beside the others: the labels of the first are not all right, and to tell twins apart is
what the engine is for."""

_VIEWS = 0.5
"""A file that is shown in many views counts more than one, but not as often."""

_CONSTANT = 1e-7

_BENDS_AT = (0.3, 0.6, 0.9)
"""Shares of all values of a feature below its bends."""

_UNKNOWN_ADDS_NOTHING = (BASE, "time", "rivals")
"""Groups of features that stay nought where no time is known and no rival declared; and the base."""


class Asked(NamedTuple):
    """All that the model was asked: rows of the second layer, contexts, labels, and what each counts."""

    table: Floats
    contexts: Floats
    labels: Flags
    shares: Floats


def gathered(given: Sequence[Lesson], lived: Sequence[Sequence[Lived]]) -> Asked:
    """Lay all that lessons showed in each version end to end, and say what each row counts."""
    scenes = Counter(lesson.scene for lesson in given)
    files = Counter(scene.file for scene in scenes)
    rows, surroundings, labels, shares = [], [], [], []
    for lesson, versions in zip(given, lived, strict=True):
        file = lesson.scene.file
        share = _TRUST.get(file, 1.0) / scenes[lesson.scene] / files[file] ** _VIEWS
        share /= (lesson.labels.sum() + _SOFTEN) * len(versions)
        for one in versions:
            for table, contexts, truth in zip(one.tables, one.contexts, one.labels, strict=True):
                rows.append(table)
                surroundings.append(contexts)
                labels.append(truth)
                shares.append(np.full(len(truth), share / len(one.tables)))
    return Asked(*map(np.concatenate, (rows, surroundings, labels, shares)))


def usual(model: Model, asked: Asked) -> Floats:
    """Return what each group adds halfway between what fits and what does not, by contexts: a regression in
    which both count as much.  What adds nothing where nothing is known of it has nothing that is usual.
    """
    parts = []
    for row, (brief, close) in zip(asked.table, asked.contexts, strict=True):
        _, products = model.second.products(row.data, (brief, close))
        parts.append([value for _, value in model.parts(products, (brief, close))])
    weights = asked.shares.copy()
    for label in (False, True):
        weights[asked.labels == label] /= asked.shares[asked.labels == label].sum()
    root = np.sqrt(weights)[:, None]
    based = np.column_stack((np.ones(len(parts)), asked.contexts))
    found = np.linalg.lstsq(based * root, np.array(parts) * root, rcond=None)[0].T
    for at, name in enumerate(GROUPS):
        if name in _UNKNOWN_ADDS_NOTHING:
            found[at] = 0.0
    return np.asarray(found, np.float64)


def regress(asked: Asked, names: tuple[str, ...], strength: float) -> Layer:
    """Return the layer over the features `names`, the first of the table."""
    table, y, w = asked.table[:, : len(names)], asked.labels, asked.shares
    bends = _bends(table)
    x = _design(table, asked.contexts, bends)
    spread = x.std(axis=0)
    spread[spread < _CONSTANT] = 1.0
    fitted = LogisticRegression(C=strength, max_iter=600).fit(
        x / spread, y, sample_weight=w / w.mean()
    )
    found = fitted.coef_[0] / spread
    straight = STRAIGHT * (1 + len(names))
    weights = np.zeros((1 + len(names), NUMBERS))
    weights[:, :STRAIGHT] = found[:straight].reshape(STRAIGHT, 1 + len(names)).T
    weights[0, 0] += fitted.intercept_[0]
    beyond = iter(found[straight:].tolist())
    for row, values in zip(weights[1:], bends, strict=True):
        told = [number for value in values for number in (value, next(beyond))]
        row[STRAIGHT : STRAIGHT + len(told)] = told
    return Layer(names, weights)


def _bends(table: Floats) -> list[list[float]]:
    """Return where each feature bends: none at its least and at its greatest value, and none twice."""
    found = []
    for column in table.T:
        values = np.unique(np.quantile(column, _BENDS_AT).round(4)).tolist()
        least, most = column.min(), column.max()
        found.append([value for value in values if least < value < most])
    return found


def _design(table: Floats, contexts: Floats, bends: Sequence[Sequence[float]]) -> Floats:
    """Return the rows as they are, then times each context, then what is beyond each bend; a one stands
    before the features.
    """
    based = np.concatenate((np.ones((len(table), 1)), table), axis=1)
    beyond = [
        np.maximum(0.0, column - value)[:, None]
        for column, values in zip(table.T, bends, strict=True)
        for value in values
    ]
    return np.concatenate([based, *(based * part[:, None] for part in contexts.T), *beyond], axis=1)

"""The model: two layers of logistic regression over the features of `neighbourhood`, as readable numbers.

Comes in: feature tables.  Goes out: log-odds, and for one report what each group of features adds to
them.  The numbers stand in `data/model.tsv`: for each layer and feature its weight for articles, and
what is added to it for brief texts.  `python -m evaluation.fit` makes that file.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from nightdesk.storylines.neighbourhood import (
    FIRST,
    SECOND,
    Asked,
    Told,
    Voters,
    briefness,
    first,
    second,
)

Floats = NDArray[np.float64]

BASE = "base"
_MOST = 30.0

GROUPS = {
    "words in common": ("likeness", "nearest"),
    "lengths": (BASE, "length", "exemplar_length", "alike", "two_exemplars", "more_exemplars"),
    "standing": ("among_best_3", "among_best_8", "core_3", "core_6", "core_likeness", "crowd"),
    "paths": ("flow", "even_flow"),
    "first impression": ("before", "before_odds"),
    "learned": ("profile", "profile_gain", "accepted"),
    "neighbours": ("vote", "nearest_ratio", "group_ratio"),
    "time": ("time_gap", "time_density"),
    "rivals": ("rival",),
}
"""What of the second layer is told under which name."""


@dataclass(frozen=True)
class Layer:
    """Weights of `BASE` and each feature, in order; `brief` is added as far as texts are brief."""

    names: tuple[str, ...]
    long: Floats
    brief: Floats

    def log_odds(self, table: Floats, briefs: Floats) -> Floats:
        """Return the log-odds of each row of a feature table."""
        result: Floats = (_with_base(table) * self._weights(briefs)).sum(axis=1)
        return result

    def parts(self, row: Floats, brief: float) -> dict[str, float]:
        """Return what each group of features adds to the log-odds of one report."""
        products = (_with_base(row[None, :]) * self._weights(np.array([brief])))[0]
        by_name = dict(zip((BASE, *self.names), products.tolist(), strict=True))
        return {group: sum(by_name[name] for name in names) for group, names in GROUPS.items()}

    def _weights(self, briefs: Floats) -> Floats:
        weights: Floats = self.long[None, :] + briefs[:, None] * self.brief[None, :]
        return weights


@dataclass(frozen=True)
class Model:
    """`first` judges a report by itself and its standing, `second` also by the neighbours' impressions.

    No decision comes back as a reason for another: the neighbours count by what the first layer made of
    them, and the first layer asks nobody's opinion.
    """

    first: Layer
    second: Layer

    def impress(self, told: Told, asked: Asked, voters: Voters) -> Weighed:
        """Return the first impression of the reports that are asked about."""
        briefs = briefness(told, asked)
        table = first(told, asked, voters)
        return Weighed(self.first.log_odds(table, briefs), table, briefs)

    def weigh(
        self, told: Told, asked: Asked, voters: Voters, impressions: Floats, impressed: Weighed
    ) -> Weighed:
        """Return what the model makes of them, given the `impressions` of what is remembered."""
        before = probabilities(impressed.log_odds)
        table = second(told, asked, voters, impressions, impressed.table, before)
        return Weighed(self.second.log_odds(table, impressed.briefs), table, impressed.briefs)


@dataclass(frozen=True)
class Weighed:
    """Log-odds by report, and what they were computed from."""

    log_odds: Floats
    table: Floats
    briefs: Floats


def probabilities(log_odds: Floats) -> Floats:
    """Return the probabilities that log-odds stand for."""
    result: Floats = 1.0 / (1.0 + np.exp(-np.clip(log_odds, -_MOST, _MOST)))
    return result


def parse_model(lines: Iterable[str]) -> Model:
    """Read lines of `layer<TAB>feature<TAB>long<TAB>brief`.  Raises KeyError where a feature lacks."""
    found: dict[tuple[str, str], tuple[float, float]] = {}
    for line in lines:
        if line.strip() and not line.startswith("#"):
            layer, name, long, brief = line.rstrip("\n").split("\t")
            found[layer, name] = (float(long), float(brief))

    def layer_of(layer: str, names: tuple[str, ...]) -> Layer:
        rows = [found[layer, name] for name in (BASE, *names)]
        return Layer(names, np.array([r[0] for r in rows]), np.array([r[1] for r in rows]))

    return Model(layer_of("first", FIRST), layer_of("second", SECOND))


def format_model(model: Model) -> str:
    """Write what `parse_model` reads."""
    lines = ["# layer\tfeature\tweight for articles\tadded for brief texts"]
    for name, layer in (("first", model.first), ("second", model.second)):
        for feature, long, brief in zip((BASE, *layer.names), layer.long, layer.brief, strict=True):
            lines.append(f"{name}\t{feature}\t{long:.4f}\t{brief:.4f}")
    return "\n".join(lines) + "\n"


@cache
def shipped_model() -> Model:
    """Return the model that comes with Nightdesk."""
    table = resources.files("nightdesk.storylines").joinpath("data", "model.tsv")
    return parse_model(table.read_text(encoding="utf-8").splitlines())


def _with_base(table: Floats) -> Floats:
    return np.concatenate((np.ones((len(table), 1)), table), axis=1)

"""The model: two layers of logistic regression over the features of `neighbourhood`, as readable numbers.

Comes in: rows of features and their contexts.  Goes out: log-odds, and for one report what each group of
features adds to them.  A feature counts in straight lines with a few bends.  The numbers stand in
`data/model.tsv`: for each layer and feature its weight, what is added to it in each context, and pairs of a
value and what is added to the weight beyond it.  What a group adds is told beside what is usual for it, so
that its sign says whether it speaks for or against.  `python -m evaluation.fit` makes that file.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nightdesk.numbers import Reals, room, side_by_side
from nightdesk.storylines.neighbourhood import (
    CONTEXTS,
    FIRST,
    SECOND,
    Crowd,
    Neighbourhood,
    Newcomer,
    Opinions,
)
from nightdesk.storylines.tables import shipped
from nightdesk.storylines.weighing import BENDS, gather, weigh, weigh_all

Floats = NDArray[np.float64]

BASE = "base"

STRAIGHT = 1 + len(CONTEXTS)
NUMBERS = STRAIGHT + 2 * BENDS
"""Of the base and of each feature: its weight and what each context adds to it; then pairs for the bends."""

GROUPS = {
    "base": (BASE, "two_exemplars", "more_exemplars", "two_alike", "more_alike"),
    "words in common": ("likeness",),
    "standing": ("best", "standing", "core_standing"),
    "surroundings": ("core", "inner_core"),
    "paths": ("flow", "even_flow"),
    "first impression": ("before_odds",),
    "learned": ("profile", "profile_gain"),
    "neighbours": ("vote",),
    "time": ("time_gap", "time_density"),
    "rivals": ("rival",),
}
"""What of the second layer is told under which name."""

_USUAL = "usual"


@dataclass(frozen=True)
class Layer:
    """`weights` has a row for `BASE` and each of `names`: the weight, what each context adds to it, and for
    each of `BENDS` a value and what is added beyond it.
    """

    names: tuple[str, ...]
    weights: Floats

    def log_odds(self, table: Floats, contexts: Floats) -> Floats:
        """Return the log-odds of each row of a feature table, which may have more columns at its end."""
        result = np.empty(len(table))
        weigh_all(self.numbers, side_by_side(table), side_by_side(contexts), side_by_side(result))
        return result

    def products(self, row: Reals, contexts: tuple[float, float]) -> tuple[float, array[float]]:
        """Return the log-odds of one report, and what the base and each feature add to them: (1 + features).

        The row may have more numbers at its end.
        """
        products = room(1 + len(self.names))
        return weigh(self.numbers, row, 0, *contexts, products), products

    @cached_property
    def numbers(self) -> array[float]:
        """The weights, row by row."""
        return array("d", self.weights.tobytes())


@dataclass(frozen=True)
class Weighed:
    """What the model makes of reports: log-odds, and the rows and contexts they were computed from."""

    log_odds: Floats
    table: Floats
    contexts: Floats


class Opinion(NamedTuple):
    """What the model makes of one newcomer: the same, and what each feature added in the second layer."""

    impressed: float
    log_odds: float
    row: array[float]
    contexts: tuple[float, float]
    products: array[float]


@dataclass(frozen=True)
class Model:
    """`first` judges a report by itself and its standing, `second` also by the neighbours' impressions.

    No decision comes back as a reason for another: the neighbours count by what the first layer made of
    them, and the first layer asks nobody's opinion.

    `usual` says what each of `GROUPS` adds halfway between what fits and what does not, and how that changes
    with each context: (groups, 1 + contexts).
    """

    first: Layer
    second: Layer
    usual: Floats = field(default_factory=lambda: np.zeros((len(GROUPS), STRAIGHT)))

    def impress_all(self, hood: Neighbourhood, crowd: Crowd) -> Weighed:
        """Return the first impressions of the crowd that `hood` was measured of; the rows of the second layer
        are begun.
        """
        table = np.empty((len(crowd.cosine), len(SECOND)))
        contexts = np.empty((len(crowd.cosine), len(CONTEXTS)))
        hood.first_of_all(crowd, side_by_side(table), side_by_side(contexts))
        return Weighed(self.first.log_odds(table, contexts), table, contexts)

    def weigh_all(self, opinions: Opinions, crowd: Crowd, impressed: Weighed) -> Weighed:
        """Return what the model makes of the crowd; the rows of `impressed` are finished."""
        table, contexts = impressed.table, impressed.contexts
        opinions.second_of_all(crowd, side_by_side(impressed.log_odds), side_by_side(table))
        return Weighed(self.second.log_odds(table, contexts), table, contexts)

    def judge(self, hood: Neighbourhood, opinions: Opinions, report: Newcomer) -> Opinion:
        """Return what the model makes of a newcomer."""
        row = room(len(SECOND))
        contexts = hood.first_of(report, row)
        impressed, _ = self.first.products(row, contexts)
        opinions.second_of(report, impressed, row)
        log_odds, products = self.second.products(row, contexts)
        return Opinion(impressed, log_odds, row, contexts, products)

    def parts(
        self, products: array[float], contexts: tuple[float, float]
    ) -> zip[tuple[str, float]]:
        """Return what each group of features adds to the log-odds of one report, rounded: the base what is
        usual in its contexts, each other group how far it is from that.
        """
        sums = room(len(GROUPS))
        gather(products, self._groups, self._usual, *contexts, sums)
        return zip(GROUPS, sums, strict=True)

    @cached_property
    def _usual(self) -> array[float]:
        return array("d", np.ascontiguousarray(self.usual).tobytes())

    @cached_property
    def _groups(self) -> array[int]:
        """In which group the base and each feature of the second layer is told."""
        places = {name: at for at, names in enumerate(GROUPS.values()) for name in names}
        return array("q", [places[name] for name in (BASE, *self.second.names)])


def parse_model(lines: Iterable[str]) -> Model:
    """Read lines of `layer<TAB>feature<TAB>weight<TAB>`, a number for each context, and pairs for bends.

    Raises KeyError where a feature lacks, ValueError for lines of another form.
    """
    found: dict[tuple[str, str], list[float]] = {}
    for line in lines:
        if line.strip() and not line.startswith("#"):
            layer, name, *numbers = line.rstrip("\n").split("\t")
            if len(numbers) not in range(STRAIGHT, NUMBERS + 1, 2):
                raise ValueError(f"{len(numbers)} numbers for {layer} {name}")
            found[layer, name] = [*map(float, numbers), *[0.0] * (NUMBERS - len(numbers))]

    def layer_of(layer: str, names: tuple[str, ...]) -> Layer:
        return Layer(names, np.array([found[layer, name] for name in (BASE, *names)]))

    usual = [found.get((_USUAL, group), [0.0] * NUMBERS)[:STRAIGHT] for group in GROUPS]
    return Model(layer_of("first", FIRST), layer_of("second", SECOND), np.array(usual))


def format_model(model: Model) -> str:
    """Write what `parse_model` reads."""
    contexts = [f"where {context}" for context in CONTEXTS]
    lines = ["\t".join(("# layer", "feature", "weight", *contexts, *["beyond", "more"] * BENDS))]
    for name, layer in (("first", model.first), ("second", model.second)):
        for feature, row in zip((BASE, *layer.names), layer.weights.tolist(), strict=True):
            while len(row) > STRAIGHT and not row[-1]:
                del row[-2:]
            lines.append(_line(name, feature, row))
    usual = zip(GROUPS, model.usual.tolist(), strict=True)
    lines += [_line(_USUAL, group, row) for group, row in usual if any(row)]
    return "\n".join(lines) + "\n"


def _line(layer: str, name: str, numbers: Iterable[float]) -> str:
    return "\t".join((layer, name, *(f"{number:.4f}" for number in numbers)))


@cache
def shipped_model() -> Model:
    """Return the model that comes with Nightdesk."""
    return parse_model(shipped("model.tsv").splitlines())

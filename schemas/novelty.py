"""Novelty: what a report adds to what its storyline already had."""

from __future__ import annotations

from schemas.base import Contract, Probability
from schemas.match import Span


class Novelty(Contract):
    """`share` of the report is new.  `sentences` are the spans of new ones in the report's own fields,
    whose `weight` is their share of it; `quote` is the weightiest of them.  `figures` and `actors` (names)
    are as the report has them, those of title and lead first.  `leads`: a new figure or name stands there.
    """

    share: Probability
    sentences: tuple[Span, ...] = ()
    figures: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    quote: str = ""
    leads: bool = False

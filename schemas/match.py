"""A match: what was decided of one article for one storyline, and the words that decided it.

Topic `matches`, key `storyline`.  A changed mind is a new `version` of the same match.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from schemas.article import Article
from schemas.base import Contract, Identifier, Probability, UtcDatetime

ArticleField = Literal["title", "description", "text"]


class Decision(StrEnum):
    """`fits` raises alerts, `possible` is shown and may be judged again, `not` is only remembered."""

    FITS = "fits"
    POSSIBLE = "possible"
    NOT = "not"


class Span(Contract):
    """Characters `start` to `end` (end excluded) of an article's field, and what they contributed.

    `weight` is in units of the score (log-odds), negative where the words spoke against.
    """

    field: ArticleField
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    weight: float
    name: str = ""


class Contribution(Contract):
    """One named part of a score, in log-odds.  All contributions of a match sum to its score."""

    name: str
    value: float
    detail: str = ""


class Bar(Contract):
    """The probabilities from which a report fits its storyline, and from which it is possible."""

    fits: Probability
    possible: Probability


class Match(Contract):
    """`id` is a function of storyline and article.  `score` is in log-odds, `probability` its logistic.

    `bar` is what the probability was held against; None in messages of before there was one.
    """

    schema_version: Literal[1] = 1
    id: str
    version: int = Field(default=1, ge=1)
    storyline: Identifier
    storyline_version: int = Field(ge=1)
    article: Article
    decision: Decision
    probability: Probability
    score: float
    bar: Bar | None = None
    contributions: tuple[Contribution, ...] = ()
    spans: tuple[Span, ...] = ()
    reason: str = ""
    decided_at: UtcDatetime

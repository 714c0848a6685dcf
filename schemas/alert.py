"""An alert: one development of a storyline, told once and then edited as it grows.

Topic `alerts`, key `storyline`.  Each change is a higher `sequence` of the same `id`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from schemas.base import Arrival, Contract, Identifier, Probability, UtcDatetime
from schemas.match import Span
from schemas.novelty import Novelty


class AlertKind(StrEnum):
    """Why this alert (or this change of it) is sent.

    `grown`: a further report adds something new; `more_of_the_same`: one more outlet tells what was told.
    """

    NEW_DEVELOPMENT = "new_development"
    GROWN = "grown"
    MORE_OF_THE_SAME = "more_of_the_same"
    REVISION = "revision"


class AlertedArticle(Contract):
    """An article as an alert tells of it: enough to read, to judge and to click.

    `copy_of` names the article of this development that it copies or rewords, if it does.
    """

    id: str
    revision: int = Field(ge=1)
    source: str
    title: str
    url: str | None = None
    language: str = "und"
    published_at: UtcDatetime | None = None
    seen_at: UtcDatetime
    arrival: Arrival
    probability: Probability
    words: tuple[str, ...] = ()
    copy_of: str | None = None


class Alert(Contract):
    """`id` is a function of storyline and development; `development` of the storyline and the
    article that opened it.

    `kind` says why this sequence was raised, `reason` says it in words.  `sources` counts
    independent sources: copies of one report count once.  `pages` is False where no live report
    took part (back-fill, first fetch, replay): such an alert is archived and shown, never sent.
    `spans` point into the article that opened the development.  `raised_by` is the id of the article
    that raised this sequence, and `novelty` what it adds to what the storyline had; None where the
    storyline had nothing.
    """

    schema_version: Literal[1] = 1
    id: str
    sequence: int = Field(ge=1)
    kind: AlertKind
    storyline: Identifier
    storyline_title: str
    storyline_version: int = Field(ge=1)
    development: str
    title: str
    reason: str
    articles: tuple[AlertedArticle, ...] = Field(min_length=1)
    sources: int = Field(ge=1)
    spans: tuple[Span, ...] = ()
    pages: bool
    first_seen_at: UtcDatetime
    latest_seen_at: UtcDatetime
    raised_at: UtcDatetime
    raised_by: str | None = None
    novelty: Novelty | None = None

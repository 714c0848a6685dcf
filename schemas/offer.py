"""An offer: a candidate storyline, made of reports that no storyline holds."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from schemas.base import Contract, UtcDatetime


class OfferState(StrEnum):
    """`taken` once a storyline of the drafted id is in force; `dismissed` by somebody's word."""

    OFFERED = "offered"
    TAKEN = "taken"
    DISMISSED = "dismissed"


class Offer(Contract):
    """`id` is a function of the first report that it was made of.

    `first_at` and `latest_at` are event times; `articles` counts all reports, of which `reports` names the
    newest; `outlets` counts the independent `sources`.  `storyline` is the id of the drafted definition,
    `draft` its YAML.
    """

    schema_version: Literal[1] = 1
    id: str
    state: OfferState = OfferState.OFFERED
    title: str
    first_at: UtcDatetime
    latest_at: UtcDatetime
    offered_at: UtcDatetime
    changed_at: UtcDatetime
    articles: int = Field(ge=1)
    outlets: int = Field(ge=1)
    reports: tuple[str, ...]
    sources: tuple[str, ...]
    storyline: str = ""
    draft: str = ""

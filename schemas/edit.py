"""An edit: what a revision of an article changed, by class, with the words before and after."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from schemas.base import Contract


class ChangeClass(StrEnum):
    """What was changed, the gravest first.

    `headline`: the words of the title.  `figure`: a number, or how sure it is ("at least").
    `attribution`: who is said to have said it.  `removal`: words or sentences went.  `addition`: words or
    sentences came.  `cosmetic`: spelling, punctuation, order, notes of when a page was updated.
    """

    HEADLINE = "headline"
    FIGURE = "figure"
    ATTRIBUTION = "attribution"
    REMOVAL = "removal"
    ADDITION = "addition"
    COSMETIC = "cosmetic"


class Change(Contract):
    """One change: the words `before` and `after`, cut where they are long; empty where there were none.

    What was only moved has the same words before and after.
    """

    kind: ChangeClass
    field: Literal["title", "description", "text"]
    before: str = ""
    after: str = ""


class Edit(Contract):
    """What differs from the revision before: the gravest changes first, then in the order of the text.

    `left_out` further changes are not told, for there are too many.
    """

    changes: tuple[Change, ...] = ()
    left_out: int = Field(default=0, ge=0)

"""Trouble with feeds, as an alert tells of it."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from schemas.base import Contract, Identifier, UtcDatetime


class Trouble(Contract):
    """`scope` says how far it reaches: one feed, the feeds of one host, most of all (`network`: most likely
    our own connection), or `many`, more than are told one by one.  `name` is what people call it: the feed's
    title or id, the host, or "".

    `feeds` are the ids of those affected, 200 of an outage at most; `affected` counts all.  `health` is the
    word of the latest poll that was told (docs/operating.md), `hint` what to do about it. `since` is when it
    began, `over_at` when it was found well again, or was closed
    as nobody polls it any more.  `failures` counts failed polls in a row;
    `last_success_at` and `last_new_at` are when the feed could last be read, and last brought anything new.
    An outage has none of the three.
    """

    scope: Literal["feed", "host", "network", "many"]
    name: str = ""
    feeds: tuple[Identifier, ...] = Field(min_length=1, max_length=200)
    affected: int = Field(default=1, ge=1)
    health: str
    hint: str = ""
    since: UtcDatetime
    over_at: UtcDatetime | None = None
    failures: int = Field(default=0, ge=0)
    last_success_at: UtcDatetime | None = None
    last_new_at: UtcDatetime | None = None

    @model_validator(mode="after")
    def _counts_its_feeds(self) -> Self:
        if self.affected < len(self.feeds):
            raise ValueError("`affected` counts fewer feeds than `feeds` names")
        if self.scope == "feed" and self.affected != 1:
            raise ValueError("trouble of the scope `feed` is about one feed")
        return self

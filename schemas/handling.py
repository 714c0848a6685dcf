"""Handling: what people did about an alert.  It belongs to the alert, through all of its changes."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from schemas.base import Contract, Text, UtcDatetime


class Acknowledgement(Contract):
    """`by` has seen it: it is not repeated, and more of the same is not sent."""

    by: Text
    at: UtcDatetime
    comment: str = ""


class Snooze(Contract):
    """Nothing of it is sent until `until`, until `more_sources` independent sources came beyond the `sources`
    that it had, or (`until_new_fact`) until a report adds something new after the change `sequence` (0: not
    on record): whichever comes first.  Without `until`, it ends where the alert does."""

    by: Text
    at: UtcDatetime
    comment: str = ""
    until: UtcDatetime | None = None
    more_sources: int | None = Field(default=None, ge=1)
    sources: int = Field(default=0, ge=0)
    until_new_fact: bool = False
    sequence: int = Field(default=0, ge=0)


class Handling(Contract):
    """How `alert` is handled now; `version` moves with each action."""

    schema_version: Literal[1] = 1
    alert: str
    version: int = Field(default=0, ge=0)
    acknowledged: Acknowledgement | None = None
    assignee: str = ""
    snoozed: Snooze | None = None


class Action(Contract):
    """One thing that somebody did: the n-th to its alert."""

    n: int = Field(ge=1)
    at: UtcDatetime
    by: Text
    what: Literal["acknowledge", "unacknowledge", "assign", "snooze", "unsnooze", "comment"]
    comment: str = ""
    detail: str = ""

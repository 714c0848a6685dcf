"""What was told of a feed in trouble: a part of its state, that commits with the poll that decided it."""

from __future__ import annotations

from pydantic import Field

from schemas.alert import AlertKind
from schemas.base import Contract, UtcDatetime


class Told(Contract):
    """The open alert about a feed: `kind` and `sequence` are those of its last change, `since` is when the
    trouble began, and `causes` what was named as its reason so far, none of them twice.

    Where an outage of several feeds speaks for this one, `alert` is the outage's and `outage` names it
    (`Alert.about`); nothing is told of the feed alone.
    """

    alert: str
    kind: AlertKind
    sequence: int = Field(default=1, ge=1)
    since: UtcDatetime
    causes: tuple[str, ...] = ()
    outage: str = ""

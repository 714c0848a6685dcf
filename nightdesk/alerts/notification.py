"""Notifications: changes of alerts that wait, and what a look at them comes to."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from nightdesk.alerts.labels import Labelled
from nightdesk.alerts.muters import Muted
from nightdesk.alerts.pools import Pool
from nightdesk.alerts.repeating import Repeat
from schemas.alert import Alert
from schemas.delivery import Delivery, Occasion


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one alert that waits in `pool` since `since`, with its delivery to each receiver."""

    labelled: Labelled
    deliveries: tuple[Delivery, ...]
    pool: str
    since: datetime

    @property
    def alert(self) -> Alert:
        """The alert as it stood."""
        return self.labelled.alert


@dataclass(frozen=True, slots=True)
class Notification:
    """Changes to tell together, in the order told, gravest first; each is of another alert."""

    changes: tuple[Change, ...]
    occasion: Occasion
    note: str


@dataclass(slots=True)
class Step:
    """What follows for a subscription.  Every change that came in is in exactly one of the first four.

    `superseded` names the sequence that was told instead.  `pools` are those that differ now, None for one
    that is not needed any more.
    """

    told: list[Notification] = field(default_factory=list)
    held: list[tuple[Change, str, str]] = field(default_factory=list)
    suppressed: list[tuple[Change, Muted]] = field(default_factory=list)
    superseded: list[tuple[Change, int]] = field(default_factory=list)
    repeats: list[Repeat] = field(default_factory=list)
    pools: dict[str, Pool | None] = field(default_factory=dict)

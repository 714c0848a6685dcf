"""What goes in and out about alerts."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from nightdesk.alerts.filtering import AlertFilter
from nightdesk.web.api.shapes import In, ListQuery, Moment, Out, Words, YesNo
from schemas.alert import Alert, AlertKind, AlertState
from schemas.base import Duration, UtcDatetime
from schemas.delivery import Delivery
from schemas.handling import Action, Handling
from schemas.severity import Severity

_SAID = r"^[^\x00-\x08\x0b-\x1f\x7f]*$"
Comment = Annotated[str, StringConstraints(max_length=2_000, pattern=_SAID)]
Person = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]


class AlertQuery(In):
    """Which alerts.  `text` is words that all stand in the alert; `assignee` a name, `-` for nobody."""

    storyline: Words | None = None
    tag: Words | None = None
    kind: AlertKind | None = None
    severity: Severity | None = None
    state: AlertState | None = None
    since: Moment | None = None
    until: Moment | None = None
    acknowledged: YesNo | None = None
    assignee: Words | None = None
    text: Words | None = None

    def filter(self) -> AlertFilter:
        """Return it as the archive and streams take it."""
        return AlertFilter(
            storyline=self.storyline,
            tag=self.tag,
            kind=self.kind,
            severity=self.severity,
            state=self.state,
            since=self.since,
            until=self.until,
            acknowledged=None if self.acknowledged is None else self.acknowledged == "true",
            assignee="" if self.assignee == "-" else self.assignee,
            text=self.text,
        )


class AlertListQuery(AlertQuery, ListQuery):
    """Which alerts, and which part of their list."""


class AlertItem(Out):
    """An alert as it stands now, and how it is handled."""

    alert: Alert
    handling: Handling


class AttemptAt(Out):
    """One try at a delivery."""

    started_at: UtcDatetime
    seconds: float
    outcome: str
    detail: str


class DeliveryOf(Out):
    """A delivery, and each try at it."""

    delivery: Delivery
    attempts: tuple[AttemptAt, ...]


class AlertWhole(AlertItem):
    """All that is known of an alert: each change of it, what was delivered, and what people did; of each the
    newest where there are more than a few hundred."""

    changes: tuple[Alert, ...]
    deliveries: tuple[DeliveryOf, ...]
    actions: tuple[Action, ...]


class Handled(Out):
    """How an alert is handled now, and what was just done."""

    handling: Handling
    action: Action


class Remark(In):
    """What one has to say about it."""

    comment: Comment = ""


class Said(In):
    """What one has to say."""

    comment: Annotated[str, StringConstraints(min_length=1, max_length=2_000, pattern=_SAID)]


class Assigning(Remark):
    """Who is to see to it; nobody where `to` is empty."""

    to: Person


class Snoozing(Remark):
    """What ends it, whichever comes first: a time (`until`), a length of time (`lasts`), so many further
    sources, or a report that adds something new."""

    until: UtcDatetime | None = None
    lasts: Duration | None = None
    more_sources: int | None = Field(default=None, ge=1, le=10_000)
    until_new_fact: bool = False

    def end(self, now: datetime) -> datetime | None:
        """Return the earlier of both ends, None where neither is given."""
        ends = [self.until] if self.until else []
        if self.lasts is not None:
            ends.append(now + self.lasts)
        return min(ends, default=None)

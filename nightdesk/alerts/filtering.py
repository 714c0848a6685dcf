"""Which alerts somebody wants to see: in lists, and as they are raised.  Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from schemas.alert import Alert, AlertKind, AlertState
from schemas.handling import Handling
from schemas.severity import Severity


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """What is None is not asked for.  `since` and `until` are of `raised_at`, `until` itself left out; `text`
    is words that must all stand in the alert, in any order; `assignee` "" is nobody."""

    storyline: str | None = None
    tag: str | None = None
    kind: AlertKind | None = None
    severity: Severity | None = None
    state: AlertState | None = None
    since: datetime | None = None
    until: datetime | None = None
    acknowledged: bool | None = None
    assignee: str | None = None
    text: str | None = None

    def takes(self, alert: Alert, handled: Handling | None, tags: Collection[str] = ()) -> bool:
        """Tell whether an alert, as handled, is wanted."""
        return self.takes_alert(alert, tags) and self._takes_handling(handled)

    def takes_alert(self, alert: Alert, tags: Collection[str] = ()) -> bool:
        """Tell whether an alert is wanted, however it is handled."""
        if self.storyline is not None and alert.storyline != self.storyline:
            return False
        if self.tag is not None and self.tag not in tags:
            return False
        if self.since is not None and alert.raised_at < self.since:
            return False
        if self.until is not None and alert.raised_at >= self.until:
            return False
        wanted = (
            (self.kind, alert.kind),
            (self.severity, alert.severity),
            (self.state, alert.state),
        )
        if any(want is not None and want is not has for want, has in wanted):
            return False
        return self.text is None or _holds(alert, self.text)

    def _takes_handling(self, handled: Handling | None) -> bool:
        seen = handled is not None and handled.acknowledged is not None
        if self.acknowledged is not None and self.acknowledged is not seen:
            return False
        return self.assignee is None or self.assignee == (handled.assignee if handled else "")


def _holds(alert: Alert, text: str) -> bool:
    said = [alert.title, alert.reason, alert.storyline_title]
    for article in alert.articles:
        said += (article.title, article.source)
    whole = "\n".join(said).casefold()
    return all(word in whole for word in text.casefold().split())

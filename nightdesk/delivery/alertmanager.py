"""The Alertmanager channel: pushes to its API v2, one alert there for each of ours.

Comes in: a notice, the receiver as declared.  Goes out: one `POST /api/v2/alerts`.  An alert there is
known by its labels, so ours have nothing in them that changes as it grows: `kind` and the words are
annotations, and each push edits the alert in place.  It is resolved (`endsAt`) when the storyline is quiet
or the feed well again. Until then it is said to end in a while that outlasts our silence: Alertmanager
resolves by itself what it does not hear of again, and we speak only when something changes.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from nightdesk.clock import Clock
from nightdesk.delivery.notice import Notice
from nightdesk.delivery.posting import Poster, Target
from nightdesk.delivery.secrets import Secrets, reveal
from nightdesk.delivery.wording import (
    kind_in_words,
    news_in_words,
    occasion_in_words,
    one_line,
    safe_links,
    standing_in_words,
    subject_in_words,
    timestamp,
)
from nightdesk.feeds.network import Resolver, resolve
from schemas.alert import Alert, AlertKind, AlertState
from schemas.receivers import AlertmanagerReceiver

OPEN_FOR = timedelta(days=7)
"""An alert that nothing more is heard of ends there after so long."""
_PATH = "/api/v2/alerts"
_MOST_WORDS = 20
_MOST_LINKS = 5


class AlertmanagerChannel:
    """Pushes to Alertmanagers."""

    def __init__(self, *, secrets: Secrets, clock: Clock, resolver: Resolver = resolve) -> None:
        self._secrets, self._clock = secrets, clock
        self._poster = Poster(clock=clock, resolver=resolver)

    async def close(self) -> None:
        """Close all connections."""
        await self._poster.close()

    async def deliver(self, notice: Notice, receiver: AlertmanagerReceiver) -> None:
        """Push once.  Raises the errors of `nightdesk.delivery.errors`."""
        body = json.dumps(pushed(notice, receiver, self._clock.now())).encode()
        headers = {"Content-Type": "application/json"}
        if receiver.token is not None:
            token = reveal(self._secrets, receiver.token, f"alertmanager {receiver.name}")
            headers["Authorization"] = f"Bearer {one_line(token)}"
        url = receiver.url.rstrip("/").removesuffix(_PATH) + _PATH
        target = Target(receiver.name, url, receiver.timeout, receiver.allow_private)
        await self._poster.post(target, headers, body)


def pushed(notice: Notice, receiver: AlertmanagerReceiver, now: datetime) -> list[dict[str, Any]]:
    """Return the alerts as API v2 takes them (`postableAlerts`)."""
    own = {label.name: label.value for label in receiver.labels}
    return [_postable(notice, alert, own, now) for alert in notice.alerts]


def _postable(notice: Notice, alert: Alert, own: dict[str, str], now: datetime) -> dict[str, Any]:
    labels = {
        **own,
        "alertname": _name(alert),
        "alert": alert.id,
        "about": alert.about,
        "severity": alert.severity.value,
        "subscription": notice.subscription,
    }
    for name, value in (("storyline", alert.storyline), ("feed", alert.feed)):
        if value:
            labels[name] = value
    if notice.is_test:
        labels["test"] = "true"
    words = dict.fromkeys(word for article in alert.articles for word in article.words)
    links = safe_links(alert)
    annotations = {
        "title": one_line(alert.title, 300),
        "summary": f"{kind_in_words(alert.kind)}: {subject_in_words(alert)}",
        "description": standing_in_words(alert),
        "reason": one_line(alert.reason),
        "adds": news_in_words(alert),
        "words": ", ".join(one_line(word, 60) for word in list(words)[:_MOST_WORDS]),
        "links": " ".join(links[:_MOST_LINKS]),
        "told": occasion_in_words(notice),
        "change": str(alert.sequence),
    }
    ends_at = _ends_at(alert, now)
    posted: dict[str, Any] = {
        "labels": labels,
        "annotations": {name: value for name, value in annotations.items() if value},
        # A clock that was set back may have it end before it began, which is refused.
        "startsAt": timestamp(min(alert.first_seen_at, ends_at)),
        "endsAt": timestamp(ends_at),
    }
    if links:
        posted["generatorURL"] = links[0]
    return posted


def _name(alert: Alert) -> str:
    """Return one name for all changes of an alert: what it is about, and never its kind."""
    if alert.trouble is not None:
        return "NightdeskFeed"
    if alert.silence is not None:
        return "NightdeskSilence"
    return "NightdeskEmerging" if alert.emerging is not None else "NightdeskStoryline"


def _ends_at(alert: Alert, now: datetime) -> datetime:
    over = alert.trouble.over_at if alert.trouble is not None else None
    if over is not None or alert.kind is AlertKind.FEED_RECOVERED:
        return over or alert.raised_at
    if alert.state is AlertState.QUIET:
        return alert.raised_at
    return now + OPEN_FOR

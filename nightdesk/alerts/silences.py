"""Silences: which of them hold back an alert at a given moment, and what they say about it.

In come the silences as declared, an alert and the subscription that would carry it; out goes the
first silence in force that matches, in the order declared.  Pure: the moment is a parameter.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from schemas.alert import Alert
from schemas.silence import Matcher, Silence


def in_force(silence: Silence, now: datetime) -> bool:
    """Tell whether `now` lies in the silence: its first moment does, its last does not."""
    return silence.starts_at <= now < silence.ends_at


def matches(silence: Silence, alert: Alert, subscription: str) -> bool:
    """Tell whether all matchers of `silence` hold for `alert` on its way to `subscription`."""
    return all(_holds(matcher, alert, subscription) for matcher in silence.matchers)


def silenced_by(
    silences: Sequence[Silence], alert: Alert, subscription: str, now: datetime
) -> Silence | None:
    """Return the first silence that is in force at `now` and matches, or None."""
    for silence in silences:
        if in_force(silence, now) and matches(silence, alert, subscription):
            return silence
    return None


def say(silence: Silence) -> str:
    """Return why the alert is held, in words: who silenced it, until when, with what comment."""
    until = silence.ends_at.strftime("%Y-%m-%d %H:%M UTC")
    return f"silence {silence.id} by {silence.author} until {until}: {silence.comment}"


def _holds(matcher: Matcher, alert: Alert, subscription: str) -> bool:
    match matcher.label:
        case "storyline":
            return alert.storyline == matcher.value
        case "kind":
            return alert.kind.value == matcher.value
        case "subscription":
            return subscription == matcher.value
        case "source":
            # Only while nobody else reports it: a silenced outlet must not hide the second one.
            sources = [article.source for article in alert.articles]
            return bool(sources) and all(source == matcher.value for source in sources)
        case "feed":
            # Of an outage too, only where it is of that feed alone.
            feeds = alert.trouble.feeds if alert.trouble else ()
            return feeds == (matcher.value,)

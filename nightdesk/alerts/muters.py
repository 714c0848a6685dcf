"""Muters: small rules, each of which may hold an alert back from a subscription, and says why.

    disabled ▶ unpaged ▶ silenced ▶ inhibited ▶ acknowledged ▶ narrowed ▶ too few sources ▶
    unwanted kind ▶ one of many ▶ unheard of ▶ muted

The first that speaks gives the reason.  What passes them all is told: at once, or when
`nightdesk.alerts.timing` says.  Pure: the moment is a parameter.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from nightdesk.alerts import handling as handled
from nightdesk.alerts.intervals import ends_at, on_the_wall
from nightdesk.alerts.labels import Labelled
from nightdesk.alerts.silences import say, silenced_by
from nightdesk.text.tokens import fold
from schemas.alert import Alert, AlertKind, AlertState
from schemas.handling import Handling
from schemas.silence import Silence
from schemas.subscription import Subscription


@dataclass(frozen=True, slots=True)
class Situation:
    """What is the case at `now`: silences as declared, the alert's `handling`, and the alerts that `stand`
    (as they are, with the tags of what they are about), the alert itself may be among them.  `heard` are the
    subscriptions that were told anything of the alert, or will be; None where nobody looked.
    """

    now: datetime
    silences: Sequence[Silence] = ()
    handling: Handling | None = None
    stand: Sequence[Labelled] = ()
    heard: Collection[str] | None = None


class Muted(NamedTuple):
    """Which muter held an alert back, by the name that people read, and its reason."""

    by: str
    reason: str


Muter = Callable[[Labelled, Subscription, Situation], str | None]
"""Holds alerts back.  Returns the reason in words, or None to let the alert pass."""


def disabled(_: Labelled, subscription: Subscription, __: Situation) -> str | None:
    """Hold everything of a subscription that is switched off."""
    return None if subscription.enabled else "the subscription is disabled"


def unpaged(labelled: Labelled, _: Subscription, __: Situation) -> str | None:
    """Hold what no live report took part in."""
    if labelled.alert.pages:
        return None
    return (
        "no live report took part: a first fetch, a back-fill, a replay, or what is taken days late "
        "never pages"
    )


def silenced(labelled: Labelled, _: Subscription, situation: Situation) -> str | None:
    """Hold what a silence in force matches; reminders of silences are not to be silenced."""
    if labelled.alert.silence is not None:
        return None
    silence = silenced_by(situation.silences, labelled, situation.now)
    return None if silence is None else say(silence)


def inhibited(labelled: Labelled, subscription: Subscription, situation: Situation) -> str | None:
    """Hold what another alert that stands inhibits, by a rule of the subscription."""
    for rule in subscription.inhibit:
        if not labelled.fulfils(rule.holds):
            continue
        for other in situation.stand:
            if other.alert.id == labelled.alert.id or not other.fulfils(rule.by):
                continue
            if all(labelled.values(label) == other.values(label) for label in rule.equal):
                return f"inhibited while “{other.alert.title}” ({other.alert.id}) stands"
    return None


def acknowledged(
    labelled: Labelled, subscription: Subscription, situation: Situation
) -> str | None:
    """Hold more of the same of what somebody has seen; to one who waited for so many sources it is new."""
    if reaches(labelled.alert, subscription):
        return None
    return handled.holds_seen(situation.handling, labelled.alert)


def narrowed(labelled: Labelled, subscription: Subscription, _: Situation) -> str | None:
    """Hold what is below the severity, or of none of the sources, languages or words that are asked for."""
    alert = labelled.alert
    if not alert.severity.passes(subscription.min_severity):
        least = subscription.min_severity.value
        return f"severity {alert.severity.value}, the subscription takes {least} and above"
    if alert.trouble is not None or alert.silence is not None:
        return None
    reports = alert.articles
    if subscription.sources and not any(r.source in subscription.sources for r in reports):
        return f"none of its reports is of a source asked for: {', '.join(subscription.sources)}"
    if subscription.languages and not any(_is_in(r.language, subscription) for r in reports):
        return (
            f"none of its reports is in a language asked for: {', '.join(subscription.languages)}"
        )
    wanted = (f" {' '.join(fold(word))} " for word in subscription.words)
    if subscription.words and not any(word in labelled.words for word in wanted):
        return f"none of the words asked for: {', '.join(subscription.words)}"
    return None


def _is_in(language: str, subscription: Subscription) -> bool:
    return (
        language.partition("-")[0] in subscription.languages or language in subscription.languages
    )


def too_few_sources(labelled: Labelled, subscription: Subscription, _: Situation) -> str | None:
    """Hold what fewer independent sources tell than the subscription asks for."""
    alert = labelled.alert
    no_reports = alert.trouble is not None or alert.silence is not None
    if no_reports or alert.sources >= subscription.min_sources:
        return None
    told = "1 independent source" if alert.sources == 1 else f"{alert.sources} sources"
    return f"{told} so far, the subscription waits for {subscription.min_sources}"


def reaches(alert: Alert, subscription: Subscription) -> bool:
    """Whether a change is the first that so many sources tell as the subscription waits for.

    To its readers that is the new development: the changes before it were held for too few sources, and
    nothing else would ever tell of it.
    """
    if subscription.min_sources == 1 or alert.kind not in _OF_REPORTS:
        return False
    before = alert.sources - 1 if alert.sources_before is None else alert.sources_before
    return before < subscription.min_sources <= alert.sources


def unwanted_kind(labelled: Labelled, subscription: Subscription, _: Situation) -> str | None:
    """Hold kinds of alert that the subscription does not take."""
    alert, kinds = labelled.alert, subscription.kinds
    if not alert.kinds.isdisjoint(kinds) or (not kinds and not alert.kind.must_be_named):
        return None
    if not kinds:
        return f"kind {alert.kind.value} is for subscriptions that name it"
    if AlertKind.NEW_DEVELOPMENT in kinds and reaches(alert, subscription):
        return None
    taken = ", ".join(kind.value for kind in kinds)
    return f"the subscription does not take kind {alert.kind.value}, only {taken}"


def one_of_many(labelled: Labelled, subscription: Subscription, _: Situation) -> str | None:
    """Hold an outlet that is one of many and adds nothing from those who do not wait for it."""
    alert = labelled.alert
    if not alert.awaited or reaches(alert, subscription):
        return None
    return f"source {alert.sources} adds nothing: told to those alone who wait for so many"


def unheard(labelled: Labelled, subscription: Subscription, situation: Situation) -> str | None:
    """Hold the end of what the subscription was never told of: a silence, say, held all of it.

    Who does not ask for beginnings is told of ends all the same.
    """
    alert = labelled.alert
    if situation.heard is None or alert.state is not AlertState.QUIET:
        return None
    begins = not subscription.kinds or not _BEGINNINGS.isdisjoint(subscription.kinds)
    if not begins or subscription.id in situation.heard:
        return None
    return "nothing of it was told, so its end is not told either"


def muted(_: Labelled, subscription: Subscription, situation: Situation) -> str | None:
    """Hold what comes in the mute times of the subscription: it is not told afterwards either."""
    for interval in subscription.mute_times:
        end = ends_at(interval, situation.now)
        if end is not None:
            return f"muted until {on_the_wall(end, interval.zone)}"
    return None


MUTERS: tuple[Muter, ...] = (
    disabled,
    unpaged,
    silenced,
    inhibited,
    acknowledged,
    narrowed,
    too_few_sources,
    unwanted_kind,
    one_of_many,
    unheard,
    muted,
)

_BEGINNINGS = frozenset(
    {
        AlertKind.NEW_DEVELOPMENT,
        AlertKind.FEED_BROKEN,
        AlertKind.FEED_QUIET,
        AlertKind.EMERGING,
    }
)
_OF_REPORTS = frozenset(
    {AlertKind.GROWN, AlertKind.MORE_OF_THE_SAME, AlertKind.SURGE, AlertKind.REVISION}
)
_PAUSES: tuple[Muter, ...] = (disabled, silenced, inhibited, muted)
_OVER = frozenset({AlertKind.FEED_RECOVERED, AlertKind.GONE_QUIET, AlertKind.SILENCE_EXPIRING})


def held_back(labelled: Labelled, subscription: Subscription, situation: Situation) -> Muted | None:
    """Return what holds `labelled` back from `subscription` for good; None where it is told."""
    return _first(MUTERS, labelled, subscription, situation)


def pause(labelled: Labelled, subscription: Subscription, situation: Situation) -> str | None:
    """Return why what was told already is not told again just now; None where it is."""
    muted = _first(_PAUSES, labelled, subscription, situation)
    return None if muted is None else muted.reason


def passed(held_by: str = "") -> list[str]:
    """Return the muters that a delivery passed, in order: those before the one that held it, or all."""
    names = [_name(muter) for muter in MUTERS]
    return names[: names.index(held_by)] if held_by in names else names


def stands(alert: Alert) -> bool:
    """Tell whether what an alert is about goes on."""
    return alert.state is not AlertState.QUIET and alert.kind not in _OVER


def _first(
    muters: tuple[Muter, ...], labelled: Labelled, subscription: Subscription, situation: Situation
) -> Muted | None:
    for muter in muters:
        reason = muter(labelled, subscription, situation)
        if reason is not None:
            return Muted(_name(muter), reason)
    return None


def _name(muter: Muter) -> str:
    return muter.__name__.replace("_", " ")

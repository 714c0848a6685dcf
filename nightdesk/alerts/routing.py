"""Routing: to which receivers an alert goes, and why the others are not told.

In come an alert, the tags of its storyline or feeds, the subscriptions in force and the situation; out comes
one row for each receiver of each subscription that selects the alert:

    selected? ─no─▶ no row
        │yes
    a muter speaks (`nightdesk.alerts.muters`) ─▶ suppressed, with its reason
        │no
    the subscription waits, or the alert is snoozed ─▶ held, until `nightdesk.alerts.timing` tells it
        │no
    pending

Every row is returned, the suppressed ones above all: "why was I not told" must have an answer.  Receivers on
standby have none: they are told where another gives up.  Pure: the moment is a parameter.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from nightdesk.alerts.labels import Labelled
from nightdesk.alerts.muters import Situation, held_back
from nightdesk.alerts.silences import concerning
from nightdesk.ids import content_id
from schemas.alert import Alert
from schemas.delivery import Delivery, DeliveryState
from schemas.silence import Silence
from schemas.subscription import Subscription

_HOW_MANY = {"network": "most of all", "many": "many"}


@dataclass(frozen=True, slots=True)
class Routed:
    """One receiver of one subscription: `pending`, `held` for a while, or `suppressed` for `reason`.

    `reason` is never empty: a row that is sent says what selected it.  `held_by` is the muter that
    holds one that is not.
    """

    subscription: str
    receiver: str
    channel: str
    state: DeliveryState
    reason: str
    held_by: str = ""

    @property
    def send(self) -> bool:
        """Whether it is told, now or later."""
        return self.state is not DeliveryState.SUPPRESSED


def selected_by(
    subscription: Subscription,
    alert: Alert,
    tags: Collection[str],
    silences: Iterable[Silence] = (),
) -> str | None:
    """Return what of `subscription` selects what `alert` is about, in words; None if nothing does.

    `tags` are those of its storyline, or of its feeds; `silences` hold the one that it may be about.
    """
    if alert.emerging is not None or alert.silence is not None:
        return _selected_by_name(subscription, alert, silences)
    trouble = alert.trouble
    if not (subscription.takes_storylines if trouble is None else subscription.takes_feeds):
        return None
    about: tuple[str, ...]
    if trouble is None:
        names, what, about = subscription.storylines, "storyline", (alert.about,)
    else:
        names, what, about = subscription.feeds, "feed", trouble.feeds
    if not names and not subscription.tags:
        return f"the subscription takes all {what}s"
    if trouble is not None and trouble.scope in {"network", "many"}:
        return f"the subscription takes feeds, and {_HOW_MANY[trouble.scope]} fail"
    named = [f"the subscription names {what} {name}" for name in names if name in about]
    tagged = [f"the subscription takes tag {tag}" for tag in subscription.tags if tag in tags]
    return next(iter(named + tagged), None)


def _selected_by_name(
    subscription: Subscription, alert: Alert, silences: Iterable[Silence]
) -> str | None:
    """Select what is about no storyline and no feed: for those who name the kind; and the end of a silence
    for those whose alerts it holds."""
    if alert.kind in subscription.kinds:
        return f"the subscription names kind {alert.kind.value}"
    if alert.silence is None or subscription.kinds:
        return None
    for silence in silences:
        if silence.id == alert.silence and _concerns(silence, subscription):
            return f"silence {silence.id} holds alerts of the subscription"
    return None


def _concerns(silence: Silence, subscription: Subscription) -> bool:
    """Tell whether a silence may hold alerts that the subscription takes, as far as names tell."""
    names = {
        "subscription": (subscription.id,),
        "storyline": subscription.storylines,
        "tag": subscription.tags,
        "feed": subscription.feeds,
    }
    asked = [
        (m.value, names[m.label]) for m in silence.matchers if m.label in names and not m.is_not
    ]
    takes_all = not (subscription.storylines or subscription.tags or subscription.feeds)
    return all(value in taken or (takes_all and not taken) for value, taken in asked)


def route(
    alert: Alert,
    tags: Collection[str],
    subscriptions: Iterable[Subscription],
    situation: Situation,
) -> tuple[Routed, ...]:
    """Return one row for each receiver that `alert` concerns, in the order declared.

    `tags` are those of the alert's storyline, or of its feeds.  A subscription whose selector does not take
    that storyline or those feeds, or that asks for no alerts of feeds, has no row.  The situation may hold
    past and future silences too; its `now` (UTC) decides.
    """
    rows: list[Routed] = []
    known = Labelled(alert, tags)
    in_force = concerning(situation.silences, known, situation.now)
    situation, declared = replace(situation, silences=in_force), situation.silences
    for subscription in subscriptions:
        selected = selected_by(subscription, alert, tags, declared)
        if selected is None:
            continue
        muted = held_back(known.to(subscription.id), subscription, situation)
        state, reason, by = DeliveryState.SUPPRESSED, selected, ""
        if muted is not None:
            by, reason = muted
        else:
            snoozed = situation.handling is not None and situation.handling.snoozed is not None
            waits = subscription.waits or snoozed
            state = DeliveryState.HELD if waits else DeliveryState.PENDING
        rows.extend(
            Routed(
                subscription=subscription.id,
                receiver=receiver.name,
                channel=receiver.channel,
                state=state,
                reason=reason,
                held_by=by,
            )
            for receiver in subscription.receivers
            if not receiver.on_standby
        )
    return tuple(rows)


def delivery_id(
    alert: str, sequence: int, subscription: str, receiver: str, *, repeat: int = 0
) -> str:
    """Return the id of one change of one alert for one receiver: the same however often it is sent.

    The n-th `repeat` of what still stands has an id of its own.
    """
    again = (repeat,) if repeat else ()
    return content_id("delivery", alert, sequence, subscription, receiver, *again)


def plan(alert: Alert, routed: Routed, *, now: datetime) -> Delivery:
    """Return the delivery that `routed` asks for."""
    return Delivery(
        id=delivery_id(alert.id, alert.sequence, routed.subscription, routed.receiver),
        alert=alert.id,
        sequence=alert.sequence,
        subscription=routed.subscription,
        receiver=routed.receiver,
        channel=routed.channel,
        state=routed.state,
        reason=routed.reason,
        held_by=routed.held_by,
        changed_at=now,
    )

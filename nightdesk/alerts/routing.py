"""Routing: to which receivers an alert goes, and why the others are not told.

In come an alert, the tags of its storyline or feeds, the subscriptions and silences in force; out comes
one row for each receiver of each subscription that selects the alert.  The way is an ordered list of small
muters, and the first that speaks gives the reason:

    selected? ─no─▶ no row
        │yes
    Disabled ▶ Unpaged ▶ Silenced ▶ TooFewSources ▶ UnwantedKind ▶ send

Every row is returned, the held ones above all: "why was I not told" must have an answer.  Pure: the
moment is a parameter.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from nightdesk.alerts.silences import say, silenced_by
from nightdesk.ids import content_id
from schemas.alert import Alert, AlertKind
from schemas.delivery import Delivery, DeliveryState
from schemas.silence import Silence
from schemas.subscription import Subscription

_HOW_MANY = {"network": "most of all", "many": "many"}


@dataclass(frozen=True, slots=True)
class Routed:
    """One receiver of one subscription: `send`, or held back for `reason`.

    `reason` is never empty: a row that is sent says what selected it.
    """

    subscription: str
    receiver: str
    channel: str
    send: bool
    reason: str


class Muter(Protocol):
    """Holds alerts back.  Returns the reason in words, or None to let the alert pass."""

    def mutes(self, alert: Alert, subscription: Subscription) -> str | None: ...


class Disabled:
    """Holds everything of a subscription that is switched off."""

    def mutes(self, alert: Alert, subscription: Subscription) -> str | None:  # noqa: ARG002
        return None if subscription.enabled else "the subscription is disabled"


class Unpaged:
    """Holds what no live report took part in."""

    def mutes(self, alert: Alert, subscription: Subscription) -> str | None:  # noqa: ARG002
        if alert.pages:
            return None
        return "no live report took part: a first fetch, a back-fill or a replay never pages"


@dataclass(frozen=True, slots=True)
class Silenced:
    """Holds what a silence in force at `now` matches."""

    silences: Sequence[Silence]
    now: datetime

    def mutes(self, alert: Alert, subscription: Subscription) -> str | None:
        silence = silenced_by(self.silences, alert, subscription.id, self.now)
        return None if silence is None else say(silence)


class TooFewSources:
    """Holds what fewer independent sources tell than the subscription asks for."""

    def mutes(self, alert: Alert, subscription: Subscription) -> str | None:
        if alert.trouble is not None or alert.sources >= subscription.min_sources:
            return None
        told = "1 independent source" if alert.sources == 1 else f"{alert.sources} sources"
        return f"{told} so far, the subscription waits for {subscription.min_sources}"


class UnwantedKind:
    """Holds kinds of alert that the subscription does not take."""

    def mutes(self, alert: Alert, subscription: Subscription) -> str | None:
        if not subscription.kinds or alert.kind in subscription.kinds:
            return None
        # To one who waits for N sources, the change that reaches N is the new development: the first
        # sequence was held by TooFewSources, and nothing else would ever tell of it.
        further = alert.kind in {AlertKind.GROWN, AlertKind.MORE_OF_THE_SAME}
        reaches = further and alert.sources == subscription.min_sources > 1
        if reaches and AlertKind.NEW_DEVELOPMENT in subscription.kinds:
            return None
        taken = ", ".join(kind.value for kind in subscription.kinds)
        return f"the subscription does not take kind {alert.kind.value}, only {taken}"


def selected_by(subscription: Subscription, alert: Alert, tags: Collection[str]) -> str | None:
    """Return what of `subscription` selects what `alert` is about, in words; None if nothing does.

    `tags` are those of its storyline, or of its feeds.
    """
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


def route(
    alert: Alert,
    tags: Collection[str],
    subscriptions: Iterable[Subscription],
    silences: Sequence[Silence],
    *,
    now: datetime,
) -> tuple[Routed, ...]:
    """Return one row for each receiver that `alert` concerns, in the order declared.

    `tags` are those of the alert's storyline, or of its feeds.  A subscription whose selector does not take
    that storyline or those feeds, or that asks for no alerts of feeds, has no row.  `silences` may
    hold past and future ones too; `now` (UTC) decides.
    """
    muters: tuple[Muter, ...] = (
        Disabled(),
        Unpaged(),
        Silenced(silences, now),
        TooFewSources(),
        UnwantedKind(),
    )
    rows: list[Routed] = []
    for subscription in subscriptions:
        selected = selected_by(subscription, alert, tags)
        if selected is None:
            continue
        held = _first_reason(muters, alert, subscription)
        rows.extend(
            Routed(
                subscription=subscription.id,
                receiver=receiver.name,
                channel=receiver.channel,
                send=held is None,
                reason=selected if held is None else held,
            )
            for receiver in subscription.receivers
        )
    return tuple(rows)


def delivery_id(alert: str, sequence: int, subscription: str, receiver: str) -> str:
    """Return the id of one change of one alert for one receiver: the same however often it is sent."""
    return content_id("delivery", alert, sequence, subscription, receiver)


def plan(alert: Alert, routed: Routed, *, now: datetime) -> Delivery:
    """Return the delivery that `routed` asks for: `pending`, or `suppressed` with its reason."""
    return Delivery(
        id=delivery_id(alert.id, alert.sequence, routed.subscription, routed.receiver),
        alert=alert.id,
        sequence=alert.sequence,
        subscription=routed.subscription,
        receiver=routed.receiver,
        channel=routed.channel,
        state=DeliveryState.PENDING if routed.send else DeliveryState.SUPPRESSED,
        reason=routed.reason,
        changed_at=now,
    )


def _first_reason(muters: Iterable[Muter], alert: Alert, subscription: Subscription) -> str | None:
    for muter in muters:
        reason = muter.mutes(alert, subscription)
        if reason is not None:
            return reason
    return None

"""The story of an alert: its changes, what people did about it, and to whom each was told, or why not."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from nightdesk.alerts.labels import Labelled
from nightdesk.alerts.muters import passed
from nightdesk.alerts.routing import selected_by
from nightdesk.archive import alerts, definitions, deliveries, handling, notifications
from nightdesk.archive.definitions import Definitions
from nightdesk.history.events import Happened
from nightdesk.history.reports import of_change
from schemas import Alert, Delivery, DeliveryState, Occasion, Subscription


def of_alert(
    conn: Connection, alert: str, subscription: str = "", *, article: str = ""
) -> Iterator[Happened]:
    """Tell the story of an alert, with that of the report that raised each change; to one subscription
    alone, if asked.  With `article`, whose story is told already, of the changes that it made alone."""
    changes = alerts.history(conn, alert)
    if not changes:
        yield Happened(None, "alert", f"alert {alert} is not on record any more")
        return
    made = [change for change in changes if not article or change.raised_by == article]
    if article and not made:
        first = changes[0]
        yield Happened(
            None, "alert", f"part of alert {alert} “{first.title}”, of which it made no change"
        )
    current = definitions.current(conn)
    for change in made:
        if not article:
            yield from of_change(conn, change)
        yield Happened(
            change.raised_at,
            "alert",
            f"{alert}, change {change.sequence}, {change.kind.value}: {change.reason}",
        )
        yield from _told(conn, change, current, subscription)
    for action in handling.actions(conn, alert):
        said = " ".join(part for part in (action.what, action.detail) if part)
        comment = f": {action.comment}" if action.comment else ""
        yield Happened(action.at, "handling", f"{said}, by {action.by}{comment}")


def _told(
    conn: Connection, change: Alert, current: Definitions, subscription: str
) -> Iterator[Happened]:
    planned = deliveries.of_alert(conn, change.id, change.sequence)
    if subscription:
        planned = [one for one in planned if one.subscription == subscription]
    for one in planned:
        yield from of_delivery(conn, one)
    if planned:
        return
    if not subscription:
        yield Happened(None, "deliver", "no subscription takes it", 1)
        return
    stored = current.subscriptions.get(subscription)
    if stored is None:
        yield Happened(None, "deliver", f"there is no subscription {subscription}", 1)
        return
    tags = definitions.tags_of(conn, current, change)
    yield Happened(None, "deliver", _not_selected(change, stored.definition, current, tags), 1)


def of_delivery(conn: Connection, delivery: Delivery, depth: int = 1) -> Iterator[Happened]:
    """Tell what was decided of a delivery, and each attempt at it."""
    to = f"{delivery.subscription} / {delivery.receiver} ({delivery.channel})"
    again = f", repeat {delivery.repeat}" if delivery.repeat else ""
    yield Happened(
        delivery.changed_at,
        "deliver",
        f"{to}: {delivery.state.value}{again}: {delivery.reason or 'as planned'} [{delivery.id}]",
        depth,
    )
    if delivery.held_by:
        before = ", ".join(passed(delivery.held_by)) or "none"
        yield Happened(None, "deliver", f"passed {before}; held by {delivery.held_by}", depth + 1)
    elif delivery.state is not DeliveryState.SUPPRESSED and delivery.occasion is not Occasion.TEST:
        rules = passed()
        said = f"passed all {len(rules)} rules, {rules[0]} to {rules[-1]}"
        yield Happened(None, "deliver", said, depth + 1)
    for decided in notifications.decisions_of(conn, delivery.id):
        said = f"{decided.state.value}: {decided.reason}"
        yield Happened(decided.decided_at, "notify", said, depth + 1)
    for n, attempt in enumerate(deliveries.attempts_of(conn, delivery.id), 1):
        detail = f": {attempt.detail}" if attempt.detail else ""
        said = f"attempt {n} took {attempt.seconds:.3f} s: {attempt.outcome}{detail}"
        yield Happened(attempt.started_at, "delivery", said, depth + 1)


def _not_selected(
    alert: Alert, subscription: Subscription, current: Definitions, tags: frozenset[str]
) -> str:
    """Return why a subscription has no row for an alert, by what is declared now."""
    silences = [stored.definition for stored in current.silences.values()]
    selected = selected_by(subscription, alert, tags, silences)
    name = subscription.id
    if selected is not None:
        return f"{name} takes it as declared now ({selected}), but did not when it was raised"
    labelled = Labelled(alert, tags)
    about = next(iter(labelled.values("storyline") | labelled.values("feed")), alert.about)
    asked = [
        f"{word} {', '.join(values)}"
        for word, values in (
            ("storylines", subscription.storylines),
            ("feeds", subscription.feeds),
            ("tags", subscription.tags),
            ("kinds", tuple(kind.value for kind in subscription.kinds)),
        )
        if values
    ]
    taken = "; ".join(asked) or "alerts of storylines alone"
    tagged = f" (tags {', '.join(sorted(tags))})" if tags else ""
    return f"{name} does not select {about}{tagged}: it takes {taken}"

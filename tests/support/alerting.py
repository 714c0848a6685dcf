"""Alerts, deliveries and subscriptions for tests: one plausible value of each, to be varied."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from nightdesk.delivery.notice import Notice
from schemas import (
    Alert,
    AlertedArticle,
    AlertKind,
    Arrival,
    ChangeRef,
    Delivery,
    DeliveryState,
    Subscription,
    Trouble,
    WebhookReceiver,
)

NOON = datetime(2024, 5, 17, 12, 0, tzinfo=UTC)


def make_article(source: str = "Harbour Post", **changes: Any) -> AlertedArticle:
    """Return an article that an alert tells of."""
    values: dict[str, Any] = {
        "id": f"article-{source.lower().replace(' ', '-')}",
        "revision": 1,
        "source": source,
        "title": "Ministry denies any talks on shared patrols",
        "url": "https://harbour.example/denial",
        "language": "en",
        "published_at": NOON - timedelta(minutes=9),
        "seen_at": NOON - timedelta(minutes=2),
        "arrival": Arrival.LIVE,
        "probability": 0.93,
        "words": ("denies", "shared patrols"),
    }
    return AlertedArticle(**(values | changes))


def make_alert(
    *, identity: str = "alert-1", sources: Sequence[str] = ("Harbour Post",), **changes: Any
) -> Alert:
    """Return an alert with one article from each of `sources`."""
    values: dict[str, Any] = {
        "id": identity,
        "sequence": 1,
        "kind": AlertKind.NEW_DEVELOPMENT,
        "storyline": "patrol-denial",
        "storyline_title": "Denials of joint patrols",
        "storyline_version": 1,
        "development": f"development-of-{identity}",
        "title": "Ministry denies any talks on shared patrols",
        "reason": "a first report of a new development",
        "articles": tuple(make_article(source) for source in sources),
        "sources": len(set(sources)),
        "pages": True,
        "first_seen_at": NOON - timedelta(minutes=2),
        "latest_seen_at": NOON - timedelta(minutes=2),
        "raised_at": NOON,
    }
    return Alert(**(values | changes))


def make_feed_alert(
    *, feeds: Sequence[str] = ("harbour-post",), scope: str = "feed", **changes: Any
) -> Alert:
    """Return an alert about trouble with `feeds`: by default about one that cannot be read.

    Of `changes`, those that are fields of its trouble go there.
    """
    trouble: dict[str, Any] = {
        "scope": scope,
        "name": {"feed": "Harbour Post", "host": "harbour.example", "network": ""}[scope],
        "feeds": tuple(feeds),
        "affected": len(feeds),
        "health": "http_error",
        "hint": "tell the publisher",
        "since": NOON - timedelta(hours=2),
        "failures": 4,
        "last_success_at": NOON - timedelta(hours=3),
        "last_new_at": NOON - timedelta(hours=5),
    }
    values: dict[str, Any] = {
        "id": "alert-of-a-feed",
        "sequence": 1,
        "kind": AlertKind.FEED_BROKEN,
        "title": "Harbour Post cannot be read",
        "reason": "'harbour.example' answered with 503.",
        "pages": True,
        "first_seen_at": NOON - timedelta(hours=2),
        "latest_seen_at": NOON,
        "raised_at": NOON,
        "feed": feeds[0] if scope == "feed" else None,
    }
    trouble |= {name: value for name, value in changes.items() if name in Trouble.model_fields}
    values |= {name: value for name, value in changes.items() if name in Alert.model_fields}
    return Alert(**(values | {"trouble": Trouble(**trouble)}))


def make_alert_of(kind: AlertKind, **changes: Any) -> Alert:
    """Return an alert of any kind: about the storyline or the feed that it takes."""
    if kind is AlertKind.SILENCE_EXPIRING:
        values: dict[str, Any] = {
            "id": "alert-of-a-silence",
            "sequence": 1,
            "title": "Silence fog-week ends at 2024-05-17 13:00 UTC",
            "reason": "Mara asked to be reminded an hour before",
            "silence": "fog-week",
            "pages": True,
            "first_seen_at": NOON,
            "latest_seen_at": NOON,
            "raised_at": NOON,
        }
        return Alert(kind=kind, **(values | changes))
    if kind is AlertKind.EMERGING:
        none = {"storyline": None, "storyline_title": "", "storyline_version": None}
        return make_alert(
            kind=kind, **({**none, "development": "", "emerging": "offer-1"} | changes)
        )
    make = make_feed_alert if kind.is_of_feeds else make_alert
    return make(kind=kind, **changes)


def make_delivery(alert: Alert, **changes: Any) -> Delivery:
    """Return a pending delivery of `alert` to the receiver `webhook` of subscription `desk`."""
    values: dict[str, Any] = {
        "id": f"delivery-of-{alert.id}-{alert.sequence}",
        "alert": alert.id,
        "sequence": alert.sequence,
        "subscription": "desk",
        "receiver": "webhook",
        "channel": "webhook",
        "state": DeliveryState.PENDING,
        "changed_at": NOON,
    }
    return Delivery.model_validate(values | changes, strict=False)


def make_notice(*alerts: Alert, **changes: Any) -> Notice:
    """Return a notice of `alerts` (of one, if none is given); `changes` are fields of its delivery."""
    first, *others = alerts or (make_alert(),)
    also = tuple(ChangeRef(alert=one.id, sequence=one.sequence) for one in others)
    return Notice(make_delivery(first, **({"also": also} | changes)), first, tuple(others))


def make_webhook(url: str = "http://127.0.0.1:9/hook", **changes: Any) -> WebhookReceiver:
    """Return a webhook receiver that may live on loopback."""
    values: dict[str, Any] = {"url": url, "secret_env": "DESK_SECRET", "allow_private": True}
    return WebhookReceiver(**(values | changes))


def make_subscription(identity: str = "desk", **changes: Any) -> Subscription:
    """Return a subscription to everything, with one webhook."""
    values: dict[str, Any] = {"id": identity, "receivers": (make_webhook(),)}
    return Subscription(**(values | changes))

"""Samples: notices with everything in them that one may tell, for tests of the way and of templates.

Pure.  They speak of an invented place, and say that they are samples.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from nightdesk.delivery.notice import Notice
from nightdesk.ids import content_id
from schemas.alert import Alert, AlertedArticle, AlertKind, Claim, Contradiction, Rate
from schemas.base import Arrival
from schemas.delivery import ChangeRef, Delivery, DeliveryState, Occasion
from schemas.novelty import Novelty
from schemas.receivers import Receiver
from schemas.subscription import Subscription
from schemas.trouble import Trouble

NOTE = "Nothing happened. Somebody tries whether alerts arrive here."


def sample_of(subscription: Subscription, receiver: Receiver, now: datetime, nonce: str) -> Notice:
    """Return a test of one receiver.  `nonce` keeps apart tests that are made one after the other."""
    alert = _of_storyline(now, nonce)
    delivery = _delivery(alert, subscription.id, receiver.name, receiver.channel, now, nonce)
    return Notice(delivery, alert, title=subscription.title)


def samples(subscription: str, receiver: str, channel: str, now: datetime) -> list[Notice]:
    """Return one notice of each shape: of a storyline, of a feed, and a digest of both."""
    story, feed = _of_storyline(now, "sample"), _of_feed(now)
    one = _delivery(story, subscription, receiver, channel, now, "1")
    other = _delivery(feed, subscription, receiver, channel, now, "2")
    both = one.model_copy(
        update={
            "occasion": Occasion.DIGEST,
            "note": "2 alerts of the day",
            "also": (ChangeRef(alert=feed.id, sequence=feed.sequence),),
        }
    )
    return [Notice(one, story), Notice(other, feed), Notice(both, story, (feed,))]


def _delivery(
    alert: Alert, subscription: str, receiver: str, channel: str, now: datetime, nonce: str
) -> Delivery:
    return Delivery(
        id=content_id("delivery", "test", alert.id, subscription, receiver, nonce),
        alert=alert.id,
        sequence=alert.sequence,
        subscription=subscription,
        receiver=receiver,
        channel=channel,
        state=DeliveryState.PENDING,
        changed_at=now,
        occasion=Occasion.TEST,
        note=NOTE,
    )


def _of_storyline(now: datetime, nonce: str) -> Alert:
    articles = tuple(
        AlertedArticle(
            id=f"article-of-a-test-{number}",
            revision=1,
            source=source,
            title=f"Sample: harbour of Quillhaven closed after collision, {killed} killed",
            url=f"https://{source.partition(' ')[0].lower()}.example/quillhaven",
            language="en",
            published_at=now - timedelta(minutes=20 - 5 * number),
            seen_at=now - timedelta(minutes=18 - 5 * number),
            arrival=Arrival.LIVE,
            probability=0.94 - 0.05 * number,
            words=("Quillhaven", "harbour", "collision"),
            copy_of=None if number < 2 else "article-of-a-test-0",
        )
        for number, (source, killed) in enumerate(
            (("Harbour Ledger", 12), ("Meridian Wire", 9), ("Kestrel Evening", 12))
        )
    )
    return Alert(
        id=content_id("alert", "test", nonce),
        sequence=1,
        kind=AlertKind.NEW_DEVELOPMENT,
        storyline="nightdesk-test",
        storyline_title="A sample storyline",
        storyline_version=1,
        development=content_id("development", "test", nonce),
        title="Sample: harbour of Quillhaven closed after collision",
        reason="a sample: nothing happened",
        articles=articles,
        sources=2,
        pages=True,
        first_seen_at=now - timedelta(minutes=18),
        latest_seen_at=now,
        raised_at=now,
        raised_by=articles[0].id,
        novelty=Novelty(
            share=0.6,
            figures=("12 killed",),
            actors=("Ottoline Brask",),
            quote="The pier is closed.",
        ),
        contradictions=(
            Contradiction(
                what="killed",
                claims=(
                    Claim(figure="12 killed", sources=("Harbour Ledger",)),
                    Claim(figure="9 killed", sources=("Meridian Wire",)),
                ),
            ),
        ),
        rate=Rate(reports=9, hours=1.0, expected=0.4),
    )


def _of_feed(now: datetime) -> Alert:
    return Alert(
        id=content_id("alert", "test", "feed"),
        sequence=1,
        kind=AlertKind.FEED_BROKEN,
        title="Sample: Harbour Ledger cannot be read",
        reason="a sample: nothing happened",
        pages=True,
        first_seen_at=now - timedelta(hours=2),
        latest_seen_at=now,
        raised_at=now,
        feed="harbour-ledger",
        trouble=Trouble(
            scope="feed",
            name="Harbour Ledger",
            feeds=("harbour-ledger",),
            health="http_error",
            hint="tell the publisher",
            since=now - timedelta(hours=2),
            failures=4,
        ),
    )

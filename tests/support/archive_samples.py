"""Small, whole examples of every contract, for tests that store and fetch them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from nightdesk.ids import content_id
from schemas import (
    Alert,
    AlertedArticle,
    AlertKind,
    Arrival,
    Article,
    DeadLetter,
    DeadLetterReason,
    Decision,
    Delivery,
    DeliveryState,
    Match,
    Span,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def at(minutes: float) -> datetime:
    """Return the moment that many minutes after noon of the examples' day."""
    return NOON + timedelta(minutes=minutes)


def article(id_: str = "article-1", revision: int = 1, **changes: Any) -> Article:
    values: dict[str, Any] = {
        "id": id_,
        "revision": revision,
        "report": content_id("report", id_, revision),
        "feed": "harbour-herald",
        "source": "Harbour Herald",
        "url": f"https://herald.example/{id_}",
        "title": f"Ferry talks resume ({id_})",
        "text": "Talks on the ferry line resumed on Sunday.",
        "language": "en",
        "published_at": at(-10),
        "seen_at": NOON,
        "content_hash": content_id("hash", id_, revision),
    }
    return Article(**(values | changes))


def match(
    storyline: str = "ferry",
    of: Article | None = None,
    version: int = 1,
    decision: Decision = Decision.FITS,
    **changes: Any,
) -> Match:
    of = of or article()
    values: dict[str, Any] = {
        "id": content_id("match", storyline, of.id),
        "version": version,
        "storyline": storyline,
        "storyline_version": 1,
        "article": of,
        "decision": decision,
        "probability": 0.9,
        "score": 2.2,
        "spans": (Span(field="title", start=0, end=5, weight=1.5),),
        "decided_at": NOON,
    }
    return Match(**(values | changes))


def alert(id_: str = "alert-1", sequence: int = 1, **changes: Any) -> Alert:
    values: dict[str, Any] = {
        "id": id_,
        "sequence": sequence,
        "kind": AlertKind.NEW_DEVELOPMENT if sequence == 1 else AlertKind.GROWN,
        "storyline": "ferry",
        "storyline_title": "The ferry line",
        "storyline_version": 1,
        "development": f"development-of-{id_}",
        "title": "Ferry talks resume",
        "reason": "a first report",
        "articles": (
            AlertedArticle(
                id="article-1",
                revision=1,
                source="Harbour Herald",
                title="Ferry talks resume",
                seen_at=NOON,
                arrival=Arrival.LIVE,
                probability=0.9,
            ),
        ),
        "sources": 1,
        "pages": True,
        "first_seen_at": NOON,
        "latest_seen_at": NOON,
        "raised_at": at(sequence),
    }
    return Alert(**(values | changes))


def delivery(id_: str = "delivery-1", **changes: Any) -> Delivery:
    values: dict[str, Any] = {
        "id": id_,
        "alert": "alert-1",
        "sequence": 1,
        "subscription": "desk",
        "receiver": "webhook",
        "channel": "webhook",
        "state": DeliveryState.PENDING,
        "changed_at": NOON,
    }
    return Delivery(**(values | changes))


def dead_letter(id_: str = "letter-1", **changes: Any) -> DeadLetter:
    values: dict[str, Any] = {
        "id": id_,
        "stage": "normalise",
        "topic": "reports",
        "partition": 0,
        "offset": 7,
        "value": "e30=",
        "reason": DeadLetterReason.BREAKS_CONTRACT,
        "detail": "title: a string was expected",
        "hint": "mend the feed",
        "died_at": NOON,
    }
    return DeadLetter(**(values | changes))

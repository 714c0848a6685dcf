"""What templates see of a notice: plain words and numbers, tamed, and every key always there.

Pure.  No contract, and no other object of ours, is within a template's reach.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from nightdesk.delivery.notice import Notice
from nightdesk.delivery.wording import (
    advice_in_words,
    clock_time,
    kind_in_words,
    news_in_words,
    occasion_in_words,
    one_line,
    rate_in_words,
    safe_link,
    standing_in_words,
    subject_in_words,
)
from schemas.alert import Alert, AlertedArticle, Contradiction

MOST_ALERTS = 200
MOST_ARTICLES = 50
_MOST_WORDS = 20
_MOST_CLAIMS = 10

View = dict[str, Any]


def view_of(notice: Notice) -> View:
    """Return the variables of a template: `alert`, `alerts`, `delivery` and `subscription`."""
    alerts = [_alert(alert) for alert in notice.alerts[:MOST_ALERTS]]
    delivery = notice.delivery
    return {
        "alert": alerts[0],
        "alerts": alerts,
        "delivery": {
            "id": delivery.id,
            "occasion": delivery.occasion.value,
            "said": occasion_in_words(notice),
            "note": one_line(delivery.note, 300),
            "repeat": delivery.repeat,
            "test": notice.is_test,
            "receiver": delivery.receiver,
            "alerts": len(notice.alerts),
        },
        "subscription": {
            "id": notice.subscription,
            "title": one_line(notice.title, 120) or notice.subscription,
        },
    }


def _alert(alert: Alert) -> View:
    novelty = alert.novelty
    articles = [_article(article) for article in alert.articles[:MOST_ARTICLES]]
    return {
        "id": alert.id,
        "sequence": alert.sequence,
        "kind": alert.kind.value,
        "said": kind_in_words(alert.kind),
        "severity": alert.severity.value,
        "state": alert.state.value,
        "title": one_line(alert.title, 300),
        "about": subject_in_words(alert),
        "storyline": alert.storyline or "",
        "feed": alert.feed or "",
        "reason": one_line(alert.reason),
        "standing": standing_in_words(alert),
        "sources": alert.sources,
        "adds": news_in_words(alert),
        "new": {
            "share": round(100 * novelty.share) if novelty else 0,
            "figures": _words(novelty.figures) if novelty else [],
            "actors": _words(novelty.actors) if novelty else [],
            "quote": one_line(novelty.quote, 300) if novelty else "",
        },
        "contradictions": [_contradiction(one) for one in alert.contradictions[:_MOST_CLAIMS]],
        "rate": rate_in_words(alert),
        "hint": advice_in_words(alert),
        "articles": articles,
        "reports": len(alert.articles),
        "link": next((article["url"] for article in articles if article["url"]), ""),
        "first_seen_at": clock_time(alert.first_seen_at),
        "latest_seen_at": clock_time(alert.latest_seen_at),
        "raised_at": clock_time(alert.raised_at),
    }


def _article(article: AlertedArticle) -> View:
    return {
        "id": article.id,
        "source": one_line(article.source, 80),
        "title": one_line(article.title, 300) or "(no title)",
        "url": safe_link(article.url) or "",
        "language": one_line(article.language, 20),
        "published_at": _moment(article.published_at),
        "seen_at": clock_time(article.seen_at),
        "percent": round(100 * article.probability),
        "words": _words(article.words),
        "copy": article.copy_of is not None,
    }


def _contradiction(contradiction: Contradiction) -> View:
    return {
        "what": one_line(contradiction.what, 60),
        "claims": [
            {"figure": one_line(claim.figure, 60), "sources": _words(claim.sources)}
            for claim in contradiction.claims[:_MOST_CLAIMS]
        ],
    }


def _words(words: tuple[str, ...]) -> list[str]:
    return [one_line(word, 80) for word in words[:_MOST_WORDS]]


def _moment(moment: datetime | None) -> str:
    return clock_time(moment) if moment else ""

"""Subscriptions that take everything of very much, with nothing that bounds how often they are told.

Comes in: the parts of one file.  Goes out: warnings: it may be meant, as for a screen on a wall.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nightdesk.bundles.contract import Part
from nightdesk.bundles.problems import Finding
from schemas import Storyline, Subscription

MANY = 10
"""Storylines that one person may follow change by change."""


def check_floods(parts: Sequence[Part]) -> Iterator[Finding]:
    """Find subscriptions that may flood their receivers."""
    storylines = sum(isinstance(part.readable, Storyline) for part in parts)
    if storylines < MANY:
        return
    for part in parts:
        if isinstance(part.readable, Subscription) and _takes_everything(part.readable):
            yield Finding(
                part.path,
                f"this takes every alert of all {storylines} storylines, and nothing bounds how many",
                "choose by `storylines`, `tags`, `kinds` or `min_sources`, or give a `rate_limit`",
                "warning",
            )


def _takes_everything(subscription: Subscription) -> bool:
    chooses = (
        subscription.storylines
        or subscription.tags
        or subscription.feeds
        or subscription.kinds
        or subscription.sources
        or subscription.words
        or subscription.languages
    )
    bounds = subscription.rate_limit or subscription.digest or subscription.min_sources > 1
    return subscription.enabled and not chooses and not bounds

"""Echoes: which of many outlets that tell what was told are worth a further sequence.

Comes in: how many outlets and independent sources the last sequence told of, and how many there are
now.  Goes out: whether that is told.  Fifty outlets that run one wire report are one alert with a handful
of sequences, and not with fifty.  Each of the first independent sources is told, for they are what makes a
report true; then, as with copies, so many more as tell a thing apart from before.  What somebody waits for
is told in between, to them alone.  Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from schemas import AlertKind, Subscription

OUTLETS = (2, 3, 5, 10, 20, 50, 100, 200, 500, 1_000)
"""So many outlets, copies among them, are told of."""

SOURCES = (2, 3, 4, 5, 7, 10, 15, 20, 30, 50, 70, 100, 200, 500, 1_000)
"""So many independent sources are told of."""

assert all(one < other for steps in (OUTLETS, SOURCES) for one, other in pairwise(steps))


def is_told(*, outlets: tuple[int, int], sources: tuple[int, int]) -> bool:
    """Say whether one more outlet is told of; each pair is (told of last, there are now)."""
    return _passes(OUTLETS, *outlets) or _passes(SOURCES, *sources)


@dataclass(frozen=True, slots=True)
class Awaited:
    """Numbers of independent sources that are waited for: by subscriptions (`min_sources`), and by snoozes,
    alert by alert."""

    subscribed: Collection[int] = ()
    snoozed: Mapping[str, int] = field(default_factory=dict)

    def by_snooze(self, alert: str, sources: tuple[int, int]) -> bool:
        """Say whether the snooze of an alert ends with one more source; a pair is as in `is_told`."""
        number = self.snoozed.get(alert)
        return number is not None and _passes((number,), *sources)

    def by_subscription(self, sources: tuple[int, int]) -> bool:
        """Say whether a subscription waits for one more source."""
        return _passes(self.subscribed, *sources)


def waited_for(subscriptions: Iterable[Subscription]) -> frozenset[int]:
    """Return the numbers of sources that subscriptions wait for which then take whatever comes."""
    first = {AlertKind.NEW_DEVELOPMENT, AlertKind.MORE_OF_THE_SAME}
    return frozenset(
        one.min_sources
        for one in subscriptions
        if one.enabled and one.min_sources > 1 and (not one.kinds or first & set(one.kinds))
    )


def next_told(outlets: int) -> int | None:
    """Return the number of outlets that is told of next; None after the last."""
    return next((step for step in OUTLETS if step > outlets), None)


def _passes(steps: Collection[int], told: int, now: int) -> bool:
    return any(told < step <= now for step in steps)

"""Selection: the subscriptions that may take an alert, found without looking at all of them.

Comes in: subscriptions, once; then what alerts are about, many times.  Goes out: those that name it, one of
its tags, or nothing at all, in the order declared.  `nightdesk.alerts.routing.selected_by` has the last word.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

from schemas.alert import Alert
from schemas.subscription import Subscription


class Selection:
    """All subscriptions, with an index by what they name."""

    def __init__(self, subscriptions: Iterable[Subscription]) -> None:
        self._all = tuple(subscriptions)
        self._storylines: dict[str, list[int]] = defaultdict(list)
        self._feeds: dict[str, list[int]] = defaultdict(list)
        self._tags: dict[str, list[int]] = defaultdict(list)
        self._any_storyline: list[int] = []
        self._any_feed: list[int] = []
        self._others: list[int] = []
        self.inhibits = any(one.inhibit for one in self._all)
        """Whether any of them has a rule by which alerts inhibit others."""
        for n, one in enumerate(self._all):
            self._take(n, one)

    def of(self, alert: Alert, tags: Collection[str]) -> list[Subscription]:
        """Return the subscriptions that may take `alert`, in the order declared."""
        if alert.emerging is not None or alert.silence is not None:
            return [self._all[n] for n in self._others]
        if alert.trouble is None:
            return self.of_storyline(alert.storyline or "", tags)
        found: set[int] = set()
        if alert.trouble.scope in {"network", "many"}:
            found.update(n for n, one in enumerate(self._all) if one.takes_feeds)
        else:
            found.update(self._any_feed)
            for feed in alert.trouble.feeds:
                found.update(self._feeds.get(feed, ()))
        for tag in tags:
            found.update(self._tags.get(tag, ()))
        return [self._all[n] for n in sorted(found)]

    def of_storyline(self, storyline: str, tags: Collection[str]) -> list[Subscription]:
        """Return the subscriptions that may take alerts of a storyline with these tags, likewise."""
        found = {*self._any_storyline, *self._storylines.get(storyline, ())}
        found.update(n for tag in tags for n in self._tags.get(tag, ()))
        return [self._all[n] for n in sorted(found)]

    def _take(self, n: int, one: Subscription) -> None:
        for tag in one.tags:
            self._tags[tag].append(n)
        if one.takes_storylines:
            for storyline in one.storylines:
                self._storylines[storyline].append(n)
            if not one.storylines and not one.tags:
                self._any_storyline.append(n)
        if one.takes_feeds:
            for feed in one.feeds:
                self._feeds[feed].append(n)
            if not one.feeds and not one.tags:
                self._any_feed.append(n)
        # Of what is about no storyline and no feed: those who name such a kind, or no kind at all.
        if not one.kinds or not all(k.is_of_storylines or k.is_of_feeds for k in one.kinds):
            self._others.append(n)

"""Replays a file of reports through the pipeline: no network, no stream, event time from the file.

Comes in: JSON lines (`nightdesk.records`) in the order in which they should be seen, and a bundle.
Goes out: matches and alerts as they are made, and a summary with both sides of every identity of
account.  The same file and bundle give the same output, always.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from nightdesk import accounting
from nightdesk.archive import accounts, definitions
from nightdesk.archive.definitions import Definition
from nightdesk.archive.engine import Archive
from nightdesk.clock import SettableClock
from nightdesk.pipeline.bare import BareLoop, chunks
from nightdesk.records import BEFORE_ALL, FEED, Record, read_record
from schemas import Alert, Bundle, Match, Report

__all__ = ["Record", "Replay"]

_CHUNK = 100


class Replay:
    """One run over one file.  `events` yields dicts of type `rejected`, `match` and `alert`."""

    def __init__(self, archive: Archive, bundle: Bundle) -> None:
        self._archive = archive
        self._clock = SettableClock(BEFORE_ALL)
        self._names: dict[str, str] = {}
        self._poll: Counter[str] = Counter()
        self._loop = BareLoop(archive, self._clock)
        with archive.begin() as connection:
            declared: tuple[Definition, ...] = (
                *bundle.feeds,
                *bundle.storylines,
                *bundle.subscriptions,
                *bundle.silences,
            )
            for definition in declared:
                definitions.put(connection, definition, author=FEED, now=BEFORE_ALL)

    def events(self, lines: Iterable[str | bytes]) -> Iterator[dict[str, Any]]:
        """Run `lines` through the pipeline and yield what comes of them, in order."""
        rejected: list[dict[str, Any]] = []
        for chunk in chunks(self._reports(lines, rejected), _CHUNK):
            yield from _drain(rejected)
            self._clock.set(max(self._clock.now(), chunk[-1].seen_at))
            for message in self._loop.run(chunk):
                if message.topic == "matches":
                    yield self._match(Match.model_validate_json(message.value))
                elif message.topic == "alerts":
                    yield self._alert(Alert.model_validate_json(message.value))
        yield from _drain(rejected)
        self._loop.finish()
        with self._archive.begin() as connection:
            accounts.count(connection, FEED, "poll", self._poll)

    def summary(self) -> dict[str, Any]:
        """Both sides of every identity, and all totals; call it after the events."""
        with self._archive.read() as connection:
            totals = accounts.totals(connection)
        balances = accounting.check(totals)
        return {
            "type": "summary",
            "balanced": all(balance.holds for balance in balances),
            "identities": [
                {
                    "stage": balance.stage,
                    "left": balance.left,
                    "right": balance.right,
                    "holds": balance.holds,
                    "left_terms": balance.left_words,
                    "right_terms": balance.right_words,
                }
                for balance in balances
            ],
            "totals": {stage: dict(counts) for stage, counts in sorted(totals.items())},
        }

    def _reports(
        self, lines: Iterable[str | bytes], rejected: list[dict[str, Any]]
    ) -> Iterator[Report]:
        """Turn lines into reports; what is no record is counted and named in `rejected`."""
        latest = self._clock.now()
        told: set[str] = set()
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            self._poll["polled"] += 1
            try:
                record = read_record(line)
            except ValueError as error:
                self._poll["rejected"] += 1
                rejected.append({"type": "rejected", "line": number, "reason": str(error)})
                continue
            published = record.published_at()
            latest = max(latest, published or latest)
            report = record.report(seen_at=published or latest)
            if report.id in told:
                self._poll["duplicate"] += 1
                continue
            told.add(report.id)
            self._poll["new"] += 1
            self._names[report.id] = record.id
            yield report

    def _match(self, match: Match) -> dict[str, Any]:
        name = self._names[match.article.report]
        self._names.setdefault(match.article.id, name)
        return {
            "type": "match",
            "article": name,
            "storyline": match.storyline,
            "decision": match.decision.value,
            "probability": match.probability,
            "spans": [
                {"field": s.field, "start": s.start, "end": s.end, "weight": s.weight}
                for s in match.spans
            ],
        }

    def _alert(self, alert: Alert) -> dict[str, Any]:
        return {
            "type": "alert",
            "storyline": alert.storyline,
            "development": alert.development,
            "kind": alert.kind.value,
            "articles": [self._names[article.id] for article in alert.articles],
            "sources": alert.sources,
        }


def _drain(items: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    yield from items
    items.clear()

"""Replays a file of reports through the pipeline: no network, no stream, event time from the file.

Comes in: JSON lines (`nightdesk.records`) in the order in which they should be seen, and a bundle.
Goes out: matches and alerts as they are made, notes on what could not be used, and a summary with both
sides of every identity of account.  The same file and bundle give the same output, always.

Spans count in the article, which is the record cleaned.  Where a field of it is not the record's own, a
match tells it (`article_text`), and each span quotes its words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from nightdesk import accounting
from nightdesk.archive import accounts, definitions
from nightdesk.archive.definitions import Definition
from nightdesk.archive.engine import Archive
from nightdesk.clock import SettableClock
from nightdesk.dense.encoder import Encoder
from nightdesk.pipeline.bare import BareLoop, chunks
from nightdesk.pipeline.normalise import NormaliseStage
from nightdesk.records import BEFORE_ALL, FEED, Record, Succession, read_record
from schemas import Alert, Article, Bundle, DeadLetter, Match, Report

__all__ = ["Record", "Replay"]

_CHUNK = 100


_FIELDS = ("title", "description", "text")


class _Placed(NamedTuple):
    """A record on its way: the line it stood on, and the report that it became."""

    line: int
    record: Record
    report: Report


class Replay:
    """One run over one file.  `events` yields dicts of type `rejected`, `note`, `match` and `alert`.

    A note says what became of a record in another way than its line asks for: a date that cannot be
    read, a field that is no text, an article that could not be made.
    """

    def __init__(self, archive: Archive, bundle: Bundle, encoder: Encoder | None = None) -> None:
        self._archive = archive
        self._clock = SettableClock(BEFORE_ALL)
        self._names: dict[str, str] = {}
        self._cleaned: dict[str, frozenset[str]] = {}
        self._placed = 0
        self._poll: Counter[str] = Counter()
        self._loop = BareLoop(archive, self._clock, encoder=encoder)
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
        told: list[dict[str, Any]] = []
        for chunk in chunks(self._records(lines, told), _CHUNK):
            yield from _drain(told)
            reports = [placed.report for placed in chunk]
            self._clock.set(max(self._clock.now(), reports[-1].seen_at))
            records = {placed.report.id: placed.record for placed in chunk}
            for message in self._loop.run(reports):
                if message.topic == "articles":
                    self._note_cleaned(Article.model_validate_json(message.value), records)
                elif message.topic == "matches":
                    yield self._match(Match.model_validate_json(message.value))
                elif message.topic == "alerts":
                    yield self._alert(Alert.model_validate_json(message.value))
                elif message.topic == "dead-letters":
                    yield self._died(DeadLetter.model_validate_json(message.value), chunk)
            self._placed += len(chunk)
        yield from _drain(told)
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

    def _records(
        self, lines: Iterable[str | bytes], told: list[dict[str, Any]]
    ) -> Iterator[_Placed]:
        """Turn lines into reports; what is odd about a line, or no record, is named in `told`."""
        latest = self._clock.now()
        succession = Succession()
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            self._poll["polled"] += 1
            try:
                record = read_record(line)
            except ValueError as error:
                self._poll["rejected"] += 1
                told.append({"type": "rejected", "line": number, "reason": str(error)})
                continue
            told.extend(_note(number, record, odd) for odd in record.odd())
            published = record.published_at()
            latest = max(latest, published or latest)
            report, says_else = succession.place(record.report(seen_at=published or latest))
            if not says_else:
                self._poll["duplicate"] += 1
                continue
            self._poll["new"] += 1
            self._names[report.id] = record.id
            yield _Placed(number, record, report)

    def _note_cleaned(self, article: Article, records: dict[str, Record]) -> None:
        """Note which fields of the article are not the record's own."""
        record = records[article.report]
        changed = {
            field
            for field in _FIELDS
            if field in record.mended or (getattr(record, field) or "") != getattr(article, field)
        }
        if changed:
            self._cleaned[article.report] = frozenset(changed)

    def _died(self, letter: DeadLetter, chunk: Sequence[_Placed]) -> dict[str, Any]:
        reason = f"{letter.reason.value}: {letter.detail}"
        if letter.topic != NormaliseStage.topic:
            return {"type": "note", "reason": f"{letter.stage} could not use a message: {reason}"}
        placed = chunk[letter.offset - self._placed]
        return _note(placed.line, placed.record, f"became no article: {reason}")

    def _match(self, match: Match) -> dict[str, Any]:
        article = match.article
        name = self._names[article.report]
        self._names.setdefault(article.id, name)
        texts = {field: getattr(article, field) for field in _FIELDS}
        cleaned = self._cleaned.get(article.report, frozenset())
        told: dict[str, Any] = {
            "type": "match",
            "article": name,
            "storyline": match.storyline,
            "decision": match.decision.value,
            "probability": match.probability,
            "score": match.score,
            "reason": match.reason,
            "contributions": [
                {"name": c.name, "value": c.value, "detail": c.detail} for c in match.contributions
            ],
            "spans": [
                {
                    "field": s.field,
                    "start": s.start,
                    "end": s.end,
                    "weight": s.weight,
                    "words": texts[s.field][s.start : s.end],
                }
                for s in match.spans
            ],
        }
        shown = {span.field for span in match.spans} & cleaned
        if shown:
            told["article_text"] = {field: texts[field] for field in _FIELDS if field in shown}
        return told

    def _alert(self, alert: Alert) -> dict[str, Any]:
        return {
            "type": "alert",
            "storyline": alert.storyline,
            "development": alert.development,
            "kind": alert.kind.value,
            "articles": [self._names[article.id] for article in alert.articles],
            "sources": alert.sources,
        }


def _note(line: int, record: Record, reason: str) -> dict[str, Any]:
    return {"type": "note", "line": line, "article": record.id, "reason": reason}


def _drain(items: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    yield from items
    items.clear()

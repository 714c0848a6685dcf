"""Stage `decide`: one storyline's candidates are judged by one worker, which holds its memory.

Outcomes: `fits`, `possible`, `not`, `retired` (the storyline is gone), `superseded` (a later revision
was judged before), `redelivered`.  A storyline that never was makes a dead letter.  Every decision is
recorded; those that fit or may fit, and those that did so before, are sent on (`matches`).  So is each
mind that a storyline changes about an earlier report: a further version of its match (`settled`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from nightdesk.archive import matches, memory
from nightdesk.dense.encoder import Encoder
from nightdesk.pipeline.definitions import CatalogueCache, unknown_storyline
from nightdesk.pipeline.stage import Received, Work
from nightdesk.storylines.compile import CompiledStoryline
from nightdesk.storylines.decide import Change, Memory, decide, match_id
from nightdesk.storylines.meaning import Meanings
from nightdesk.storylines.quoting import naming, quoted, words_of
from schemas import Candidate, Decision, Match

SETTLED: Final = "settled:"
"""Stands before the id of the candidate that made a storyline judge other reports again."""


class DecideStage:
    """Keeps the memories of its storylines between batches; the archive holds the truth."""

    name = "decide"
    topic = "candidates"
    contract = Candidate

    def __init__(self, catalogues: CatalogueCache, encoder: Encoder | None = None) -> None:
        self._catalogues = catalogues
        self._meanings = Meanings(encoder) if encoder is not None else None
        self._memories: dict[str, Memory] = {}

    def process(
        self, connection: Connection, batch: Sequence[Received[Candidate]], now: datetime
    ) -> Work:
        work = Work()
        catalogue = self._catalogues.get(connection)
        told = set(matches.by_candidates(connection, [r.body.id for r in batch]))
        latest = matches.latest(connection, [_match_of(r.body) for r in batch])
        rows: list[tuple[Match, str]] = []
        touched: dict[str, CompiledStoryline] = {}
        for received in batch:
            candidate = received.body
            if candidate.id in told:
                work.counts["redelivered"] += 1
                continue
            told.add(candidate.id)
            storyline = catalogue.storyline(candidate.storyline)
            if storyline is None:
                poison = unknown_storyline(connection, candidate.storyline)
                if poison is not None:
                    work.buried.append((received.incoming, poison))
                else:
                    work.counts["retired"] += 1
                continue
            before = latest.get(_match_of(candidate))
            if before is not None and before.article.revision > candidate.article.revision:
                work.counts["superseded"] += 1
                continue
            if self._meanings is not None:
                storyline = self._meanings.of(storyline)
            touched[candidate.storyline] = storyline
            remembered = self._memory(connection, candidate.storyline)
            verdict = decide(candidate, storyline, remembered, now=now)
            self._memories[candidate.storyline] = verdict.memory
            match = verdict.match.model_copy(
                update={"version": before.version + 1 if before else 1}
            )
            latest[match.id] = match
            rows.append((match, candidate.id))
            work.counts[match.decision.value] += 1
            work.took("seen_to_matched", candidate.article.seen_at, now, candidate.article.arrival)
            if match.decision is not Decision.NOT or _was_told(before):
                _send(work, match)
            for changed in _changed(connection, verdict.changes, storyline, latest, now):
                latest[changed.id] = changed
                rows.append((changed, f"{SETTLED}{candidate.id}"))
                work.extra["settled"] += 1
                _send(work, changed)
        matches.record(connection, rows)
        for name, storyline in touched.items():
            memory.save(connection, name, storyline.version, self._memories[name].to_bytes())
        return work

    def forget(self) -> None:
        """Drop all memories: they are read again from the archive."""
        self._memories.clear()

    def _memory(self, connection: Connection, storyline: str) -> Memory:
        if storyline not in self._memories:
            saved = memory.load(connection, storyline)
            self._memories[storyline] = Memory.from_bytes(saved[1]) if saved else Memory()
        return self._memories[storyline]


def _changed(
    connection: Connection,
    changes: Sequence[Change],
    storyline: CompiledStoryline,
    latest: Mapping[str, Match],
    now: datetime,
) -> list[Match]:
    """Return the next version of each match about which the storyline has changed its mind."""
    names = {match_id(storyline.id, change.article): change for change in changes}
    known = dict(matches.latest(connection, [name for name in names if name not in latest]))
    found = []
    for name, change in names.items():
        before = latest.get(name) or known.get(name)
        if before is None or before.article.revision != change.revision:
            # Pruned meanwhile, or decided anew with a later revision: nothing is left to change.
            continue
        found.append(
            before.model_copy(
                update={
                    "version": before.version + 1,
                    "storyline_version": storyline.version,
                    "decision": change.decision,
                    "probability": change.probability,
                    "score": change.score,
                    "bar": change.bar,
                    "contributions": naming(change.contributions, words_of(before.contributions)),
                    "spans": before.spans or quoted(before.article, storyline),
                    "reason": change.reason,
                    "decided_at": now,
                }
            )
        )
    return found


def _send(work: Work, match: Match) -> None:
    work.send("matches", match.storyline, match)
    work.extra["matches"] += 1


def _match_of(candidate: Candidate) -> str:
    return match_id(candidate.storyline, candidate.article.id)


def _was_told(before: Match | None) -> bool:
    return before is not None and before.decision is not Decision.NOT

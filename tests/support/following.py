"""Follows a stream through the real `nominate` and `decide`, and writes down all that was ever thought.

Comes in: an index and articles.  Goes out: for each storyline its history: every match, and every change
of mind about an earlier report, in the order in which they came.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from nightdesk.storylines.decide import Change, Memory, decide
from nightdesk.storylines.index import Index
from nightdesk.storylines.nominate import nominate
from schemas import Article, Candidate, Match
from tests.support.developing import NOON


@dataclass(frozen=True)
class Learned:
    """A change of mind, the event time at which it came, and that of the report it is about."""

    change: Change
    at: datetime
    about: datetime


@dataclass
class History:
    """What storylines thought, and what they remember at the end, by storyline."""

    lines: dict[str, list[Match | Learned]] = field(default_factory=lambda: defaultdict(list))
    memories: dict[str, Memory] = field(default_factory=dict)
    unsettled_reloads: int = 0

    def matches(self) -> list[Match]:
        return [line for told in self.lines.values() for line in told if isinstance(line, Match)]

    def changes(self) -> list[Learned]:
        return [line for told in self.lines.values() for line in told if isinstance(line, Learned)]

    def of(self, storyline: str) -> tuple[list[Match | Learned], bytes]:
        """Return the lines of one storyline, and what it remembers at the end."""
        memory = self.memories.get(storyline, Memory())
        return self.lines.get(storyline, []), memory.to_bytes()


def follow(
    index: Index,
    reports: Iterable[Article],
    *,
    reload: Callable[[int], bool] = lambda _: False,
) -> History:
    """Run reports through nominate and decide.

    Before each report whose number `reload` picks, all memories are written and read again, and its
    candidates travel as messages do.
    """
    history = History()
    times: dict[tuple[str, int], datetime] = {}
    for number, report in enumerate(reports):
        times[report.id, report.revision] = report.event_time
        if reload(number):
            history.unsettled_reloads += any(m.pending for m in history.memories.values())
            for name, memory in history.memories.items():
                history.memories[name] = Memory.from_bytes(memory.to_bytes())
        for named in nominate(report, index, now=NOON):
            name = named.storyline
            candidate = Candidate.model_validate_json(named.to_bytes()) if reload(number) else named
            before = history.memories.get(name, Memory())
            verdict = decide(candidate, index.storylines[name], before, now=NOON)
            history.memories[name] = verdict.memory
            history.lines[name].append(verdict.match)
            history.lines[name].extend(
                Learned(change, report.event_time, times[change.article, change.revision])
                for change in verdict.changes
            )
    return history

"""One report as its storyline remembers it, and what is thought of it now.

Comes in: what was measured when it came.  Goes out: the same as plain JSON and back.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from nightdesk.dense.vectors import from_text, to_text
from nightdesk.storylines.packed import Packed
from nightdesk.text.copies import Sketch
from schemas import Contribution, Decision

_DAY = 86_400.0

_NO_TERMS, _NO_SKETCH = Packed(), Sketch(0)
_UNDECIDED = (Decision.NOT, 0.0, 0.0, 0.0)

_WORDS, _RIVAL, _MEASURED = 8, 10, 13
"""So many fields stand before the words, and before what follows the sketch; and so many do not change."""


class Remembered(NamedTuple):
    """One report, and what is thought of it now: the last four fields.

    `impression` is the probability by the model's first layer, which is what its neighbours go by.
    `cosine` is that to the storyline's profile, `rival` that to its best rival's (None where none is
    declared); `declared` are the contributions of entities, cues and exclusions.  `original` is the
    article that this one copies, empty where it is none.
    """

    article: str
    revision: int
    source: str
    title: str
    event_time: datetime
    dated: bool
    cosine: float
    words: int
    terms: Packed
    sketch: Sketch
    rival: float | None = None
    declared: tuple[Contribution, ...] = ()
    original: str = ""
    decision: Decision = Decision.NOT
    score: float = 0.0
    probability: float = 0.0
    impression: float = 0.0

    def thought_of(
        self, decision: Decision, score: float, probability: float, impression: float
    ) -> Remembered:
        """Return the report with another opinion of it."""
        thought = (decision, score, probability, impression)
        return tuple.__new__(Remembered, self[:_MEASURED] + thought)

    @property
    def worth(self) -> float:
        """What entities, cues and exclusions add to its score."""
        return sum([part.value for part in self.declared]) if self.declared else 0.0

    @property
    def excluded(self) -> bool:
        """Whether it says what its storyline excludes."""
        return "excluded" in [part.name for part in self.declared]

    @property
    def days(self) -> float:
        """The event time in days since 1970; NaN where the report has no date of its own."""
        return self.event_time.timestamp() / _DAY if self.dated else float("nan")


def shelved(report: Remembered) -> Remembered:
    """Return a report whose words and sketch, and what is thought of it, are kept elsewhere."""
    kept, further = report[:_WORDS], report[_RIVAL:_MEASURED]
    return Remembered._make((*kept, _NO_TERMS, _NO_SKETCH, *further, *_UNDECIDED))


@lru_cache(maxsize=4_096)
def shared(name: str, value: float, detail: str) -> Contribution:
    """Return a contribution; those of one storyline are few, and take more room than all else."""
    return Contribution(name=name, value=value, detail=detail)


def dump(report: Remembered) -> dict[str, Any]:
    """Return what JSON keeps of a report; a vector only where it has one."""
    row = {
        "article": report.article,
        "revision": report.revision,
        "source": report.source,
        "title": report.title,
        "event_time": report.event_time.isoformat(),
        "dated": report.dated,
        "decision": report.decision.value,
        "score": report.score,
        "probability": report.probability,
        "cosine": report.cosine,
        "words": report.words,
        "terms": report.terms.to_text(),
        "sketch": report.sketch.to_text(),
        "rival": report.rival,
        "declared": [[part.name, part.value, part.detail] for part in report.declared],
        "original": report.original,
        "impression": report.impression,
    }
    if report.terms.meaning:
        row["meaning"] = to_text(report.terms.meaning)
    return row


def load(row: dict[str, Any]) -> Remembered:
    """Read what `dump` returned.  Raises ValueError, KeyError, TypeError for anything else."""
    rival = row["rival"]
    return Remembered(
        article=str(row["article"]),
        revision=int(row["revision"]),
        source=sys.intern(str(row["source"])),
        title=str(row["title"]),
        event_time=datetime.fromisoformat(row["event_time"]).astimezone(UTC),
        dated=bool(row["dated"]),
        decision=Decision(row["decision"]),
        score=float(row["score"]),
        probability=float(row["probability"]),
        cosine=float(row["cosine"]),
        words=int(row["words"]),
        terms=Packed.from_text(row["terms"], from_text(row.get("meaning", ""))),
        sketch=Sketch.from_text(row["sketch"]),
        rival=None if rival is None else float(rival),
        declared=tuple(
            shared(str(name), float(value), str(detail)) for name, value, detail in row["declared"]
        ),
        original=str(row["original"]),
        impression=float(row.get("impression", row["probability"])),
    )

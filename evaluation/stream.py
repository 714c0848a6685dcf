"""The trial: which stories of a file are followed, by which examples, and what is judged in what order.

Comes in: the reports of a file and the number of examples.  Goes out: a `Trial`: for each story with
more reports than that its first ones as examples, and all reports as a stream.  One order serves both
(by date, then the undated); where dates do not tell, examples go by the file and the stream by a hash.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from evaluation.reports import LabelledReport
from nightdesk.records import BEFORE_ALL

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Followed:
    """A story of the file as somebody follows it.  `since` is the date of its last dated example."""

    label: str
    examples: tuple[LabelledReport, ...]

    @cached_property
    def since(self) -> datetime | None:
        """The date of the last example; None where none has a date."""
        return max((example.when for example in self.examples if example.when), default=None)


@dataclass(frozen=True)
class Trial:
    """Stories by label, reports in the order of the stream.

    `judged` and `truth` are tables of stories by reports: is the report in the story's test, and
    does it belong to the story?
    """

    examples: int
    stories: tuple[Followed, ...]
    stream: tuple[LabelledReport, ...]

    @cached_property
    def truth(self) -> Flags:
        """Whether each report belongs to each story."""
        labels = np.array([report.story or "" for report in self.stream], dtype=object)
        rows = [labels == story.label for story in self.stories]
        return np.array(rows, dtype=bool).reshape(len(self.stories), len(self.stream))

    @cached_property
    def judged(self) -> Flags:
        """Whether each report is in each story's test.

        The story's own examples are not, nor is what is dated before the last of them.
        """
        place = {report.id: at for at, report in enumerate(self.stream)}
        times = np.array([r.when.timestamp() if r.when else np.inf for r in self.stream])
        table = np.ones((len(self.stories), len(self.stream)), dtype=bool)
        for row, story in zip(table, self.stories, strict=True):
            if story.since is not None:
                row[times < story.since.timestamp()] = False
            row[[place[example.id] for example in story.examples]] = False
        return table


def trial(reports: Sequence[LabelledReport], examples: int) -> Trial:
    """Lay out the trial with so many examples a story; it may hold no story at all."""
    told: dict[str, list[LabelledReport]] = defaultdict(list)
    for report in sorted(reports, key=_date):
        if report.story is not None:
            told[report.story].append(report)
    stories = tuple(
        Followed(label, tuple(members[:examples]))
        for label, members in sorted(told.items())
        if len(members) > examples
    )
    return Trial(examples, stories, tuple(sorted(reports, key=lambda r: (*_date(r), shuffle(r)))))


def _date(report: LabelledReport) -> tuple[bool, datetime]:
    return report.when is None, report.when or BEFORE_ALL


def shuffle(report: LabelledReport) -> str:
    """Return what orders reports at random, the same in every run: SHA-256 of their id."""
    return hashlib.sha256(report.id.encode("utf-8", "surrogatepass")).hexdigest()

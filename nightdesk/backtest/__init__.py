"""Back-tests: what a storyline would have caught, before anybody is told by it.

    sources     articles in event-time order, a page at a time: the archive's, or a file's
        │
    trial       each page through nominate, decide and alert, with an empty memory,
        │       in a scratch archive of its own
        ▼
    findings    Outcome: hits per day, samples at the threshold, near misses, alerts
    comparison  two Outcomes: hits that are new, lost and the same

The archive that is read is never written to.  The same articles and definitions give the same
findings, however they were stored.
"""

from nightdesk.backtest.comparison import Comparison, compare
from nightdesk.backtest.findings import Judged, Outcome, Raised
from nightdesk.backtest.sources import ArchiveSource, FileSource, Source
from nightdesk.backtest.trial import Trial

__all__ = [
    "ArchiveSource",
    "Comparison",
    "FileSource",
    "Judged",
    "Outcome",
    "Raised",
    "Source",
    "Trial",
    "compare",
]

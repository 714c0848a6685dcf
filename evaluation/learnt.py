"""The rarity of words that a trial is judged with: the shipped one, or one that reports have taught.

Comes in: the reports of a file, and others that a desk would have seen beside them.  Goes out: a `Rarity`,
learnt by the code of the service.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from evaluation.reports import LabelledReport
from nightdesk.storylines.own_counts import Tally, learned
from nightdesk.storylines.rarity import Rarity, shipped_rarity
from nightdesk.storylines.reading import Reading

_FOREIGN = "foreign"


@dataclass(frozen=True)
class Weighing:
    """How words are weighed.  By default as they are shipped.

    `own_counts` learns from the file's own reports and from `background`.  `foreign` makes English a
    language of which nothing is known but its function words: as others are to the shipped rarity.
    """

    own_counts: bool = False
    background: tuple[LabelledReport, ...] = ()
    foreign: bool = False

    def rarity(self, reports: Iterable[LabelledReport]) -> Rarity:
        """Return the rarity for a file of these reports."""
        prior = shipped_rarity()
        if self.foreign:
            prior = Rarity({word: 0.0 for word, weight in prior.weights.items() if not weight})
        if not self.own_counts:
            return prior
        tally = Tally()
        for report in (*reports, *self.background):
            article = report.article
            language = _FOREIGN if self.foreign else article.language
            tally.add(language, Reading.of(article).counts)
        return learned(prior, tally.counts())


SHIPPED = Weighing()

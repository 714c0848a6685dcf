"""A report on its way into a development: what it adds to all that its storyline was told.

Comes in: a match, its sketch, and the development whose knowledge it meets.  Goes out: `Reported`.
"""

from __future__ import annotations

from dataclasses import dataclass

from nightdesk.alerts.grouping import Development
from nightdesk.storylines.counted import Counted, counted
from nightdesk.storylines.facts import Facts
from nightdesk.storylines.novelty import Known, adds, novelty
from nightdesk.storylines.rarity import Rarity
from nightdesk.storylines.reading import Reading
from nightdesk.text.copies import Sketch
from schemas import Match, Novelty

_QUOTED = 8


@dataclass(frozen=True)
class Reported:
    """A match with its sketch, what it adds to what was told, what has been told with it, and what it counts.

    `novelty` is None where nothing was told before.
    """

    match: Match
    signature: Sketch
    novelty: Novelty | None
    told: str
    counts: tuple[Counted, ...] = ()

    @classmethod
    def of(
        cls, match: Match, signature: Sketch, development: Development | None, rarity: Rarity
    ) -> Reported:
        reading = Reading.of(match.article)
        facts = Facts.of(reading, rarity)
        known = development.knows() if development else Known()
        return cls(
            match,
            signature,
            novelty(facts, known) if known != Known() else None,
            known.plus(facts).to_text(),
            counted(reading, rarity),
        )

    @property
    def adds(self) -> bool:
        """Whether it is a development of its own."""
        return self.novelty is None or adds(self.novelty)

    @property
    def is_old(self) -> bool:
        """Whether all of it was told: neither a figure nor a name is new, and hardly a sentence."""
        news = self.novelty
        return news is not None and not (adds(news) or news.figures or news.actors)

    @property
    def said(self) -> str:
        """What it adds, in words."""
        if self.novelty is None:
            return "all of it"
        facts = (*self.novelty.figures, *self.novelty.actors)[:_QUOTED]
        return ", ".join(facts) or f"{self.novelty.share:.0%} of it was not told"

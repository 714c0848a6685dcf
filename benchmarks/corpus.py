"""Made-up reports and storylines for benchmarks: as long as real ones, as rarely of interest.

The words are drawn by a power law from a vocabulary of our own, so that tokens repeat as in news
(rank r with weight 1/r: Zipf's law); some reports speak of a storyline.  A seed fixes all of it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate

from nightdesk.ids import content_id
from schemas import Arrival, Bundle, Cues, Entity, Exemplar, Report, Storyline

_SYLLABLES = [
    a + b for a in "bcdfghjklmnprstvz" for b in ("a", "e", "i", "o", "u", "an", "er", "is")
]
_VOCABULARY = 20_000
_START = datetime(2026, 1, 1, tzinfo=UTC)
_SENTENCE = 18
_CHARACTERS = 3_000


class Corpus:
    """`share` of the reports are about one of the storylines."""

    def __init__(self, storylines: int = 100, *, share: float = 0.03, seed: int = 7) -> None:
        self._random = random.Random(seed)
        self._share = share
        self._words = sorted({self._word() for _ in range(_VOCABULARY * 2)})[:_VOCABULARY]
        self._random.shuffle(self._words)
        self._weights = list(accumulate(1 / rank for rank in range(1, len(self._words) + 1)))
        self.storylines = tuple(self._storyline(number) for number in range(storylines))

    def bundle(self) -> Bundle:
        """The storylines, and nothing else."""
        return Bundle(storylines=self.storylines)

    def reports(self, count: int) -> Iterator[Report]:
        """Yield `count` live reports of some 3,000 characters, one a second of event time."""
        for number in range(count):
            storyline = None
            if self._random.random() < self._share:
                storyline = self._random.choice(self.storylines)
            yield self._report(number, storyline)

    def _word(self) -> str:
        return "".join(self._random.choices(_SYLLABLES, k=self._random.randint(1, 4)))

    def _sentence(self, *said: str) -> str:
        drawn = self._random.choices(self._words, cum_weights=self._weights, k=_SENTENCE)
        drawn[3:3] = said
        return " ".join(drawn).capitalize() + "."

    def _storyline(self, number: int) -> Storyline:
        actor, place, deed = (self._word() + self._word() for _ in range(3))
        cue = f"{deed} {self._word()}"
        text = " ".join(self._sentence(actor.title(), place.title(), cue) for _ in range(12))
        return Storyline(
            id=f"storyline-{number:05}",
            title=f"{actor.title()} and the {cue} of {place.title()}",
            exemplars=(Exemplar(title=f"{actor.title()} {cue} {place.title()}", text=text),),
            entities=(
                Entity(name=actor.title(), any_of=(actor,)),
                Entity(name=place.title(), any_of=(place,)),
            ),
            cues=Cues(supporting=(cue,)),
        )

    def _report(self, number: int, storyline: Storyline | None) -> Report:
        said: tuple[str, ...] = ()
        lead: list[str] = []
        if storyline is not None:
            names = tuple(entity.name for entity in storyline.entities)
            said = (*names, storyline.cues.supporting[0])
            lead = [self._sentence(*said) for _ in range(4)]
        sentences = lead + [self._sentence() for _ in range(30 - len(lead))]
        paragraphs, size = [], 0
        for sentence in sentences:
            if size >= _CHARACTERS:
                break
            size += len(sentence)
            paragraphs.append(f"<p>{sentence}</p>")
        title = self._sentence(*said)[:90]
        entry = f"https://news.example/{number}"
        seen = _START + timedelta(seconds=number)
        return Report(
            id=content_id("report", entry),
            entry=entry,
            feed=f"feed-{number % 50}",
            source=f"Outlet {number % 50}",
            url=entry,
            guid=entry,
            title=title,
            content="".join(paragraphs),
            language="en",
            published_at=seen,
            seen_at=seen,
            arrival=Arrival.LIVE,
        )

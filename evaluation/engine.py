"""The shipped engine over a trial: the same compile, nominate and decide that the service calls.

Comes in: a trial, or storylines and a stream.  Goes out: `Tracked`: for each storyline and report what
was decided at once and what is thought of it once the whole stream was seen.  Nothing is set here but
what a user would declare, and the user of a trial declares no more than examples.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.reports import LabelledReport
from evaluation.stream import Flags, Trial
from nightdesk.dense.encoder import Encoder
from nightdesk.storylines.compile import compile_storylines
from nightdesk.storylines.decide import decide
from nightdesk.storylines.meaning import encoded, with_meaning
from nightdesk.storylines.memory import Memory
from nightdesk.storylines.model import Model
from nightdesk.storylines.nominate import nominate
from nightdesk.storylines.rarity import Rarity, shipped_rarity
from schemas import Candidate, Decision, Storyline

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Decided:
    """Tables of stories by reports: does it fit, is it possible, and how probable is it?

    What was never named is neither, at probability 0.
    """

    accepted: Flags
    possible: Flags
    probability: Floats

    @classmethod
    def nothing(cls, shape: tuple[int, ...]) -> Decided:
        """Return tables in which nothing is decided yet."""
        return cls(np.zeros(shape, bool), np.zeros(shape, bool), np.zeros(shape))

    def set(self, row: int, column: int, decision: Decision, probability: float) -> None:
        """Write down one decision."""
        self.accepted[row, column] = decision is Decision.FITS
        self.possible[row, column] = decision is Decision.POSSIBLE
        self.probability[row, column] = probability


@dataclass(frozen=True)
class Tracked:
    """`nominated` says which pairs were decided at all; the rest never came near."""

    at_once: Decided
    settled: Decided
    nominated: Flags
    articles_per_s: float


def storylines(trial: Trial, *, rivals: bool) -> list[Storyline]:
    """Return the stories as a user declares them: by examples and, where asked, by rivals."""
    names = [f"story-{number:05}" for number in range(len(trial.stories))]
    return [
        Storyline(
            id=name,
            title="Untitled",
            exemplars=tuple(example.exemplar for example in story.examples),
            rivals=tuple(other for other in names if other != name) if rivals else (),
        )
        for name, story in zip(names, trial.stories, strict=True)
    ]


def track(
    trial: Trial,
    *,
    rivals: bool = False,
    remember: bool = True,
    rarity: Rarity | None = None,
    encoder: Encoder | None = None,
    model: Model | None = None,
) -> Tracked:
    """Follow the stories of a trial through its stream; `rarity` and `model` are the shipped ones, if none
    is given.
    """
    declared = storylines(trial, rivals=rivals)
    return follow(
        declared,
        trial.stream,
        trial.judged,
        remember=remember,
        rarity=rarity,
        encoder=encoder,
        model=model,
    )


def follow(
    declared: Sequence[Storyline],
    stream: Sequence[LabelledReport],
    judged: Flags,
    *,
    remember: bool = True,
    rarity: Rarity | None = None,
    encoder: Encoder | None = None,
    model: Model | None = None,
) -> Tracked:
    """Run a stream through nominate and decide, for those pairs that are `judged`.

    Without `remember` every report is judged as the first that the storyline sees.  With an `encoder`
    candidates and storylines have meaning.  The rate counts reports, tokenising and encoding included.
    """
    rows = {storyline.id: row for row, storyline in enumerate(declared)}
    columns = {report.id: column for column, report in enumerate(stream)}
    pairs = [(storyline, 1) for storyline in declared]
    index = compile_storylines(pairs, rarity=rarity or shipped_rarity())
    compiled = index.storylines
    if encoder is not None:
        compiled = {name: with_meaning(one, encoder) for name, one in compiled.items()}
    memories = {name: Memory() for name in rows}
    first, last = Decided.nothing(judged.shape), Decided.nothing(judged.shape)
    nominated = np.zeros(judged.shape, bool)
    asked = np.flatnonzero(judged.any(axis=0)).tolist()
    start = time.perf_counter()
    for column in asked:
        article = stream[column].article
        now = article.seen_at
        named: Sequence[Candidate] = nominate(article, index, now=now)
        if encoder is not None:
            named = encoded(named, encoder)
        for candidate in named:
            name = candidate.storyline
            row = rows[name]
            if not judged[row, column]:
                continue
            verdict = decide(candidate, compiled[name], memories[name], now=now, model=model)
            if remember:
                memories[name] = verdict.memory
            nominated[row, column] = True
            for decided in (first, last):
                decided.set(row, column, verdict.match.decision, verdict.match.probability)
            for change in verdict.changes:
                last.set(row, columns[change.article], change.decision, change.probability)
    seconds = time.perf_counter() - start
    return Tracked(first, last, nominated, len(asked) / seconds if seconds else 0.0)

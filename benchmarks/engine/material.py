"""Storylines and articles for the engine: made up, or from files of reports.

Goes out: `Material`, the same for the same numbers.  Made-up words are drawn as often as the shipped
rarity says that news uses them, so that the common ones are as common as in life; each storyline adds
words, names and a cue of its own.  Storylines made of a file have a report as their example, the names
that it says most as entities, and the words of its title as cues.
"""

from __future__ import annotations

import random
import re
from bisect import bisect
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from math import exp
from pathlib import Path

from evaluation.reports import LabelledReport, load
from nightdesk.storylines.rarity import Rarity, shipped_rarity
from schemas import Article, Cues, Entity, Exemplar, Storyline

CHARACTERS = 3_000
"""Length of an article."""

NOW = datetime(2026, 1, 1, tzinfo=UTC)

_ABOUT = 0.1
"""Share of the made-up articles that are about a storyline."""

_SENTENCE = 18
_OWN_WORDS = 30
_OWN_SHARE = 0.15
_FAINT_SHARE = 0.04
_BUSY = 10
_RARE = 4.0
_FUNCTION_SHARE = 0.4
_AGAIN = 0.3
_STRANGE = 0.05
_STRANGERS = 50_000
"""Of a report's words so many are function words; of the others so many were said before in it, and so
many are in no table.  With these numbers a report has as many distinct words as those of the labelled
files, and meets as many others by them."""

_FUNCTION_WORDS = ("of", "the", "to", "and", "for", "in", "on", "that", "as", "is", "it", "with")
_SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "an", "er", "is")]
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]+(?: [A-Z][a-z]+){0,2}")
_WORD = re.compile(r"[^\W\d_]{4,}")


@dataclass(frozen=True)
class Material:
    """`storylines` to follow, `articles` to meet them, and what they are, in words.

    `busy` are articles that come near to storylines, half of them not very, so that memories fill.
    """

    storylines: tuple[Storyline, ...]
    articles: tuple[Article, ...]
    busy: tuple[Article, ...]
    said: str


def made_up(storylines: int, articles: int, *, busy: int = 2_000, seed: int = 7) -> Material:
    """Make up so many storylines, and articles of 3,000 characters, one of ten about a storyline.

    `busy` articles are about ten of the storylines.
    """
    desk = _Desk(seed)
    subjects = [desk.subject() for _ in range(storylines)]
    declared = tuple(desk.storyline(n, subject) for n, subject in enumerate(subjects))
    written = []
    for number in range(articles):
        about = desk.chance.choice(subjects) if desk.chance.random() < _ABOUT else None
        written.append(_article(f"made-up-{number}", number, desk.title(about), desk.text(about)))
    near = []
    for number in range(busy):
        about = subjects[number % min(_BUSY, storylines)]
        share = _OWN_SHARE if desk.chance.random() < 0.5 else _FAINT_SHARE
        near.append(_article(f"busy-{number}", number, desk.title(about), desk.text(about, share)))
    return Material(declared, tuple(written), tuple(near), "made up")


def from_files(articles: Path, exemplars: Path, storylines: int, number: int) -> Material:
    """Take articles from one file, cut or joined to 3,000 characters, and storylines from another.

    Where a file has too few reports for the storylines, a further one is made of halves of two.
    Raises DataError where a file cannot be read.
    """
    told = load(exemplars).reports
    read = told if articles == exemplars else load(articles).reports
    declared = tuple(_storyline_of(n, *_taken(told, n)) for n in range(storylines))
    written = []
    for at in range(number):
        text, further = "", at
        while len(text) < CHARACTERS:
            part = read[further % len(read)].article
            text += f"{part.description}\n{part.text}\n"
            further += 7919
        report = read[at % len(read)].article
        written.append(_article(f"{report.id}-{at}", at, report.title, text))
    said = f"articles of {articles.name}, storylines of {exemplars.name}"
    return Material(declared, tuple(written), tuple(written), said)


@dataclass(frozen=True)
class _Subject:
    names: tuple[str, ...]
    cue: str
    words: tuple[str, ...]


class _Desk:
    """Writes in the words of the shipped table, as often as it says that reports use them."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        rarity: Rarity = shipped_rarity()
        known = [(w, v) for w, v in rarity.weights.items() if v and w.isascii() and w.isalpha()]
        self._words = [word for word, _ in known]
        self._until = list(accumulate(exp(-value) for _, value in known))
        self._strangers = [self._name().lower() for _ in range(_STRANGERS)]
        self._telling = [word for word, value in known if value >= _RARE]

    def subject(self) -> _Subject:
        names = tuple(self._name() for _ in range(3))
        words = tuple(self.chance.sample(self._telling, _OWN_WORDS))
        return _Subject(names, f"{self._name().lower()} {words[0]}", words)

    def storyline(self, number: int, subject: _Subject) -> Storyline:
        actor, place, thing = subject.names
        return Storyline(
            id=f"storyline-{number:05}",
            title=self.title(subject),
            exemplars=(Exemplar(title=self.title(subject), text=self.text(subject)),),
            entities=(
                Entity(name=actor, any_of=(actor, f"{actor} {thing}")),
                Entity(name=place, any_of=(place,)),
                # One that many storylines share, as desks do: a capital, a ministry.
                Entity(name="other", any_of=(self._draw(8),), optional=True),
            ),
            cues=Cues(supporting=(subject.cue, " ".join(subject.words[1:3]))),
        )

    def title(self, subject: _Subject | None) -> str:
        words = [self._draw() for _ in range(6)]
        if subject is not None:
            words[1:3] = [subject.names[0], *subject.words[:2]]
        return " ".join(words).capitalize()

    def text(self, subject: _Subject | None, share: float = _OWN_SHARE) -> str:
        sentences, size = [], 0
        said: list[str] = []
        while size < CHARACTERS:
            sentences.append(self._sentence(subject, share, said))
            size += len(sentences[-1]) + 1
        return " ".join(sentences)[:CHARACTERS]

    def _sentence(self, subject: _Subject | None, share: float, said: list[str]) -> str:
        words = [self._word(said) for _ in range(_SENTENCE)]
        if subject is not None:
            own = (*subject.names, *subject.words, subject.cue)
            chance = self.chance.random
            words = [self.chance.choice(own) if chance() < share else w for w in words]
        return f"{words[0].capitalize()} {' '.join(words[1:9])}, {' '.join(words[9:])}."

    def _word(self, said: list[str]) -> str:
        """Return a word as reports have them; `said` are those that this one has had."""
        chance = self.chance.random
        if chance() < _FUNCTION_SHARE:
            return self.chance.choice(_FUNCTION_WORDS)
        if said and chance() < _AGAIN:
            return self.chance.choice(said)
        # Squared, the first come up most.
        strange = chance() < _STRANGE
        said.append(self._strangers[int(chance() ** 2 * _STRANGERS)] if strange else self._draw())
        return said[-1]

    def _draw(self, least: int = 0) -> str:
        while True:
            at = bisect(self._until, self.chance.random() * self._until[-1])
            if len(self._words[at]) >= least:
                return self._words[at]

    def _name(self) -> str:
        return "".join(self.chance.choices(_SYLLABLES, k=self.chance.randint(3, 4))).title()


def _article(name: str, number: int, title: str, text: str) -> Article:
    return Article(
        id=name,
        report=name,
        feed="bench",
        source=f"Outlet {number % 50}",
        title=title,
        text=text[:CHARACTERS],
        language="en",
        published_at=NOW + timedelta(minutes=number),
        seen_at=NOW + timedelta(minutes=number),
        content_hash="",
    )


def _taken(reports: Sequence[LabelledReport], number: int) -> tuple[str, str]:
    """Return title and text of the example of storyline `number`."""
    first = reports[number % len(reports)].article
    text = f"{first.description} {first.text}"
    turn = number // len(reports)
    if turn:
        other = reports[(number + turn * 7919) % len(reports)].article
        text = text[: len(text) // 2] + " " + f"{other.description} {other.text}"[:CHARACTERS]
    return first.title, text[:CHARACTERS]


def _storyline_of(number: int, title: str, text: str) -> Storyline:
    names = [name for name, _ in Counter(_NAME.findall(text)).most_common(3)]
    words = _WORD.findall(title)
    cues = [f"{a} {b}" for a, b in zip(words[::2], words[1::2], strict=False)][:2]
    return Storyline(
        id=f"storyline-{number:05}",
        title=title or "Untitled",
        exemplars=(Exemplar(title=title, text=text),),
        entities=tuple(
            Entity(name=name, any_of=tuple({name, name.split()[-1]}), optional=at > 0)
            for at, name in enumerate(names)
        ),
        cues=Cues(supporting=tuple(cues)),
    )

"""Developing stories for tests: streams in which a storyline fits, doubts, learns, takes back and copies.

Comes in: a few whole numbers a report.  Goes out: articles and storylines, the same for the same numbers.
There are four stories in two pairs of neighbours; each has words of its own, words that both of its pair
use, and later words that come up as it goes on: who knows only its beginning has much to learn.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import NamedTuple

from schemas import Article, Cues, Entity, Exemplar, Sensitivity, Storyline, StorylineKind, Window

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
STORIES = ("quarry", "quarry-appeal", "regatta", "regatta-doping")
"""Ids of the storylines; the first two are neighbours, and the last two."""

NOBODY = len(STORIES)
"""A topic that no storyline is about."""

_SYLLABLES = (
    "ba",
    "dre",
    "fi",
    "gol",
    "ku",
    "lem",
    "mi",
    "nor",
    "pa",
    "rud",
    "sel",
    "tov",
    "vi",
    "zan",
)
_STOCK = "the a of on said that was and for in after told it has been with will be from its"
_REPORT = 48
"""Words of a report: about three sentences."""


class Told(NamedTuple):
    """How one report came about.

    `topic` is a number of `STORIES` or `NOBODY`, `turn` says how far the story has gone (0 to 2), `near`
    how much of it is about that (0 to 5), `hours` how much later it is than the report before.  `copies`
    is 0 for none, else how many reports ago the one was of which this is a light rewrite; `revises`
    likewise for a revision.
    """

    topic: int
    turn: int
    near: int
    hours: int
    seed: int
    dated: bool = True
    copies: int = 0
    revises: int = 0


class Lexicon:
    """The made-up words of the stories, by topic and turn, and what neighbours share."""

    def __init__(self) -> None:
        chance = Random(4)
        taken: set[str] = set()

        def fresh(number: int) -> list[str]:
            words: list[str] = []
            while len(words) < number:
                word = "".join(chance.choices(_SYLLABLES, k=3))
                if word not in taken:
                    taken.add(word)
                    words.append(word)
            return words

        self.actors = [[word.capitalize() for word in fresh(4)] for _ in range(3)]
        self.turns = [[fresh(14) for _ in range(3)] for _ in range(NOBODY + 1)]
        self.noise = fresh(160)

    def shared(self, topic: int) -> list[str]:
        """Return the names that a topic shares with its neighbour."""
        return self.actors[topic // 2]

    def draw(self, told: Told) -> list[str]:
        """Return the words of a report."""
        chance = Random(told.seed)
        own = self.turns[told.topic][told.turn]
        before = self.turns[told.topic][max(0, told.turn - 1)]
        pools = (own, before, self.shared(told.topic), self.noise, _STOCK.split())
        shares = (told.near, told.near / 2, 1.0, 6 - told.near, 3.0)
        return [chance.choice(pool) for pool in chance.choices(pools, shares, k=_REPORT)]


LEXICON = Lexicon()


def storylines(*, kinds: Sequence[StorylineKind | None] = (None,) * 4) -> tuple[Storyline, ...]:
    """Return the four storylines: neighbours name each other as rivals, and each goes by other means."""
    made = []
    for topic, (name, kind) in enumerate(zip(STORIES, kinds, strict=True)):
        words = LEXICON.draw(Told(topic, 0, 5, 0, 100 + topic))
        actors = LEXICON.shared(topic)
        made.append(
            Storyline(
                id=name,
                title=name.replace("-", " ").capitalize(),
                kind=kind,
                exemplars=(Exemplar(title=" ".join(words[:6]), text=" ".join(words[6:])),),
                entities=(Entity(name=actors[0], any_of=tuple(actors[:2]), optional=True),)
                if topic % 2
                else (),
                cues=Cues(supporting=(LEXICON.turns[topic][0][0],)) if topic == 3 else Cues(),
                rivals=(STORIES[topic ^ 1],) if topic < 3 else (),
                sensitivity=(Sensitivity.BALANCED, Sensitivity.WIDE)[topic == 2],
            )
        )
    return tuple(made)


def crowd(number: int) -> tuple[Storyline, ...]:
    """Return so many more storylines, which share names and stray words with the four.

    All but every fiftieth are over: they share the index with the four, and no report is theirs.
    """
    made = []
    for at in range(number):
        words = LEXICON.draw(Told(0, 0, 0, 0, 10_000 + at))
        window = Window(until=NOON - timedelta(days=1)) if at % 50 else Window()
        exemplars = (Exemplar(text=" ".join(words)),)
        made.append(
            Storyline(id=f"other-{at}", title="Another", exemplars=exemplars, window=window)
        )
    return tuple(made)


def articles(stream: Sequence[Told]) -> list[Article]:
    """Return the reports of a stream, in order; event time never runs backwards."""
    made: list[Article] = []
    now = NOON
    for number, told in enumerate(stream):
        now += timedelta(hours=told.hours)
        words = LEXICON.draw(told)
        identity, revision = f"report-{number:03}", 1
        if told.copies and made:
            original = made[-min(told.copies, len(made))]
            words = _reworded(f"{original.title} {original.text}".split(), told.seed)
        elif told.revises and made:
            earlier = made[-min(told.revises, len(made))]
            identity = earlier.id
            revision = 1 + max(a.revision for a in made if a.id == identity)
        made.append(
            Article(
                id=identity,
                revision=revision,
                report=f"of-{number}",
                feed="wire",
                source=f"Wire {number % 5}",
                title=" ".join(words[:6]),
                text=" ".join(words[6:]),
                language="en",
                published_at=now if told.dated else None,
                seen_at=now,
                content_hash=f"{number:064x}",
            )
        )
    return made


def random_stream(seed: int, number: int = 60) -> list[Told]:
    """Return a stream whose stories go on from turn to turn, as chance has it."""
    chance = Random(seed)
    return [
        Told(
            topic=chance.randint(0, NOBODY),
            turn=at // 20,
            near=chance.randint(0, 5),
            hours=chance.choice([0, 1, 2, 4, 8, 12, 12, 40]),
            seed=chance.randrange(10**6),
            dated=chance.random() < 0.9,
            copies=chance.choice([0] * 8 + [1, 2, 5]),
            revises=chance.choice([0] * 12 + [1, 3]),
        )
        for at in range(number)
    ]


def _reworded(words: list[str], seed: int) -> list[str]:
    """Return the words with one in sixteen replaced."""
    chance = Random(seed)
    return [chance.choice(LEXICON.noise) if chance.random() < 1 / 16 else word for word in words]

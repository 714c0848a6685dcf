"""Drafts a storyline from example reports, with the reason for each proposal.

Comes in: reports that belong to one storyline.  Goes out: a `Draft`: title and id, kind and window by the
dates, exemplars without copies, actors, cues.  A draft is a beginning for its author to mend: it only
knows what the examples share, and nothing of their neighbours.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from nightdesk.ids import content_id
from nightdesk.storylines.actors import Actor, actors, words_of
from nightdesk.storylines.examples import Example, Read
from nightdesk.storylines.phrasing import Cue, cues
from nightdesk.storylines.rarity import Rarity
from nightdesk.storylines.reading import Reading
from nightdesk.storylines.vectors import dot, normalise
from nightdesk.text.copies import Sketch, sketch
from nightdesk.text.tokens import Tokens
from schemas import Cues, Entity, Exemplar, Storyline, StorylineKind, Window

MOST_EXEMPLARS = 6
"""Exemplars of a draft: measured gains end at about four."""

MOST_READ = 200
"""Examples that are read; a sample of more says the same."""

SAGA = timedelta(days=14)
"""Examples that lie further apart than this are of a saga."""

BEFORE = timedelta(days=2)
"""How long before its first example a storyline's window opens."""

_ODD_ONE = 0.35
"""An example less alike to the others than this part of their mean may belong elsewhere."""

_TITLE = 120
_SLUG_WORDS = 6
_NAMELESS = len("draft-") + 6


@dataclass(frozen=True)
class Chosen:
    """An exemplar of the draft, and why it is there (or why to doubt it)."""

    example: Example
    reason: str


@dataclass(frozen=True)
class Draft:
    """A storyline to propose.  `reasons` tells of each field by its name, `left_out` of examples."""

    id: str
    title: str
    kind: StorylineKind
    since: datetime | None
    exemplars: tuple[Chosen, ...]
    actors: tuple[Actor, ...]
    cues: tuple[Cue, ...]
    reasons: dict[str, str]
    left_out: tuple[str, ...] = ()

    def storyline(self) -> Storyline:
        """Return the definition.  Countries are named by code: `nightdesk.bundles` spells them out.

        All entities are optional.  Over examples, twins and events of data/dev that gained .02 of F1
        on average and lost .02 at worst; requiring those of every title or lead gained up to .15 and
        lost up to .07.
        """
        return Storyline(
            id=self.id,
            title=self.title,
            kind=self.kind,
            exemplars=tuple(
                Exemplar(
                    title=c.example.title,
                    description=c.example.description,
                    text=c.example.text,
                    published=c.example.published_at,
                )
                for c in self.exemplars
            ),
            entities=tuple(
                Entity(name=a.name, country=a.country, any_of=a.aliases, optional=True)
                for a in self.actors
            ),
            cues=Cues(supporting=tuple(cue.text for cue in self.cues if cue.sure)),
            window=Window(since=self.since),
        )


def suggest(examples: Sequence[Example], *, rarity: Rarity, id_: str | None = None) -> Draft | None:
    """Draft a storyline; None where the examples hold no word that tells anything."""
    reads = [
        Read(_told_once(example, f"example {number}"), rarity)
        for number, example in enumerate(examples[:MOST_READ], start=1)
    ]
    reads = [read for read in reads if any(map(rarity.weight, read.tokens.words))]
    if not reads:
        return None
    told_at = _dates(reads)
    reads, left_out = _without_copies(reads)
    likeness = _likeness(reads, rarity)
    order = sorted(range(len(reads)), key=lambda at: (-likeness[at], at))
    central = next((reads[at] for at in order if reads[at].example.title), reads[order[0]])
    title = _title(central)
    kept = sorted(order[:MOST_EXEMPLARS])
    left_out += [
        f"{reads[at].example.origin}: {MOST_EXEMPLARS} exemplars say enough"
        for at in order[MOST_EXEMPLARS:]
    ]
    cast = actors(reads)
    told = {read.example.language for read in reads} - {"und"}
    spoken = words_of(cast, sorted(told) or ["en"])
    kind, why = _kind(told_at)
    since, window = _since(told_at)
    return Draft(
        id=id_ or _slug(title, rarity),
        title=title,
        kind=kind,
        since=since,
        exemplars=tuple(Chosen(reads[at].example, _why(at, reads, likeness)) for at in kept),
        actors=tuple(cast),
        cues=tuple(cues(reads, spoken)),
        reasons={"title": _of(central, len(reads)), "kind": why, "window": window},
        left_out=tuple(left_out),
    )


def _told_once(example: Example, name: str) -> Example:
    """Return the example without a description that its text repeats: what it mentions counts once.

    Without an origin it has a `name`.
    """
    said = " ".join(example.description.split()).rstrip(" .…")
    repeated = said and said in " ".join(example.text.split())
    description = "" if repeated else example.description
    return replace(example, description=description, origin=example.origin or name)


def _likeness(reads: Sequence[Read], rarity: Rarity) -> list[float]:
    """Return how alike each example is to the others, on average; 1 where it is alone."""
    vectors = []
    for read in reads:
        example = read.example
        weights, _ = Reading(example.title, example.description, example.text).weights(rarity)
        vectors.append(normalise(weights))
    if len(vectors) == 1:
        return [1.0]
    return [
        sum(dot(mine, other) for n, other in enumerate(vectors) if n != at) / (len(vectors) - 1)
        for at, mine in enumerate(vectors)
    ]


def _without_copies(reads: Sequence[Read]) -> tuple[list[Read], list[str]]:
    """Return the examples that copy none before them, and of which the others are copies: who tells a
    report again is no further example of what is said."""
    kept: list[Read] = []
    left_out: list[str] = []
    sketches: list[Sketch] = []
    for read in reads:
        own = sketch(read.tokens)
        twin = next((n for n, other in enumerate(sketches) if own.is_copy_of(other)), None)
        if twin is None:
            kept.append(read)
            sketches.append(own)
        else:
            original = kept[twin]
            same = read.tokens.words == original.tokens.words
            but = "" if same else " but for a few words: take it in if these say otherwise"
            left_out.append(f"{read.example.origin} copies {original.example.origin}{but}")
    return kept, left_out


def _why(at: int, reads: Sequence[Read], likeness: Sequence[float]) -> str:
    example = reads[at].example
    told = [example.origin]
    if example.published_at is not None:
        told.append(f"{example.published_at:%Y-%m-%d}")
    if len(reads) > 1:
        told.append(f"{likeness[at]:.2f} alike to the others")
        others = [value for n, value in enumerate(likeness) if n != at]
        if len(reads) > 2 and likeness[at] < _ODD_ONE * sum(others) / len(others):
            told.append("the odd one out: does it belong here?")
    return "; ".join(told)


def _dates(reads: Sequence[Read]) -> list[datetime]:
    return sorted(d for read in reads if (d := read.example.published_at) is not None)


def _kind(dates: Sequence[datetime]) -> tuple[StorylineKind, str]:
    if len(dates) < 2:
        return StorylineKind.EVENT, "a guess: write `saga` if it goes on for months"
    span = dates[-1] - dates[0]
    days = f"{span.days} days" if span.days > 1 else "a day or two" if span.days else "a day"
    if span <= SAGA:
        return StorylineKind.EVENT, f"the examples lie within {days}"
    gap = max(later - earlier for earlier, later in pairwise(dates))
    return StorylineKind.SAGA, f"the examples lie {days} apart, {gap.days} at most between two"


def _since(dates: Sequence[datetime]) -> tuple[datetime | None, str]:
    if not dates:
        return None, "the examples carry no dates; `window: {since: …}` keeps older reports out"
    # No date is earlier than the first of all.
    first = max(min(dates), datetime.min.replace(tzinfo=UTC) + BEFORE)
    start = (first - BEFORE).replace(hour=0, minute=0, second=0, microsecond=0)
    return start, f"{BEFORE.days} days before the first example; add `until` when it is over"


def _title(read: Read) -> str:
    if read.example.title:
        return " ".join(read.example.title.split())[:_TITLE].strip()
    start, end = read.sentences[0]
    return read.said(start, min(end, start + 14))[:_TITLE].strip()


def _of(read: Read, total: int) -> str:
    what = "the title" if read.example.title else "the first words"
    return f"{what} of the example that is most like the others" if total > 1 else what


def _slug(title: str, rarity: Rarity) -> str:
    """Return an id of the title's telling words, in letters that an id may have; of none, a hash: two
    drafts must not replace each other."""
    tokens = Tokens(title)
    placed = zip(tokens.words, tokens.spans(), strict=True)
    told = [title[start:end] for word, (start, end) in placed if rarity.weight(word)]
    joined = "-".join(told[:_SLUG_WORDS]).replace(".", "")
    plain = unicodedata.normalize("NFKD", joined).casefold()
    ascii_ = re.sub(r"[^a-z0-9]+", "-", plain.encode("ascii", "ignore").decode()).strip("-")
    return ascii_[:60].strip("-") or content_id("draft", title)[:_NAMELESS]

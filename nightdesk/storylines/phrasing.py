"""Phrases that example reports share, as drafted supporting cues.

Comes in: examples, read, and the words of their actors' names.  Goes out: `Cue`s: runs of two to five words
that most examples have, or that one has in its title or lead and again later, and that are more than
names: what they say of the actors is what tells a storyline from its neighbours.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import fsum

from nightdesk.storylines.examples import Read
from nightdesk.text.calendar import DAYS
from nightdesk.text.entities import Phrase
from nightdesk.text.folding import HYPHENS

MOST = 8
LONGEST = 5

MOST_EXAMPLES = 0.5
"""Share of the examples that must have a phrase; two at least."""

LEAST_WEIGHT = 6.0
"""Nats of the words that are no names: below, every third report of the beat says it too."""

SURE_FROM = 3
"""Examples from which on a phrase that all of them have is proposed rather than offered.  Measured on
data/dev: phrases of one or two examples, or of half of several, cost 0.05 to 0.08 of F1."""

_SURE_WEIGHT = 8.0

_QUOTES = dict.fromkeys(map(ord, '"«»“”„‹›「」『』'), " ")

_DENYING = "not no never without unless until nor cannot"
_NEGATIONS = frozenset(_DENYING.split())
_TELLING = (
    "say said says told tell reporter statement spokesman spokeswoman spokesperson interview news "
    "agency conference briefing read share mr mrs ms according percent"
)
_REPORTING = frozenset(_TELLING.split()) | frozenset(DAYS)
"""How news is told says nothing of what is told."""


@dataclass(frozen=True)
class Cue:
    """A phrase as it is written in an example, and why it is proposed.

    `sure` if all examples, and three at least, have it; others are for the author to choose from.
    """

    text: str
    reason: str
    sure: bool


@dataclass
class _Seen:
    examples: set[int] = field(default_factory=set)
    titles: set[int] = field(default_factory=set)
    leads: bool = False
    times: int = 0
    written: Counter[str] = field(default_factory=Counter)


def cues(reads: Sequence[Read], names: frozenset[str]) -> list[Cue]:
    """Return the phrases to propose, the most telling first."""
    total = len(reads)
    seen: dict[Phrase, _Seen] = {}
    for number, read in enumerate(reads):
        title = len(read.title_words)
        for start, end in _runs(read, names):
            phrase = read.phrase(start, end)
            where = seen.setdefault(phrase, _Seen())
            where.examples.add(number)
            where.times += 1
            where.leads |= end <= read.lead
            if end <= title:
                where.titles.add(number)
            where.written[_plain(read.said(start, end))] += 1
    weight = reads[0].rarity.weight if reads else None
    found: list[tuple[float, Phrase, _Seen]] = []
    surely: set[Phrase] = set()
    for phrase, where in seen.items():
        if weight is None or not _shared(where, total):
            continue
        rare = fsum(weight(word) for word in phrase if word not in names)
        if total >= SURE_FROM and len(where.examples) == total and rare >= _SURE_WEIGHT:
            surely.add(phrase)
        if rare >= LEAST_WEIGHT:
            found.append(
                (rare * len(where.examples) * (1 + len(where.titles) / total), phrase, where)
            )
    found.sort(key=lambda item: (item[1] not in surely, -item[0], -len(item[1]), item[1]))
    return [
        Cue(_as_written(where), _reason(where, total), phrase in surely)
        for phrase, where in _apart(found)[:MOST]
    ]


def _runs(read: Read, names: frozenset[str]) -> Iterator[tuple[int, int]]:
    """Yield the runs of words, within one sentence, that could be a cue."""
    words, weight = read.tokens.words, read.rarity.weight
    people = [name for name in read.names if name[1] - name[0] > 1]

    def tells(at: int) -> bool:
        return words[at] in _NEGATIONS or (weight(words[at]) > 0 and not words[at][0].isdigit())

    for begin, finish in read.sentences:
        for start in range(begin, finish):
            if not tells(start):
                continue
            for end in range(start + 2, min(finish, start + LONGEST) + 1):
                if not tells(end - 1) or words[end - 1] in _NEGATIONS:
                    continue
                if _is_compound(read, start, end) or any(
                    a <= start and end <= b for a, b in people
                ):
                    continue
                own = [w for w in words[start:end] if w not in names and weight(w) > 0]
                said = set(own) - _REPORTING
                # One word of its own is enough beside a negation: "not coordinating".
                least = 1 if words[start] in _NEGATIONS else 2
                if len(said) >= least and not (set(words[start:end]) & _REPORTING):
                    yield start, end


def _is_compound(read: Read, start: int, end: int) -> bool:
    """Whether the words are one with a hyphen, as cease-fire is: no phrase yet."""
    text, spans = read.tokens.text, read.spans
    between = text[spans[start][1] : spans[end - 1][0]]
    return end - start == 2 and between in HYPHENS


def _shared(where: _Seen, total: int) -> bool:
    if total == 1:
        return where.leads and where.times > 1
    return len(where.examples) >= max(2, MOST_EXAMPLES * total)


def _apart(found: Sequence[tuple[float, Phrase, _Seen]]) -> list[tuple[Phrase, _Seen]]:
    """Leave out what a better phrase holds, or is held by."""
    kept: list[tuple[Phrase, _Seen]] = []
    for _, phrase, where in found:
        if not any(_holds(phrase, other) or _holds(other, phrase) for other, _ in kept):
            kept.append((phrase, where))
    return kept


def _holds(long: Phrase, short: Phrase) -> bool:
    size = len(short)
    return any(long[at : at + size] == short for at in range(len(long) - size + 1))


def _as_written(where: _Seen) -> str:
    """Return the commonest spelling; one in small letters where there is one, for it is no name's."""
    return max(where.written, key=lambda text: (text.islower(), where.written[text], text))


def _plain(said: str) -> str:
    """Return a phrase without the quotation marks within it: its run may hold but one of a pair."""
    return " ".join(said.translate(_QUOTES).split())


def _reason(where: _Seen, total: int) -> str:
    if total == 1:
        return f"{where.times} times, first in the {'title' if where.titles else 'lead'}"
    titles = f"; in the title of {len(where.titles)}" if where.titles else ""
    return f"in {len(where.examples)} of {total} examples{titles}"

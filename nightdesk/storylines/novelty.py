"""Novelty inside a storyline: what a report adds to what was told before.

Comes in: the `Facts` of a report, and `Known`, what the storyline had.  Goes out: `Novelty`: the share
of the report that is new, its new sentences, figures and names.  A sentence is new where half of what
it tells is (new words weighted by rarity: the measure that did best in TREC's novelty track, Allan,
Wade and Bolivar 2003); a figure or a name is new where it was never told.  Pure; the order in which
reports were learned does not matter while they fit.
"""

from __future__ import annotations

from array import array
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import fsum

from nightdesk.storylines.facts import Fact, Facts, Sentence
from schemas import Novelty, Span

NEW = 0.5
"""Share of new words, by weight, from which a sentence is new."""

ADDS = 0.3
"""Share of new sentences from which a report is a development and not more of the same."""

MOST_WORDS = 3_000
MOST_NAMES = 1_400
MOST_FIGURES = 400
"""Hashes that are remembered of each kind, the newest; any one report has fewer."""

_SHOWN_SENTENCES = 8
_SHOWN_FACTS = 12
_AGAIN = 2
_LONGEST_QUOTE = 240
_SCHEME = "k1"


@dataclass(frozen=True, slots=True)
class Known:
    """What was told: hashes of words, names and figures, packed, oldest first.  `Known()` is nothing.

    4 bytes each, so 19 KB at the most.
    """

    words: bytes = b""
    names: bytes = b""
    figures: bytes = b""

    def plus(self, facts: Facts) -> Known:
        """Return what is known after a report."""
        return Known(
            _joined(self.words, facts.words, MOST_WORDS),
            _joined(self.names, facts.capitals, MOST_NAMES),
            _joined(self.figures, (fact.hashes[0] for fact in facts.figures), MOST_FIGURES),
        )

    def to_text(self) -> str:
        """Return it as ASCII, for a checkpoint."""
        parts = (self.words, self.names, self.figures)
        return ":".join([_SCHEME, *(b64encode(part).decode() for part in parts)])

    @classmethod
    def from_text(cls, text: str) -> Known:
        """Read what `to_text` wrote; an empty text knows nothing.  Raises ValueError for others."""
        if not text:
            return cls()
        scheme, *parts = text.split(":")
        if scheme != _SCHEME or len(parts) != 3:
            raise ValueError("not a checkpoint of what a storyline knows")
        words, names, figures = (b64decode(part, validate=True) for part in parts)
        if any(len(packed) % 4 for packed in (words, names, figures)):
            raise ValueError("a checkpoint of what a storyline knows is cut off")
        return cls(words, names, figures)


def novelty(facts: Facts, known: Known) -> Novelty:
    """Return what a report adds to what is known."""
    words, names, figures = (
        frozenset(_unpacked(packed)) for packed in (known.words, known.names, known.figures)
    )
    whole = fsum(_weight(sentence) for sentence in facts.sentences)
    new = [sentence for sentence in facts.sentences if _is_new(sentence, words)]
    spans = tuple(
        Span(
            field=sentence.field,
            start=sentence.start,
            end=sentence.end,
            weight=round(_weight(sentence) / whole, 6),
            name="new",
        )
        for sentence in new[:_SHOWN_SENTENCES]
    )
    told = [fact for fact in facts.figures if fact.hashes[0] not in figures]
    actors = [fact for fact in facts.names if _is_stranger(fact, names)]
    return Novelty(
        share=round(fsum(map(_weight, new)) / whole, 6) if whole else 0.0,
        sentences=spans,
        quote=_quote(new),
        figures=_shown(told),
        actors=_shown(actors),
        leads=_leads(told, actors),
    )


def adds(found: Novelty) -> bool:
    """Whether a report in a running development is a development of its own, not more of the same."""
    return found.share >= ADDS or found.leads


def _is_new(sentence: Sentence, known: frozenset[int]) -> bool:
    unseen = fsum(value for word, value in sentence.weights.items() if word not in known)
    return unseen > 0 and unseen >= NEW * _weight(sentence)


def _weight(sentence: Sentence) -> float:
    return fsum(sentence.weights.values())


def _is_stranger(name: Fact, known: frozenset[int]) -> bool:
    """Whether a name was never told: by its last word, and where that is generic by any other."""
    if not name.generic:
        return name.hashes[-1] not in known
    return any(word not in known for word in name.hashes)


def _quote(sentences: Sequence[Sentence]) -> str:
    if not sentences:
        return ""
    text = max(sentences, key=_weight).text
    return text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 1].rstrip() + "…"


def _leads(figures: Sequence[Fact], actors: Sequence[Fact]) -> bool:
    """Whether title or lead hold a new figure, or a new name that the report comes back to."""
    often = Counter(fact.hashes[-1] for fact in actors)
    return any(fact.lead for fact in figures) or any(
        fact.lead and often[fact.hashes[-1]] >= _AGAIN for fact in actors
    )


def _shown(facts: Sequence[Fact]) -> tuple[str, ...]:
    """Return the facts in words, each once: those of title and lead first, then what is told most."""
    often = Counter(fact.hashes[-1] for fact in facts)
    ordered = sorted(facts, key=lambda fact: (not fact.lead, -often[fact.hashes[-1]]))
    once: dict[tuple[int, ...], str] = {}
    for fact in ordered:
        once.setdefault(fact.hashes if fact.generic else fact.hashes[-1:], fact.text)
    return tuple(once.values())[:_SHOWN_FACTS]


def _joined(packed: bytes, new: Iterable[int], most: int) -> bytes:
    """Return the hashes with new ones behind them, in all no more than `most`, the oldest dropped."""
    merged = dict.fromkeys(_unpacked(packed))
    for value in new:
        merged.pop(value, None)
        merged[value] = None
    return array("I", list(merged)[-most:]).tobytes()


def _unpacked(packed: bytes) -> array[int]:
    return array("I", packed)

"""The static score of one article for one storyline: what it holds, and what that is worth.

Comes in: a `Reading`, a `CompiledStoryline`, and where the storyline's phrases stand.  Goes out: an
`Assessment`: named contributions in log-odds, which sum to the score, and the spans that earned them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import fsum, inf, log1p
from typing import Final

from pydantic import TypeAdapter

from nightdesk.storylines import weights
from nightdesk.storylines.common import Shared, in_common, named
from nightdesk.storylines.compile import CompiledStoryline, Role
from nightdesk.storylines.packed import Packed
from nightdesk.storylines.reading import Found, Reading
from nightdesk.storylines.weights import DeclaredWeights
from schemas import Contribution, Span

MOST_SPANS = 40
_MENTIONS = 2
WORDS: Final = "words in common"

_TEXT_PARTS: Final = frozenset({"base", WORDS, "title"})
"""Contributions of the text alone, of nothing that was declared.  The model weighs the same words anew."""

_SPANS: TypeAdapter[tuple[Span, ...]] = TypeAdapter(tuple[Span, ...])

Hit = tuple[Found, Role, int]
"""A phrase of the storyline in the article: where, in which role, and its number in that role."""


@dataclass(frozen=True)
class Assessment:
    """`contributions` sum to `score`."""

    contributions: tuple[Contribution, ...]
    spans: tuple[Span, ...]

    @property
    def score(self) -> float:
        """The static score, in log-odds."""
        return fsum(part.value for part in self.contributions)


@lru_cache(maxsize=1_024)
def _part(name: str, value: float, detail: str) -> Contribution:
    """Make a contribution; what a storyline lacks is the same for nearly all articles."""
    return Contribution(name=name, value=value, detail=detail)


class _Ledger:
    """Gathers contributions and spans; what is worth nothing is left out."""

    def __init__(self) -> None:
        self.parts: list[tuple[str, float, str]] = []
        self.spans: list[tuple[Found, float, str]] = []

    def add(self, name: str, value: float, detail: str = "") -> None:
        if value:
            self.parts.append((name, round(value, 6), detail))

    def quote(self, found: Sequence[Found], total: float, name: str) -> None:
        self.spans.extend([(place, total / len(found), name) for place in found])


def declared_in(parts: Iterable[Contribution]) -> list[Contribution]:
    """Return what entities, cues, exclusions and rivals added."""
    return [part for part in parts if part.name not in _TEXT_PARTS]


def assess(
    reading: Reading,
    storyline: CompiledStoryline,
    hits: Sequence[Hit],
    *,
    explained_from: float = -inf,
) -> Assessment:
    """Score one article; pure, and the same whatever other storylines there are.

    Where the score is lower than `explained_from`, it is the same, but no word is named and nothing is
    quoted: that takes longer than all the rest.
    """
    ledger = _Ledger()
    ledger.add("base", storyline.base, "before any word")
    if storyline.profile:
        _likeness(ledger, reading, storyline)
    _declared(ledger, storyline, hits)
    if fsum([value for _, value, _ in ledger.parts]) < explained_from:
        return Assessment(tuple([_part(*told) for told in ledger.parts]), ())
    shared = in_common(reading, storyline)
    if shared:
        words = named(shared, reading.packed(storyline.rarity), storyline)
        told = [
            (name, value, words if name == WORDS else detail)
            for name, value, detail in ledger.parts
        ]
    else:
        told = ledger.parts
    return Assessment(tuple([_part(*one) for one in told]), _spans(reading, ledger, shared))


def quotes(
    reading: Reading,
    storyline: CompiledStoryline,
    hits: Sequence[Hit],
    packed: Packed | None = None,
) -> tuple[str, tuple[Span, ...]]:
    """Return what `assess` says of the words in common, and its spans, and spare the score.

    `packed`, the article's heaviest words where the caller has them, saves weighing them again.
    """
    ledger = _Ledger()
    _declared(ledger, storyline, hits)
    words, shared = "", in_common(reading, storyline)
    if shared:
        words = named(shared, packed or reading.packed(storyline.rarity), storyline)
    return words, _spans(reading, ledger, shared)


def _likeness(ledger: _Ledger, reading: Reading, storyline: CompiledStoryline) -> None:
    """Add what the words in common are worth."""
    cosine, share = reading.meets(storyline.rarity, storyline.profile)
    if cosine <= 0:
        return
    value = weights.TEXT.likeness * log1p(cosine / weights.TEXT.knee)
    ledger.add(WORDS, value, f"likeness {cosine:.2f}")
    ledger.add("title", weights.TEXT.title * share, f"{share:.0%} in common")


def _declared(ledger: _Ledger, storyline: CompiledStoryline, hits: Sequence[Hit]) -> None:
    """Add what entities, cues and exclusions are worth."""
    declared = storyline.declared
    by_role = _by_role(hits)
    _entities(ledger, storyline, by_role[Role.ENTITY], declared)
    _cues(ledger, storyline, by_role, declared)
    excluded = by_role[Role.EXCLUSION]
    if excluded:
        numbers = sorted(excluded)
        texts = [storyline.definition.exclusions[n] for n in numbers]
        ledger.add("excluded", weights.EXCLUDED, _quoted(texts))
        ledger.quote(excluded[numbers[0]][:_MENTIONS], weights.EXCLUDED, texts[0])


_NO_HITS: Final[dict[Role, dict[int, list[Found]]]] = {role: {} for role in Role}


def _by_role(hits: Sequence[Hit]) -> dict[Role, dict[int, list[Found]]]:
    if not hits:
        return _NO_HITS
    table: dict[Role, dict[int, list[Found]]] = {role: {} for role in Role}
    for found, role, number in hits:
        table[role].setdefault(number, []).append(found)
    return table


def _entities(
    ledger: _Ledger,
    storyline: CompiledStoryline,
    mentions: dict[int, list[Found]],
    declared: DeclaredWeights,
) -> None:
    if not storyline.groups:
        return
    required = [n for n, group in enumerate(storyline.groups) if not group.optional]
    whole = fsum(storyline.groups[n].weight for n in required)
    value = 0.0
    for number in sorted(mentions):
        group = storyline.groups[number]
        worth = (
            declared.optional * group.weight
            if group.optional
            else declared.complete * group.weight / whole
        )
        value += worth
        ledger.quote(mentions[number][:_MENTIONS], worth, group.name)
    ledger.add("entities", value, ", ".join(storyline.groups[n].name for n in sorted(mentions)))
    absent = [storyline.groups[n] for n in required if n not in mentions]
    if absent:
        cost = storyline.missing_cost(absent)
        ledger.add("missing", cost, "without " + ", ".join(group.name for group in absent))


def _cues(
    ledger: _Ledger,
    storyline: CompiledStoryline,
    by_role: dict[Role, dict[int, list[Found]]],
    declared: DeclaredWeights,
) -> None:
    given = storyline.definition.cues
    for role, name, texts, steps in (
        (Role.SUPPORTING, "cues", given.supporting, declared.cues),
        (Role.OPPOSING, "opposing cues", given.opposing, declared.opposing),
    ):
        if not by_role[role]:
            continue
        counted = apart(by_role[role])
        value = 0.0
        for rank, (number, places) in enumerate(counted[: weights.MOST_CUES]):
            worth = steps[min(rank, 2)]
            if rank == 0 and role is Role.SUPPORTING and any(place.lead for place in places):
                worth += declared.lead
            value += worth
            ledger.quote(places[:_MENTIONS], worth, texts[number])
        ledger.add(name, value, _quoted([texts[number] for number, _ in counted]))
    if given.supporting and not by_role[Role.SUPPORTING]:
        ledger.add("no cue", declared.no_cue, "none of the supporting cues")


def apart(cues: dict[int, list[Found]]) -> list[tuple[int, list[Found]]]:
    """Return cues with the places that no longer cue covers; those in the lead first.

    "not coordinating" inside "is not coordinating" is one cue, not two.  The time grows with the number of
    places, not with its square: whoever writes an article decides how often it says a cue.
    """
    if len(cues) == 1 and len(next(iter(cues.values()))) == 1:
        return list(cues.items())
    places = sorted(
        ((place, number) for number, found in cues.items() for place in found),
        key=lambda item: (item[0].start - item[0].end, item[0].field, item[0].start, item[1]),
    )
    taken: tuple[set[int], ...] = (set(), set(), set())
    kept: dict[int, list[Found]] = {}
    for place, number in places:
        field, start, end = place
        words = taken[field]
        # What was taken is as long or longer: where it overlaps, it holds the first word or the last.
        if start not in words and end - 1 not in words:
            words.update(range(start, end))
            kept.setdefault(number, []).append(place)
    return sorted(kept.items(), key=lambda item: (not any(f.lead for f in item[1]), item[0]))


def _spans(reading: Reading, ledger: _Ledger, shared: Sequence[Shared]) -> tuple[Span, ...]:
    """Quote what was declared, then the words in common that stand in no such quotation."""
    quoted = [(reading.place(found), w, name) for found, w, name in ledger.spans[:MOST_SPANS]]
    taken = [place for place, _, _ in quoted]
    for found, word, worth in shared:
        field, start, end = place = reading.place(found)
        if len(quoted) < MOST_SPANS and not any(
            other == field and start < last and first < end for other, first, last in taken
        ):
            quoted.append((place, worth, word))
    told = [
        {"field": field, "start": start, "end": end, "weight": round(weight, 6), "name": name}
        for (field, start, end), weight, name in quoted
    ]
    # All in one call: one by one takes twice as long.
    return _SPANS.validate_python(tuple(told))


def _quoted(texts: Sequence[str]) -> str:
    return ", ".join(f"“{text}”" for text in texts[: weights.MOST_CUES])

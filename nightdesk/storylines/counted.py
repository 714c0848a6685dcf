"""What a report counts: "at least 12 killed" is 12 or more of `killed`; what two sources can differ about.

Comes in: a `Reading` and a rarity.  Goes out: `Counted`, of title, description and lead alone: further down
stand figures of other days.  A toll is known by what befell people, whichever word says so ("dead",
"killing 12", "Toll steigt auf 12 Tote"); anything else by its noun and the words around it.  Numbers mean a
range, by their qualifier and by how round they are, so that "some 1,200" and 1,180 do not differ.  Pure.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from nightdesk.storylines.facts import MOST_WORDS, hash_of
from nightdesk.storylines.rarity import Rarity
from nightdesk.storylines.reading import LEAD_WORDS, Reading
from nightdesk.text.figures import ABOUT, LEAST, MOST, NUMBER_WORDS, QUALIFYING, Figure, figures
from nightdesk.text.names import MANY, share_of_capitals
from nightdesk.text.sentences import sentences
from nightdesk.text.stems import stem
from nightdesk.text.tokens import Tokens, fold

MOST_COUNTED = 24
"""Things that are counted, of one report."""

TOLL = "toll: "
"""Stands before the key of a toll."""

_TOLLS = {
    "killed": "killed kill kills killing dead died dies dying death deaths fatalities slain toll"
    " muertos muertas fallecidos morts tués tote toten getötet погибших погибли убиты убитых morti mortos",
    "injured": "injured injures injuring injuries wounded wounding hurt heridos heridas blessés verletzt"
    " verletzte verletzten раненых ранены пострадавших feriti feridos",
    "arrested": "arrested arrests arresting detained detains detainees detenidos arrêtés festgenommen"
    " задержаны задержанных arrestati",
    "displaced": "displaced displacing homeless desplazados déplacés",
    "evacuated": "evacuated evacuates evacuating evacuees evacuados évacués evakuiert",
    "kidnapped": "kidnapped abducted secuestrados enlevés entführt",
    "missing": "missing unaccounted desaparecidos desaparecidas disparus disparues vermisst vermisste"
    " vermissten пропавших пропавшие dispersi",
    "trapped": "trapped atrapados atrapadas piégés ensevelis eingeschlossen verschüttet intrappolati",
    "freed": "freed released rescued liberated liberados libérés freigelassen gerettet освобождены спасены",
}
TOLLS = {word: toll for toll, said in _TOLLS.items() for word in fold(said)}
"""Folded words for what befell people -> what it is called here."""

WAVERING = frozenset({"missing", "trapped"})
"""Tolls that rise while people are counted and fall while they are found; told after their number alone."""

_ANYBODY = frozenset(
    fold("people persons personas personnes personen menschen человек lives others")
)
_SOMEBODY = frozenset(
    fold(
        "civilians men women children soldiers troops policemen officers militants fighters rebels"
        " passengers migrants refugees workers students protesters demonstrators residents villagers"
        " journalists hostages sailors insurgents gunmen pilgrims patients prisoners inmates rescuers"
        " firefighters tourists terrorists suspects victims"
    )
)
_PEOPLE = _SOMEBODY | _ANYBODY
_MEASURES = frozenset(
    fold(
        "seconds minutes hours days weeks months years decades km kilometres kilometers miles metres meters"
        " feet yards inches acres hectares pages rounds seats votes kilos tonnes tons degrees points times"
        " dollars euros pounds percent am pm year old stunden tage jahre horas días años heures jours ans"
        " minuten wochen"
    )
)
_SHOWN = QUALIFYING | NUMBER_WORDS.keys()
_AFTER, _BEFORE, _HEAD = 5, 4, 3
_AROUND = 5
_ROUND = 100
_LONGEST = 60
_LOOSE = 0.1


@dataclass(frozen=True, slots=True)
class Counted:
    """From `low` to `high` of `what`, said as `text`; `key` is the same where the same may be counted.

    `around` are hashes of the words that stand near; a toll has none, for it needs no more to be the same
    as another report's.
    """

    key: str
    what: str
    text: str
    low: float
    high: float
    around: frozenset[int] = frozenset()


def counted(reading: Reading, rarity: Rarity) -> tuple[Counted, ...]:
    """Return what title, description and lead count, in order."""

    def tells(word: str) -> bool:
        return rarity.weight(word) > 0

    found: list[Counted] = []
    for name, tokens in reading.fields:
        words = tokens.words[: LEAD_WORDS if name == "text" else MOST_WORDS[name]]
        if any(word[0].isdecimal() or word in NUMBER_WORDS for word in words):
            found += _of_field(tokens, words, tells)
    return tuple(dict.fromkeys(found))[:MOST_COUNTED]


def _of_field(tokens: Tokens, words: Sequence[str], tells: Callable[[str], bool]) -> list[Counted]:
    spans = [tokens.span(number) for number in range(len(words))]
    ranges = sentences(tokens.text, spans)
    capitals_tell = share_of_capitals(tokens.text, words, spans, ranges) < MANY
    found = []
    for first, last in ranges:
        said, places = words[first:last], spans[first:last]
        told = figures(tokens.text, said, places, tells, capitals_tell=capitals_tell)
        ends = [0, *(figure.end for figure in told)]
        starts = [*(figure.start for figure in told[1:]), len(said)]
        for figure, since, until in zip(told, ends, starts, strict=False):
            thing = _thing(figure, said, since, until)
            if thing is None or figure.value is None or _is_age(tokens, places, figure):
                continue
            noun, toll = thing
            if not toll and capitals_tell and tokens.text[places[noun or 0][0]].isupper():
                # "2 American", "3 Boeing": the noun that they count comes later.
                continue
            named = "" if noun is None else tokens.text[slice(*places[noun])].lower()
            low, high = _range(figure, said)
            start, end = _shown(figure, said), max(0 if noun is None else noun + 1, figure.end)
            found.append(
                Counted(
                    key=_key("" if noun is None else stem(said[noun]), toll),
                    what=" ".join(filter(None, (named[:_LONGEST], toll))),
                    text=" ".join(tokens.text[places[start][0] : places[end - 1][1]].split())[
                        :_LONGEST
                    ],
                    low=low,
                    high=high,
                    around=frozenset() if toll else _around(figure, said, tells),
                )
            )
    return found


def _shown(figure: Figure, words: Sequence[str]) -> int:
    """Return where a figure begins to be told: at its qualifier, else at the number."""
    at = figure.start
    while at + 1 < figure.end and words[at] not in _SHOWN:
        if words[at][0].isdecimal():
            break
        at += 1
    return at


def _is_age(tokens: Tokens, places: Sequence[tuple[int, int]], figure: Figure) -> bool:
    """Whether a number stands between commas and counts nothing itself: "a man, 67, was arrested"."""
    start, end = places[figure.start][0], places[figure.end - 1][1]
    before = tokens.text[:start].rstrip()[-1:]
    return not figure.noun and before == "," and tokens.text[end : end + 1] == ","


def _key(noun: str, toll: str) -> str:
    return f"{TOLL}{' '.join(filter(None, (noun, toll)))}" if toll else noun


def _thing(
    figure: Figure, words: Sequence[str], since: int, until: int
) -> tuple[int | None, str] | None:
    """Return what a figure counts: the place of its noun (None of people in general) and what befell them
    ("" of anything else); None where nobody can say.

    `since` and `until` are where the figures beside it end and begin.
    """
    number = figure.end - bool(figure.noun)
    places = range(number, min(len(words), number + _HEAD))
    head = next((at for at in places if words[at] in _PEOPLE), None)
    toll = TOLLS.get(figure.noun, "")
    if not toll and (head is not None or not figure.noun):
        after = words[number : min(until, number + _AFTER)]
        before = words[max(since, figure.start - _BEFORE) : figure.start]
        befell = {TOLLS[word] for word in after if word in TOLLS} or {
            TOLLS[word] for word in before if word in TOLLS and TOLLS[word] not in WAVERING
        }
        if len(befell) > 1:
            return None
        toll = next(iter(befell), "")
    if toll:
        return (head if head is not None and words[head] in _SOMEBODY else None), toll
    if not figure.noun or head is not None or figure.noun in _MEASURES:
        return None
    return number, ""


def _around(figure: Figure, words: Sequence[str], tells: Callable[[str], bool]) -> frozenset[int]:
    near = (*words[max(0, figure.start - _AROUND) : figure.start], *words[figure.end :][:_AROUND])
    return frozenset(hash_of(stem(word)) for word in near if word[0].isalpha() and tells(word))


def _range(figure: Figure, words: Sequence[str]) -> tuple[float, float]:
    """Return the least and the most that a figure may mean."""
    value = figure.value or 0.0
    said = words[figure.start : figure.end]
    if _begins(said, LEAST):
        return value, math.inf
    if _begins(said, MOST):
        return 0.0, value
    loose = _loose(value)
    if _begins(said, ABOUT):
        loose = max(loose, _LOOSE * value)
    return value - loose, value + loose


def _begins(said: Sequence[str], phrases: frozenset[tuple[str, ...]]) -> bool:
    return any(tuple(said[: len(phrase)]) == phrase for phrase in phrases)


def _loose(value: float) -> float:
    """Return how far a round number may be off: half a unit of its last digit that is no nought."""
    if value < _ROUND:
        return 0.0
    exponent = Decimal(repr(value)).normalize().as_tuple().exponent
    return 0.5 * 10.0**exponent if isinstance(exponent, int) and exponent > 0 else 0.0

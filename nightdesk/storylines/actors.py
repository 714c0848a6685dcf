"""Who takes part, as drafted from examples: countries by the gazetteer, names by their capitals.

Comes in: examples, read.  Goes out: `Actor`s that most of them mention, each with its aliases and the
reason for it; whether one stands in the title or lead of all is told, and left to judge.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import fsum

from nightdesk.storylines.examples import Read
from nightdesk.storylines.rarity import Rarity
from nightdesk.text.entities import Phrase, PhraseBook
from nightdesk.text.tokens import Tokens

MOST_COUNTRIES = 4
MOST_NAMES = 4

MOST_EXAMPLES = 0.6
"""Share of the examples that must mention an actor."""

_RARE = 5.0
"""Nats from which on a surname alone is a name; commoner ones (House, State) need their first word."""

_NAMED = 0.6
"""Share of a word's uses with a capital from which on it is a name by itself; Pie needs its American."""

_JOINING = "al el de del della da di van von der den bin ibn abu la le of and"
_PARTICLES = frozenset(_JOINING.split())
_REPORTING = (
    "reuters|afp|ap|associated press|voa|bbc|cnn|nbc new|abc new|cbs new|fox new|washington post|"
    "new york time|guardian|bloomberg|xinhua|tass|interfax|dpa|efe|anadolu agency|al jazeera|"
    "al arabiya|wall street journal|getty image|twitter|facebook"
)
_AGENCIES = frozenset(_REPORTING.split("|"))
"""Who reports is no part of what is reported."""


@dataclass(frozen=True)
class Actor:
    """An entity to propose.  `country` is its code; without one, `aliases` are what it is called.

    `central` if it stands in the title or lead of each example: its author may want to require it.
    """

    name: str
    aliases: tuple[str, ...]
    country: str | None
    central: bool
    reason: str


@dataclass
class _Seen:
    """Where something is mentioned: by number of the example; how often no other name's word is beside it."""

    mentions: Counter[int] = field(default_factory=Counter)
    leads: set[int] = field(default_factory=set)
    alone: int = 0
    forms: Counter[Phrase] = field(default_factory=Counter)
    written: dict[Phrase, Counter[str]] = field(default_factory=dict)

    def add(self, number: int, read: Read, start: int, end: int) -> None:
        phrase = read.phrase(start, end)
        self.mentions[number] += 1
        self.forms[phrase] += 1
        self.written.setdefault(phrase, Counter())[read.said(start, end)] += 1
        if start < read.lead:
            self.leads.add(number)

    def as_written(self, phrase: Phrase) -> str:
        return self.written[phrase].most_common(1)[0][0]


def actors(reads: Sequence[Read]) -> list[Actor]:
    """Return the actors of most examples: countries first, then names, the surest first."""
    countries, taken = _countries(reads)
    return [*_proposed_countries(countries, len(reads)), *_proposed_names(reads, taken)]


def _countries(reads: Sequence[Read]) -> tuple[dict[str, _Seen], list[set[int]]]:
    """Return code -> where it is mentioned, and for each example the words that mention one."""
    from nightdesk.text.gazetteer import ENGLISH, countries_by_phrase

    seen: dict[str, _Seen] = {}
    taken: list[set[int]] = []
    for number, read in enumerate(reads):
        language = read.example.language
        language = language if language != "und" else ENGLISH
        known = countries_by_phrase(language)
        itself = countries_by_phrase(language, capital=False)
        phrases = list(known)
        words: set[int] = set()
        for start, end, at in read.find(PhraseBook(phrases)):
            if _is_name(read, start):
                seen.setdefault(known[phrases[at]], _Seen()).add(number, read, start, end)
                # The White House is its country, and an actor of its own.
                if end - start == 1 or phrases[at] in itself:
                    words.update(range(start, end))
        taken.append(words)
    return seen, taken


def _is_name(read: Read, at: int) -> bool:
    """Whether the word has a capital, where its script has any: "turkey" is no country."""
    letter = read.tokens.text[read.spans[at][0]]
    return letter.isupper() or not letter.islower() or read.example.language not in {"en", "und"}


def _proposed_countries(seen: dict[str, _Seen], total: int) -> list[Actor]:
    from nightdesk.text.gazetteer import english_name

    found = []
    for code, where in seen.items():
        if not _often(where, total):
            continue
        central = len(where.leads) == total
        said = ", ".join(where.as_written(form) for form, _ in where.forms.most_common(3))
        reason = f"{_share(where, total)}, as {said}"
        found.append((central, where, Actor(english_name(code), (), code, central, reason)))
    found.sort(key=lambda item: (not item[0], -len(item[1].mentions), -item[1].mentions.total()))
    return [actor for _, _, actor in found[:MOST_COUNTRIES]]


def _proposed_names(reads: Sequence[Read], taken: Sequence[set[int]]) -> list[Actor]:
    total, rarity = len(reads), reads[0].rarity
    found = []
    known = _names(reads, taken)
    often = {
        key: where
        for key, where in known.items()
        if _often(where, total) and where.mentions.total() > 1
    }
    for key, where in often.items():
        aliases, doubt = _aliases(where, key, rarity)
        if not aliases or any(_is_part(key, of, longer) for of, longer in often.items()):
            continue
        central = len(where.leads) == total
        rare = fsum(rarity.weight(word) for word in key)
        name = max(aliases, key=len)
        actor = Actor(name, aliases, None, central, _share(where, total) + doubt)
        found.append(((not central, -len(where.mentions), -len(where.leads), -rare), actor))
    found.sort(key=lambda item: item[0])
    return [actor for _, actor in found[:MOST_NAMES]]


def _is_part(key: Phrase, of: Phrase, longer: _Seen) -> bool:
    """Whether a name is but a part of how another is mostly written: Tara of Tara Reid."""
    whole = _longest(longer, of)
    return key != of and any(
        whole[at : at + len(key)] == key for at in range(len(whole) - len(key) + 1)
    )


def _names(reads: Sequence[Read], taken: Sequence[set[int]]) -> dict[Phrase, _Seen]:
    """Return names that are no countries: by what tells each, where it stands in any example."""
    seen: dict[Phrase, _Seen] = {}
    for number, read in enumerate(reads):
        for start, end in read.names:
            key = _key(read, start, end)
            inside = set(range(end - len(key), end))
            if key and not inside <= taken[number] and " ".join(key) not in _AGENCIES:
                _add_longer(seen.setdefault(key, _Seen()), read, start, end, len(key))
    # What is a name in one example is one wherever it has a capital, at the head of a sentence too.
    keys = list(seen)
    book = PhraseBook(keys)
    for number, read in enumerate(reads):
        for start, end, at in read.find(book):
            if read.tokens.text[read.spans[start][0]].isupper() or end - start > 1:
                seen[keys[at]].add(number, read, start, end)
                seen[keys[at]].alone += not read.is_within_name(start, end)
    return {key: where for key, where in seen.items() if where.mentions}


def _key(read: Read, start: int, end: int) -> Phrase:
    """Return what tells a name: its last word if that is rare, else its last two."""
    words = read.tokens.words
    last = words[end - 1]
    if len(last) > 1 and read.rarity.weight(last) >= _RARE:
        return (last,)
    first = _first(words, start, end)
    # "The Syrian", where a heading runs into a sentence, is no name.
    while first < end and not read.rarity.weight(words[first]):
        first += 1
    return tuple(words[first:end]) if first < end - 1 else ()


def _first(words: Sequence[str], start: int, end: int) -> int:
    """Return where the two last words of a name begin; a particle between them is none."""
    first = end - 2
    while first > start and words[first] in _PARTICLES:
        first -= 1
    return max(start, first)


def _add_longer(where: _Seen, read: Read, start: int, end: int, known: int) -> None:
    """Note the name with the word before it: John Kerry, Bashar al-Assad."""
    first = _first(read.tokens.words, start, end)
    if end - first > known:
        where.forms[read.phrase(first, end)] += 1
        where.written.setdefault(read.phrase(first, end), Counter())[read.said(first, end)] += 1


def _aliases(where: _Seen, key: Phrase, rarity: Rarity) -> tuple[tuple[str, ...], str]:
    """Return how it is called, the commonest longer form, if there is one, and the short one, and what is
    said of that where it is left out: no text calls it so, or any text may.
    """
    longer = _longest(where, key)
    whole, short = where.as_written(longer), where.as_written(key)
    named = rarity.names.get(rarity.term(key[0]), 1.0) if len(key) == 1 else 1.0
    if longer == key:
        return ((short,) if named >= _NAMED else ()), ""
    if named < _NAMED:
        return (whole,), f"; “{short}” alone is also a common word"
    if not where.alone:
        return (whole,), f"; nowhere “{short}” alone"
    return tuple(dict.fromkeys((whole, short))), ""


def _longest(where: _Seen, key: Phrase) -> Phrase:
    """Return the commonest form that is longer than `key`; `key` where there is none."""
    return next((form for form, _ in where.forms.most_common() if len(form) > len(key)), key)


def _often(where: _Seen, total: int) -> bool:
    """Whether most examples mention it, and it is no mere aside in them."""
    if total == 1:
        return bool(where.leads) and where.mentions.total() > 1
    share, leads = len(where.mentions) / total, len(where.leads) / total
    return len(where.mentions) > 1 and (share == 1 or (share >= MOST_EXAMPLES and leads >= 0.5))


def _share(where: _Seen, total: int) -> str:
    if total == 1:
        return f"mentioned {where.mentions.total()} times"
    leads = f"; in title or lead of {len(where.leads)}" if where.leads else ""
    return f"in {len(where.mentions)} of {total} examples{leads}"


def words_of(actors: Iterable[Actor], languages: Iterable[str]) -> frozenset[str]:
    """Return all folded words of the actors' names."""
    from nightdesk.text.gazetteer import country_names

    told = list(dict.fromkeys(languages))
    all_names = [
        name
        for actor in actors
        for name in (*actor.aliases, *(country_names(actor.country, told) if actor.country else ()))
    ]
    return frozenset(word for name in all_names for word in Tokens(name).words)

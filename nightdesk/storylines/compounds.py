"""Words that some write as one and some as two: ceasefire and cease fire, walkout and walk out.

Comes in: a phrase as it is written.  Goes out: the folded forms that it has besides.  Only what is written
in small letters is taken apart or put together (Whitehead is no white head), and only into words that the
shipped rarity knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from nightdesk.storylines.rarity import shipped_rarity
from nightdesk.text.entities import LONGEST_PHRASE, Phrase
from nightdesk.text.folding import RAW_WORD
from nightdesk.text.tokens import fold

_LEAST = 4
"""Letters of either part."""

_BRIEF_PARTS = frozenset(["air", "car", "gun", "ice", "job", "law", "oil", "sea", "tax"])
_PARTICLES = frozenset(["away", "back", "down", "off", "out", "over", "up"])
"""Second words of nouns that were verbs: walkout, handover."""

_ENDINGS = frozenset(["able", "ability", "ally", "fully", "king", "less", "ring", "wing"])
"""Words that are mostly the end of another one: personally, trafficking."""


def compounds(text: str) -> Iterator[Phrase]:
    """Yield the folded forms of a phrase with one of its words in two, or two in one."""
    raws = RAW_WORD.findall(text)
    if not any(map(str.islower, raws)):
        return
    words = fold(text)[:LONGEST_PHRASE]
    # Of hyphens others take care.
    if len(raws) != len(words):
        return
    for at, word in enumerate(words):
        if raws[at].islower():
            if parts := _parts(word):
                yield (*words[:at], *parts, *words[at + 1 :])
            if at + 1 < len(words) and raws[at + 1].islower() and _are_one(word, words[at + 1]):
                yield (*words[:at], word + words[at + 1], *words[at + 2 :])


def _are_one(first: str, second: str) -> bool:
    return _join(first, second) and (second in _PARTICLES or first + second in _known())


@lru_cache(maxsize=8_192)
def _parts(word: str) -> tuple[str, ...]:
    """Return the two words that one is made of; none where it is made of none, or could be of several."""
    found = [
        (word[:at], word[at:]) for at in range(3, len(word) - 1) if _join(word[:at], word[at:])
    ]
    return found[0] if len(found) == 1 and word.isascii() else ()


def _join(first: str, second: str) -> bool:
    known = _known()
    if known.get(first, 0.0) <= 0.0:
        return False
    if second in _PARTICLES:
        return len(first) > 2
    enough = len(first) >= _LEAST or first in _BRIEF_PARTS
    told = known.get(second, 0.0) > 0.0 and len(second) >= _LEAST
    return enough and told and second not in _ENDINGS


def _known() -> Mapping[str, float]:
    return shipped_rarity().weights

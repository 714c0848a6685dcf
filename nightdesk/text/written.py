"""Phrases that count only as they are written: ICE is no ice, AT&T is not "at T".

Comes in: a phrase, or a text that may be one.  Goes out: what it is looked for by, and whether a text says it
as it is written.  Its words are folded ones, as those of any phrase, but for these: one in capitals ("ICE")
stands for the folded word where the text has it in capitals, one behind a sign ("&T") for the word behind it.
"""

from __future__ import annotations

from collections.abc import Sequence

from nightdesk.text.folding import ACRONYMS, HYPHENS
from nightdesk.text.tokens import Tokens

Words = tuple[str, ...]

_JOINING = frozenset("&+")
"""Signs that join words, with spaces around them or without."""

_TIGHT = frozenset("./-")
"""Signs that join capitals and numbers without a space: E.ON, B-2."""

_SIGNS = _JOINING | _TIGHT
_FOLDED = frozenset(ACRONYMS.values())
"""Words that are capitals in any text."""

_LONGEST = 5
"""Letters of what may be an acronym."""

_LOOKED_AT = 200
"""Characters of what may be such a phrase: longer ones hold other words."""

_ACRONYMS = (
    "eu ice act aim art ash ave bay beach bild bund bush cap dream est fin hop image lake map mar march mark"
    " mer mill moon nord north pan pari park pen pope post prime read reed rep rice river rock rust sal salt"
    " sand sea seal sec shell sol south star stone sud sun sur swan tip tower union vie welt west whip wolf"
    " wood zeit"
)
_ALSO_WORDS = frozenset(_ACRONYMS.split())
"""Words that are acronyms too, folded: those that American news writes in capitals mostly, and those of other
languages, as the Portuguese and Romanian "eu" (I) and the Spanish "pan" (bread)."""


class Written(tuple[str, ...]):
    """A phrase of which some words count only as they are written."""

    __slots__ = ()

    @property
    def plain(self) -> Words:
        """Its words, folded."""
        return tuple(map(_plain, self))

    def stands(self, tokens: Tokens, start: int) -> bool:
        """Whether a text has it as it is written, of which it has the folded words from `start` on."""
        end = tokens.span(start)[0]
        for at, word in enumerate(self, start=start):
            first, last = tokens.span(at)
            if word[0] in _SIGNS and _sign(tokens.text[end:first]) != word[0]:
                return False
            if word[-1] != _plain(word)[-1] and not _shouted(tokens.text[first:last]):
                return False
            end = last
        return True


def plain(phrase: Words) -> Words:
    """Return the folded words of a phrase; the phrase itself where it counts in any writing."""
    return phrase.plain if isinstance(phrase, Written) else phrase


def is_also_a_word(word: str) -> bool:
    """Whether a folded acronym is a word of some language when it is written small."""
    return word in _ALSO_WORDS


def in_capitals(text: str, words: Words) -> Written | None:
    """Return `text`, whose folded words these are, as what counts in capitals only; None where it is no
    single word of two to five capitals."""
    letters = text.strip().replace(".", "")
    if len(words) != 1 or not (1 < len(letters) <= _LONGEST and letters.isupper()):
        return None
    (word,) = words
    capitals = word.isascii() and word.isalpha() and word.islower()
    return Written([word.upper()]) if capitals else None


def as_written(text: str) -> Written | None:
    """Return a phrase with words that signs join (AT&T, P & O, E.ON, B-2) as what counts behind these signs
    only; None of any other text."""
    tokens = Tokens(text[:_LOOKED_AT].strip())
    words = tokens.words
    raws = [tokens.text[start:end] for start, end in tokens.spans()]
    signs = ["", *(_joined_by(tokens, at, raws) for at in range(1, len(words)))]
    if "_" in words or not any(signs):
        return None
    told = []
    for at, (sign, word, raw) in enumerate(zip(signs, words, raws, strict=True)):
        joined = sign or (at + 1 < len(signs) and signs[at + 1])
        told.append(sign + (word.upper() if joined and raw.isupper() and word.isascii() else word))
    return Written(told)


def _joined_by(tokens: Tokens, at: int, raws: Sequence[str]) -> str:
    """Return the sign that joins word `at` to the one before it, if any does."""
    between = tokens.text[tokens.span(at - 1)[1] : tokens.span(at)[0]]
    sign = _sign(between)
    small = any(map(str.islower, raws[at - 1] + raws[at]))
    tight = sign in _TIGHT and not small and between.strip() == between
    return sign if sign in _JOINING or tight else ""


def _plain(word: str) -> str:
    bare = word[1:] if word[0] in _SIGNS else word
    return bare if bare in _FOLDED else bare.lower()


def _sign(between: str) -> str:
    """Return the sign that joins two words; what stands between them where it is none."""
    bare = between.strip()
    return "-" if bare in HYPHENS else bare


def _shouted(said: str) -> bool:
    """Whether a word is in capitals, but for the ending of a plural: SUVs."""
    return said.removesuffix("s").isupper()

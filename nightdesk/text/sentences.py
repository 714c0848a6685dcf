"""Cuts a text into sentences, as ranges of its words: by the marks of any script and by line ends.

Comes in: a text and the places of its words.  Goes out: (start, end) word indices, in order, none empty,
none longer than `LONGEST`.  A full stop ends no sentence after an initial or a title ("J. Kerry",
"Gen. Dunford"), nor before a small letter.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

LONGEST = 80
"""Words after which a sentence ends in any case: a page without marks is not one sentence."""

_END = re.compile(r"[!?\n。！？؟۔।॥;؛；…]")
_ABBREVIATED = (
    "mr mrs ms dr gen col lt maj capt cmdr adm sgt rep sen gov st prof jr sr rev hon pres inc ltd co corp"
    " vs no jan feb mar apr jun jul aug sep sept oct nov dec"
)
_TITLES = frozenset(_ABBREVIATED.split())


def sentences(text: str, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the word ranges of the sentences, end excluded; together they are all words.

    `spans` are (start, end) in characters of `text`, in order, as `Tokens.spans` gives them.
    """
    found: list[tuple[int, int]] = []
    start = 0
    for at in range(1, len(spans)):
        gap = text[spans[at - 1][1] : spans[at][0]]
        if at - start >= LONGEST or (gap not in {" ", ""} and _ends(text, spans, at, gap)):
            found.append((start, at))
            start = at
    if spans:
        found.append((start, len(spans)))
    return found


def _ends(text: str, spans: Sequence[tuple[int, int]], at: int, gap: str) -> bool:
    if _END.search(gap):
        return True
    if "." not in gap or len(gap) == 1 or text[spans[at][0]].islower():
        return False
    start, end = spans[at - 1]
    before = text[start:end]
    initial = len(before) == 1 and before.isupper()
    return not (initial or "." in before or before.lower() in _TITLES)
